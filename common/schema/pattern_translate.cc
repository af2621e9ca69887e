#include "common/schema/pattern_translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::schema {
namespace {

// ECMA-262's WhiteSpace and LineTerminator, and everything else, for use inside a class.
constexpr std::string_view kSpace =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNoSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e})"
    R"(\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";

// General categories by their long names (UAX #44), which PCRE2 knows by the short ones only.
constexpr std::pair<std::string_view, std::string_view> kCategories[] = {{"Cased_Letter", "L&"},
                                                                         {"Close_Punctuation", "Pe"},
                                                                         {"Connector_Punctuation", "Pc"},
                                                                         {"Control", "Cc"},
                                                                         {"cntrl", "Cc"},
                                                                         {"Currency_Symbol", "Sc"},
                                                                         {"Dash_Punctuation", "Pd"},
                                                                         {"Decimal_Number", "Nd"},
                                                                         {"digit", "Nd"},
                                                                         {"Enclosing_Mark", "Me"},
                                                                         {"Final_Punctuation", "Pf"},
                                                                         {"Format", "Cf"},
                                                                         {"Initial_Punctuation", "Pi"},
                                                                         {"LC", "L&"},
                                                                         {"Letter", "L"},
                                                                         {"Letter_Number", "Nl"},
                                                                         {"Line_Separator", "Zl"},
                                                                         {"Lowercase_Letter", "Ll"},
                                                                         {"Mark", "M"},
                                                                         {"Combining_Mark", "M"},
                                                                         {"Math_Symbol", "Sm"},
                                                                         {"Modifier_Letter", "Lm"},
                                                                         {"Modifier_Symbol", "Sk"},
                                                                         {"Nonspacing_Mark", "Mn"},
                                                                         {"Number", "N"},
                                                                         {"Open_Punctuation", "Ps"},
                                                                         {"Other", "C"},
                                                                         {"Other_Letter", "Lo"},
                                                                         {"Other_Number", "No"},
                                                                         {"Other_Punctuation", "Po"},
                                                                         {"Other_Symbol", "So"},
                                                                         {"Paragraph_Separator", "Zp"},
                                                                         {"Private_Use", "Co"},
                                                                         {"Punctuation", "P"},
                                                                         {"punct", "P"},
                                                                         {"Separator", "Z"},
                                                                         {"Space_Separator", "Zs"},
                                                                         {"Spacing_Mark", "Mc"},
                                                                         {"Surrogate", "Cs"},
                                                                         {"Symbol", "S"},
                                                                         {"Titlecase_Letter", "Lt"},
                                                                         {"Unassigned", "Cn"},
                                                                         {"Uppercase_Letter", "Lu"}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string CodePoint(uint32_t c) { return fmt::format("\\x{{{:x}}}", c); }

class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  absl::StatusOr<TranslatedPattern> Run() {
    if (!CollectGroups() || !Expression()) {
      return absl::InvalidArgumentError(fmt::format("{} at byte {}", problem_, at_ + 1));
    }
    return TranslatedPattern{std::move(out_), captures_};
  }

 private:
  bool Fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool Take(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  // The names of the capturing groups in their order (empty: without name), for references to later ones.
  bool CollectGroups() {
    bool in_class = false;
    for (size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') {
        ++i;
      } else if (in_class || c == '[') {
        in_class = c != ']';
      } else if (c == '(' && text_.substr(i + 1, 1) != "?") {
        groups_.emplace_back();
      } else if (text_.substr(i, 3) == "(?<" && text_.substr(i + 3, 1) != "=" &&
                 text_.substr(i + 3, 1) != "!") {
        const size_t end = std::min(text_.find('>', i), text_.size());
        const std::string_view name = text_.substr(i + 3, end - i - 3);
        at_ = i;
        if (name.empty() || end == text_.size()) return Fail("a group without a name");
        if (std::find(groups_.begin(), groups_.end(), name) != groups_.end())
          return Fail("two groups of one name");
        groups_.push_back(name);
      }
    }
    at_ = 0;
    return true;
  }

  bool Expression() {
    bool repeatable = false;  // what was read last may be repeated
    while (at_ < text_.size()) {
      if (!Term(repeatable)) return false;
    }
    return open_.empty() ? true : Fail("a ( that is not closed");
  }

  bool Term(bool& repeatable) {
    const char c = Peek();
    const bool after = std::exchange(repeatable, true);
    switch (c) {
      case '\\':
        return Escape(repeatable);
      case '[':
        return Class();
      case '(':
        repeatable = false;
        return OpenGroup();
      case ')':
        if (open_.empty()) return Fail("a ) without (");
        repeatable = open_.back() != '<';
        open_.pop_back();
        return Copy(1);
      case '.':
        ++at_;
        out_ += R"([^\x{a}\x{d}\x{2028}\x{2029}])";
        return true;
      case '^':
      case '$':
      case '|':
        repeatable = false;
        return Copy(1);
      case '*':
      case '+':
      case '?':
      case '{':
        if (c == '{' && CountLength() == 0) return Literal();
        if (!after) return Fail("nothing to repeat");
        repeatable = false;
        return Quantifier();
      default:
        return Literal();
    }
  }

  bool Copy(size_t bytes) {
    out_.append(text_, at_, bytes);
    at_ += bytes;
    return true;
  }

  // A character that stands for itself.
  bool Literal() {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x80 && !IsLetter(c) && !IsDigit(c)) {
      ++at_;
      out_ += CodePoint(static_cast<uint32_t>(c));
      return true;
    }
    size_t length = 1;
    while (at_ + length < text_.size() && (text_[at_ + length] & 0xC0) == 0x80) ++length;
    return Copy(length);
  }

  // The bytes of `{n}`, `{n,}` or `{n,m}` at at_; 0: none stands there.
  size_t CountLength() const {
    size_t i = 1;
    const auto digits = [&] {
      const size_t begin = i;
      while (IsDigit(Peek(i))) ++i;
      return i - begin;
    };
    if (digits() == 0) return 0;
    if (Peek(i) == ',') {
      ++i;
      digits();
    }
    return Peek(i) == '}' ? i + 1 : 0;
  }

  bool Quantifier() {
    Copy(Peek() == '{' ? CountLength() : 1);
    return Peek() == '?' ? Copy(1) : true;
  }

  bool OpenGroup() {
    for (const std::string_view kind : {"(?:", "(?=", "(?!"}) {
      if (text_.substr(at_, 3) != kind) continue;
      open_ += '(';
      return Copy(3);
    }
    for (const std::string_view kind : {"(?<=", "(?<!"}) {
      if (text_.substr(at_, 4) != kind) continue;
      open_ += '<';
      return Copy(4);
    }
    if (text_.substr(at_, 3) == "(?<") {
      at_ = text_.find('>', at_) + 1;  // CollectGroups found it
    } else if (Peek(1) == '?') {
      return Fail("a kind of group that ECMA-262 does not have");
    } else {
      ++at_;
    }
    open_ += '(';
    out_ += '(';
    return true;
  }

  // An escape outside of a class.
  bool Escape(bool& repeatable) {
    const char c = Peek(1);
    if (c == 'b' || c == 'B') {
      repeatable = false;
      return Copy(2);
    }
    if (c >= '1' && c <= '9') return NumberedReference();
    if (c == 'k') return NamedReference();
    std::string set;
    if (SetEscape(set)) {
      out_ += "[" + set + "]";
      return true;
    }
    if (!problem_.empty()) return false;
    const std::optional<uint32_t> character = CharacterEscape();
    if (!character) return false;
    out_ += CodePoint(*character);
    return true;
  }

  bool Refer(size_t group) {
    captures_ = true;
    out_ += fmt::format("\\g{{{}}}", group);
    return true;
  }

  bool NumberedReference() {
    size_t number = 0;
    size_t end = at_ + 1;
    for (; end < text_.size() && IsDigit(text_[end]) && number < 10'000; ++end) {
      number = number * 10 + static_cast<size_t>(text_[end] - '0');
    }
    if (number > groups_.size()) return Fail("a reference to a group that there is not");
    at_ = end;
    return Refer(number);
  }

  bool NamedReference() {
    const size_t end = text_.find('>', at_);
    if (Peek(2) != '<' || end == std::string_view::npos) return Fail("\\k without a name");
    const auto group = std::find(groups_.begin(), groups_.end(), text_.substr(at_ + 3, end - at_ - 3));
    if (group == groups_.end() || group->empty()) return Fail("a reference to a group that there is not");
    at_ = end + 1;
    return Refer(static_cast<size_t>(group - groups_.begin()) + 1);
  }

  // An escape for a set of characters, as PCRE2 has it inside a class. False and no problem: it is none.
  bool SetEscape(std::string& set) {
    switch (Peek(1)) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
        set = text_.substr(at_, 2);
        break;
      case 's':
        set = kSpace;
        break;
      case 'S':
        set = kNoSpace;
        break;
      case 'p':
      case 'P':
        return Property(set);
      default:
        return false;
    }
    at_ += 2;
    return true;
  }

  bool Property(std::string& set) {
    const size_t end = text_.find('}', at_);
    if (Peek(2) != '{' || end == std::string_view::npos) return Fail("\\p without a property in braces");
    std::string_view name = text_.substr(at_ + 3, end - at_ - 3);
    for (const std::string_view prefix : {"General_Category=", "gc="}) {
      if (name.substr(0, prefix.size()) == prefix) name.remove_prefix(prefix.size());
    }
    const auto word = [](char c) { return IsLetter(c) || IsDigit(c) || c == '_' || c == '='; };
    if (name.empty() || !std::all_of(name.begin(), name.end(), word))
      return Fail("a property that there is not");
    const auto* category = std::find_if(std::begin(kCategories), std::end(kCategories),
                                        [&](const auto& c) { return c.first == name; });
    if (category != std::end(kCategories)) name = category->second;
    set = fmt::format("\\{}{{{}}}", Peek(1), name);
    at_ = end + 1;
    return true;
  }

  // An escape for one character; `\b` is one inside a class only.
  std::optional<uint32_t> CharacterEscape() {
    const char c = Peek(1);
    if (at_ + 1 >= text_.size()) return Refuse("a backslash at the end");
    constexpr std::string_view kNamed = "tnvfr";
    if (const size_t named = kNamed.find(c); named != std::string_view::npos)
      return Taken(2, static_cast<uint32_t>(9 + named));
    if (c == '0' && !IsDigit(Peek(2))) return Taken(2, 0);
    if (c == 'c' && IsLetter(Peek(2))) return Taken(3, static_cast<uint32_t>(Peek(2)) & 31U);
    if (c == 'x') return Hex(2, 2);
    if (c == 'u') return Unicode();
    if (IsLetter(c) || IsDigit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80) {
      return Refuse("an escape that ECMA-262 does not have");
    }
    return Taken(2, static_cast<uint32_t>(c));
  }

  std::optional<uint32_t> Refuse(std::string problem) {
    Fail(std::move(problem));
    return std::nullopt;
  }

  std::optional<uint32_t> Taken(size_t bytes, uint32_t character) {
    at_ += bytes;
    return character;
  }

  // `count` hexadecimal digits behind `skipped` bytes.
  std::optional<uint32_t> Hex(size_t skipped, size_t count) {
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = Peek(skipped + i);
      const char lower = static_cast<char>(c | 0x20);
      if (!IsDigit(c) && (lower < 'a' || lower > 'f')) return Refuse("too few hexadecimal digits");
      value = value * 16 + static_cast<uint32_t>(IsDigit(c) ? c - '0' : lower - 'a' + 10);
    }
    return Taken(skipped + count, value);
  }

  // `\uXXXX`, two of them for a surrogate pair, or `\u{X…}`.
  std::optional<uint32_t> Unicode() {
    if (Peek(2) == '{') {
      const size_t end = text_.find('}', at_);
      if (end == std::string_view::npos || end - at_ < 4 || end - at_ > 9)
        return Refuse("no code point in \\u{}");
      const std::optional<uint32_t> character = Hex(3, end - at_ - 3);
      if (!character || *character > 0x10FFFF) return Refuse("no code point in \\u{}");
      ++at_;
      return character;
    }
    const std::optional<uint32_t> high = Hex(2, 4);
    if (!high || *high < 0xD800 || *high >= 0xDC00 || Peek() != '\\' || Peek(1) != 'u') return high;
    const size_t behind = at_;
    const std::optional<uint32_t> low = Hex(2, 4);
    if (low && *low >= 0xDC00 && *low < 0xE000) return 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
    at_ = behind;
    problem_.clear();
    return high;
  }

  // A class in brackets. `[]` matches nothing, `[^]` everything.
  bool Class() {
    const size_t begin = at_++;
    const bool negated = Take("^");
    std::string body;
    while (Peek() != ']' || at_ >= text_.size()) {
      if (at_ >= text_.size()) {
        at_ = begin;
        return Fail("a [ that is not closed");
      }
      if (!ClassRange(body)) return false;
    }
    ++at_;
    if (body.empty()) {
      out_ += negated ? R"([\x{0}-\x{10ffff}])" : "(?!)";
    } else {
      out_ += (negated ? "[^" : "[") + body + "]";
    }
    return true;
  }

  // One character, set or range; a `-` beside a set stands for itself.
  bool ClassRange(std::string& body) {
    std::optional<uint32_t> first;
    if (!ClassAtom(body, first)) return false;
    if (!first) return true;
    if (Peek() != '-' || Peek(1) == ']' || at_ + 1 >= text_.size()) {
      body += CodePoint(*first);
      return true;
    }
    ++at_;
    std::string set;
    std::optional<uint32_t> last;
    if (!ClassAtom(set, last)) return false;
    if (!last) {
      body += CodePoint(*first) + "\\-" + set;
      return true;
    }
    if (*last < *first) return Fail("a range that ends before it begins");
    body += CodePoint(*first) + "-" + CodePoint(*last);
    return true;
  }

  // One character, or a set, which is added to `body`.
  bool ClassAtom(std::string& body, std::optional<uint32_t>& character) {
    if (Peek() != '\\') {
      character = Decode();
      return true;
    }
    std::string set;
    if (SetEscape(set)) {
      body += set;
      return true;
    }
    if (!problem_.empty()) return false;
    character = Peek(1) == 'b' ? Taken(2, 8) : CharacterEscape();
    return character.has_value();
  }

  // The character at at_; the text is UTF-8.
  uint32_t Decode() {
    const unsigned char first = static_cast<unsigned char>(text_[at_++]);
    if (first < 0x80) return first;
    uint32_t character = first >= 0xF0 ? first & 0x07U : first >= 0xE0 ? first & 0x0FU : first & 0x1FU;
    while (at_ < text_.size() && (text_[at_] & 0xC0) == 0x80) {
      character = (character << 6) | (static_cast<unsigned char>(text_[at_++]) & 0x3FU);
    }
    return character;
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::string out_;
  std::string open_;  // of each open group whether it looks behind (`<`)
  std::vector<std::string_view> groups_;
  bool captures_ = false;
  std::string problem_;
};

}  // namespace

absl::StatusOr<TranslatedPattern> TranslatePattern(std::string_view text) { return Translator(text).Run(); }

}  // namespace sluice::schema
