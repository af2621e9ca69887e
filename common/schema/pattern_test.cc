#include "common/schema/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::schema {
namespace {

struct Case {
  std::string pattern;
  std::string subject;
  bool matches;
};

TEST(Pattern, MatchesAsEcmaScriptDoes) {
  const Case cases[] = {
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^a$", "a\n", false},
      {"^a$", "b\na", false},
      {"a.c", "a\nc", false},
      {"a.c", "a\u2028c", false},
      {"a.c", "a😀c", true},
      {"^\\d+$", "٣", false},
      {"^\\D$", "٣", true},
      {"^\\w$", "é", false},
      {"^\\W$", "é", true},
      {"^\\s$", "\u00a0", true},
      {"^\\s$", "\ufeff", true},
      {"^\\s$", "\u180e", false},
      {"^\\S$", "\u2003", false},
      {"^[\\S]$", "\u2003", false},
      {"^[^\\s]$", "\u2003", false},
      {"^\\cA$", "\x01", true},
      {"^\\v$", "\x0b", true},
      {"^\\v$", "\n", false},
      {"^[\\b]$", "\b", true},
      {"\\bcat\\b", "a cat", true},
      {"^\\u{1F600}$", "😀", true},
      {"^\\uD83D\\uDE00$", "😀", true},
      {"^[😀-😂]$", "😁", true},
      {"^\\u00e9\\x41$", "éA", true},
      {"^\\0$", std::string(1, '\0'), true},
      {"^\\p{Letter}+$", "Ωé", true},
      {"^\\p{Lu}$", "é", false},
      {"^\\P{L}$", "1", true},
      {"^\\p{Script=Greek}$", "Ω", true},
      {"^\\p{gc=Uppercase_Letter}$", "A", true},
      {"^[\\p{L}\\d]$", "é", true},
      {"[]", "a", false},
      {"^[^]$", "\n", true},
      {"^[[:alpha:]]$", "b", false},
      {"^[]a]$", "a]", false},
      {"^[\\w-.]+$", "a-b.c", true},
      {"^[a\\]b]$", "]", true},
      {"^(a)(b)\\2\\1$", "abba", true},
      {"^(?<x>a|b)\\k<x>$", "bb", true},
      {"^(?<x>a|b)\\k<x>$", "ab", false},
      {"^\\1(a)$", "a", true},
      {"^a{2,3}$", "aaaa", false},
      {"^a{,3}$", "a{,3}", true},
      {"^{a}$", "{a}", true},
      {"^(?=a)\\w(?!b)", "ab", false},
      {"(?<=a)b", "ab", true},
      {"^\\-\\/\\@$", "-/@", true},
      {"^a#b c$", "a#b c", true},
      {"", "anything", true},
  };
  for (const Case& c : cases) {
    const auto pattern = Pattern::Make(c.pattern);
    ASSERT_TRUE(pattern.ok()) << pattern.status();
    EXPECT_EQ((*pattern)->Matches(c.subject), c.matches) << c.pattern << " on " << c.subject;
  }
}

TEST(Pattern, RefusesWhatEcmaScriptDoesNotHave) {
  for (const char* text :
       {"(",     ")",     "[",     "[a",          "a**",           "a++",    "*a",        "^*",
        "(?i)a", "(?>a)", "(?#c)", "(?P<n>a)",    "\\a",           "\\Z",    "\\A",       "\\Q",
        "\\h",   "\\K",   "\\p",   "\\p{}",       "\\p{Nonsense}", "\\2(a)", "\\k<a>",    "(?<a>)(?<a>)",
        "(?<a",  "[b-a]", "\\u12", "\\u{110000}", "\\x1",          "\\",     "(*ACCEPT)", "a{3,2}",
        "\\c1",  "[\\1]"}) {
    EXPECT_FALSE(Pattern::Make(text).ok()) << text;
  }
  EXPECT_FALSE(Pattern::Make(std::string(5'000, 'a')).ok());
  EXPECT_EQ(Pattern::Make("ab(").status().message(),
            "\"ab(\" is no regular expression that can be used: a ( that is not closed at byte 4");
}

// Each of them would take minutes or the stack without a bound.
TEST(Pattern, BacktrackingIsBounded) {
  const std::string many(5'000, 'a');
  for (const char* text : {"^(a+)+$", "(a|aa)+$", "(.*)*x", "^(a?){25}(a){25}$", "(a*)*b", "a*a*a*a*a*a*b",
                           "^((a*)*)*$", "(x+x+)+y"}) {
    const auto pattern = Pattern::Make(text);
    ASSERT_TRUE(pattern.ok());
    (*pattern)->Matches(many + "!");
    (*pattern)->Matches(std::string(100'000, 'x') + "!");
  }
  EXPECT_EQ((*Pattern::Make("^(a+)+$"))->Matches(many + "!"), std::nullopt);
  EXPECT_EQ((*Pattern::Make("^[a-z0-9]*$"))->Matches(std::string(4'000'000, 'a')), true);
  for (const std::string& text : {std::string(4'000, '('), std::string(2'000, '(') + std::string(2'000, ')'),
                                  std::string("((((a{1,999}){1,999}){1,999}){1,999})")}) {
    EXPECT_FALSE(Pattern::Make(text).ok());
  }
}

TEST(Pattern, NoAnswerForBytesThatAreNoText) {
  EXPECT_EQ((*Pattern::Make("a"))->Matches("\xff"), std::nullopt);
}

}  // namespace
}  // namespace sluice::schema
