#include "common/schema/pattern_translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/schema/pattern_reader.h"

namespace sluice::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string CodePoint(uint32_t c) { return fmt::format("\\x{{{:x}}}", c); }

class Translator : PatternReader {
 public:
  explicit Translator(std::string_view text) : PatternReader(text) {}

  absl::StatusOr<TranslatedPattern> Run() {
    if (!CollectGroups() || !Expression()) {
      return absl::InvalidArgumentError(fmt::format("{} at byte {}", problem_, at_ + 1));
    }
    return TranslatedPattern{std::move(out_), captures_};
  }

 private:
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
    character = Take("\\b") ? 8 : CharacterEscape();
    return character.has_value();
  }

  std::string out_;
  std::string open_;  // of each open group whether it looks behind (`<`)
  std::vector<std::string_view> groups_;
  bool captures_ = false;
};

}  // namespace

absl::StatusOr<TranslatedPattern> TranslatePattern(std::string_view text) { return Translator(text).Run(); }

}  // namespace sluice::schema
