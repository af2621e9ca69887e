// The searches for strings and numbers.
#include <gtest/gtest.h>

#include "common/schema/number_search.h"
#include "common/schema/text_search.h"

namespace sluice::schema {
namespace {

// Keeps the patterns of a query alive.
class TextSearch : public testing::Test {
 protected:
  TextQuery Query(const std::vector<std::string>& matching, const std::vector<std::string>& not_matching) {
    TextQuery query;
    for (const std::string& text : matching) query.matching.push_back(Make(text));
    for (const std::string& text : not_matching) query.not_matching.push_back(Make(text));
    return query;
  }
  Found Search(const TextQuery& query) {
    const TextAnswer answer = FindText(query, cache_);
    if (answer.found == Found::kSome) EXPECT_TRUE(Fits(query, answer.text)) << answer.text;
    return answer.found;
  }

 private:
  const Pattern* Make(const std::string& text) {
    patterns_.push_back(*Pattern::Make(text));
    return patterns_.back().get();
  }
  std::vector<std::shared_ptr<const Pattern>> patterns_;
  PatternCache cache_;
};

TEST_F(TextSearch, OneExpressionInAnother) {
  EXPECT_EQ(Search(Query({"^[a-c]+$"}, {"^[a-z]*$"})), Found::kNone);
  EXPECT_EQ(Search(Query({"^[a-z]*$"}, {"^[a-c]+$"})), Found::kSome);
  EXPECT_EQ(Search(Query({"^(foo|bar)$"}, {"^(bar|foo|baz)$"})), Found::kNone);
  EXPECT_EQ(Search(Query({"^\\d{4}-\\d{2}$"}, {"^[0-9-]{7}$"})), Found::kNone);
  EXPECT_EQ(Search(Query({"x"}, {"^x", "x$"})), Found::kSome);
  EXPECT_EQ(Search(Query({"^a|b$"}, {"a", "b"})), Found::kNone);
}

TEST_F(TextSearch, AnExpressionThatEverythingMatches) {
  EXPECT_EQ(Search(Query({}, {"[a-z]*"})), Found::kNone);
  EXPECT_EQ(Search(Query({}, {"^.*$"})), Found::kSome);  // a line end
  EXPECT_EQ(Search(Query({}, {"^[\\s\\S]*$"})), Found::kNone);
}

TEST_F(TextSearch, Lengths) {
  TextQuery query = Query({"^a*$"}, {});
  query.least = 300;
  query.most = 300;
  EXPECT_EQ(Search(query), Found::kSome);
  query = Query({"^(ab)*$"}, {});
  query.least = 3;
  query.most = 3;
  EXPECT_EQ(Search(query), Found::kNone);
  query = Query({"^[A-Z]{2}$"}, {});
  query.most = 1;
  EXPECT_EQ(Search(query), Found::kNone);
}

TEST_F(TextSearch, ExcludedStrings) {
  TextQuery query = Query({"^[ab]$"}, {});
  query.excluded = {"a"};
  EXPECT_EQ(FindText(query, *std::make_unique<PatternCache>()).text, "b");
  query.excluded = {"a", "b"};
  EXPECT_EQ(Search(query), Found::kNone);
  TextQuery free;
  free.most = 0;
  free.excluded = {""};
  EXPECT_EQ(Search(free), Found::kNone);
}

TEST_F(TextSearch, WhatIsNoRegularLanguageIsNotProved) {
  EXPECT_EQ(Search(Query({"^(?=.*a)b$"}, {"a"})), Found::kUnknown);
  EXPECT_EQ(Search(Query({"^(?=.*a)b$"}, {"^(?=.*a)b$"})), Found::kNone);
  EXPECT_EQ(Search(Query({"^(?=a)", "^b$"}, {"b"})), Found::kNone);  // whatever the first one says
}

TEST_F(TextSearch, IsBounded) {
  EXPECT_NE(Search(Query({"^(a|b)*a(a|b){14}$"}, {"^(a|b)*b(a|b){14}$", "c"})), Found::kNone);
  EXPECT_EQ(Search(Query({"^(a{90}){90}$"}, {})), Found::kUnknown);
}

Decimal Number(const char* text) { return *Decimal::Parse(text); }

TEST(NumberSearch, Intervals) {
  EXPECT_EQ(FindNumber({.least = Number("1"), .most = Number("0")}).found, Found::kNone);
  EXPECT_EQ(FindNumber({.least = Number("1"), .most = Number("1"), .most_open = true}).found, Found::kNone);
  EXPECT_EQ(FindNumber({.least = Number("1.1"), .most = Number("1.9"), .whole = true}).found, Found::kNone);
  EXPECT_EQ(FindNumber({.least = Number("1"), .most = Number("2"), .fraction = true}).found, Found::kSome);
}

TEST(NumberSearch, Grids) {
  EXPECT_EQ(FindNumber({.whole = true, .multiple_of = {Number("6")}, .not_multiple_of = {Number("3")}}).found,
            Found::kNone);
  const NumberAnswer two =
      FindNumber({.whole = true, .multiple_of = {Number("2")}, .not_multiple_of = {Number("4")}});
  ASSERT_EQ(two.found, Found::kSome);
  EXPECT_TRUE(two.number.IsMultipleOf(Number("2")) && !two.number.IsMultipleOf(Number("4")))
      << two.number.ToString();
  EXPECT_EQ(FindNumber({.multiple_of = {Number("0.5")}, .not_multiple_of = {Number("0.1")}}).found,
            Found::kNone);
  EXPECT_EQ(
      FindNumber({.least = Number("1"), .most = Number("3"), .whole = true, .excluded = {1, 2, 3}}).found,
      Found::kNone);
  EXPECT_EQ(FindNumber({.fraction = true, .multiple_of = {Number("2")}}).found, Found::kNone);
}

}  // namespace
}  // namespace sluice::schema
