// The parser of json.h. It reads numbers as text into Decimals (nlohmann/json refuses 1e400 and rounds 0.1)
// and keeps its own stack.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "common/schema/json.h"

namespace sluice::schema {
namespace {

// The bytes of the character that begins at `at`; 0 when that is not UTF-8 (RFC 3629, section 4).
size_t CharacterLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(at);
  const unsigned second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(at + 1) ? 2 : 0;
  if (!follows(at + 1) || !follows(at + 2)) return 0;
  if (first >= 0xE0 && first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first < 0xF0 || first > 0xF4 || !follows(at + 3)) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return overlong || beyond ? 0 : 4;
}

void AppendUtf8(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

class Parser {
 public:
  Parser(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits) {}

  absl::StatusOr<Json> Run() {
    Json document;
    if (text_.size() > limits_.bytes) {
      Fail(fmt::format("the document has {} bytes, more than {}", text_.size(), limits_.bytes), 0);
    } else if (Document(document)) {
      SkipSpace();
      if (at_ == text_.size()) return document;
      Fail("something follows the document");
    }
    return Error();
  }

 private:
  // An array or object that is not closed yet. Its parts are the last ones of items_ or members_.
  struct Open {
    bool object;
    size_t begin;  // in text_
    size_t first;  // in items_ or members_
  };

  bool Document(Json& document) {
    Json value;
    do {
      bool complete = false;
      if (!Begin(value, complete)) return false;
      while (complete && !open_.empty()) {
        if (!Add(value, complete)) return false;
      }
    } while (!open_.empty());
    document = std::move(value);
    return true;
  }

  // Reads a value, of an array or object only the beginning.
  bool Begin(Json& value, bool& complete) {
    SkipSpace();
    if (++values_ > limits_.values) return Fail(fmt::format("there are more than {} values", limits_.values));
    complete = true;
    switch (Peek()) {
      case '{':
      case '[':
        return BeginMany(value, complete);
      case '"': {
        std::string text;
        if (!String(text)) return false;
        value = Json(std::move(text));
        return true;
      }
      case 't':
        value = Json(true);
        return Word("true");
      case 'f':
        value = Json(false);
        return Word("false");
      case 'n':
        value = Json();
        return Word("null");
      default:
        return Number(value);
    }
  }

  bool BeginMany(Json& value, bool& complete) {
    if (open_.size() >= limits_.depth)
      return Fail(fmt::format("values are nested deeper than {}", limits_.depth));
    const bool object = Peek() == '{';
    open_.push_back({object, at_++, object ? members_.size() : items_.size()});
    SkipSpace();
    if (Peek() == (object ? '}' : ']')) {
      ++at_;
      return Close(value);
    }
    complete = false;
    return !object || Key();
  }

  // Adds a complete value to what is open and reads what follows: a comma (then another value is to come), or
  // the end (then `value` is what was closed).
  bool Add(Json& value, bool& complete) {
    const bool object = open_.back().object;
    if (object) {
      members_.back().second = std::move(value);
    } else {
      items_.push_back(std::move(value));
    }
    SkipSpace();
    const char next = Peek();
    if (next == ',') {
      ++at_;
      complete = false;
      return !object || Key();
    }
    if (next != (object ? '}' : ']')) return Fail(object ? "expected , or }" : "expected , or ]");
    ++at_;
    return Close(value);
  }

  bool Close(Json& value) {
    const Open closed = open_.back();
    open_.pop_back();
    const auto offset = static_cast<ptrdiff_t>(closed.first);
    if (!closed.object) {
      const auto begin = items_.begin() + offset;
      value = Json(Json::Array(std::make_move_iterator(begin), std::make_move_iterator(items_.end())));
      items_.erase(begin, items_.end());
      return true;
    }
    const auto begin = members_.begin() + offset;
    Json::Object members(std::make_move_iterator(begin), std::make_move_iterator(members_.end()));
    members_.erase(begin, members_.end());
    const auto before = [](const Json::Member& a, const Json::Member& b) { return a.first < b.first; };
    const auto same = [](const Json::Member& a, const Json::Member& b) { return a.first == b.first; };
    if (!std::is_sorted(members.begin(), members.end(), before))
      std::sort(members.begin(), members.end(), before);
    const auto twice = std::adjacent_find(members.begin(), members.end(), same);
    if (twice != members.end()) {
      std::string key = twice->first;
      size_t shown = std::min<size_t>(key.size(), 100);
      while (shown < key.size() && (key[shown] & 0xC0) == 0x80) --shown;
      key.resize(shown);
      return Fail(fmt::format("the object that begins here has the key {} twice", Json(key).ToString()),
                  closed.begin);
    }
    value = Json(std::move(members));
    return true;
  }

  bool Key() {
    SkipSpace();
    if (Peek() != '"') return Fail("expected a key in quotes");
    members_.emplace_back();
    if (!String(members_.back().first)) return false;
    SkipSpace();
    if (Peek() != ':') return Fail("expected : after the key");
    ++at_;
    return true;
  }

  bool Word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return Fail("expected a value");
    at_ += word.size();
    return true;
  }

  bool Number(Json& value) {
    size_t end = at_;
    while (end < text_.size() &&
           std::string_view("+-.0123456789eE").find(text_[end]) != std::string_view::npos)
      ++end;
    if (end == at_) return Fail("expected a value");
    const std::string_view text = text_.substr(at_, end - at_);
    const std::optional<Decimal> number = Decimal::Parse(text);
    if (!number) {
      return Fail(fmt::format("{} is no number of JSON, or has more than {} digits or an exponent beyond {}",
                              text.size() > 50 ? fmt::format("{}…", text.substr(0, 50)) : std::string(text),
                              Decimal::kMaxDigits, Decimal::kMaxExponent));
    }
    value = Json(*number);
    at_ = end;
    return true;
  }

  bool String(std::string& out) {
    size_t plain = ++at_;  // from here on characters stand for themselves
    for (;;) {
      const unsigned char c = static_cast<unsigned char>(Peek());
      if (c >= 0x80) {
        const size_t length = CharacterLength(text_, at_);
        if (length == 0) return Fail("not UTF-8");
        at_ += length;
      } else if (c == '"' || c == '\\') {
        out.append(text_, plain, at_++ - plain);
        if (c == '"') return true;
        if (!Escape(out)) return false;
        plain = at_;
      } else if (c < 0x20) {
        return Fail(at_ >= text_.size() ? "the text ends inside a string"
                                        : "a control character in a string");
      } else {
        ++at_;
      }
    }
  }

  // What follows a backslash.
  bool Escape(std::string& out) {
    constexpr std::string_view kNamed = "\"\\/bfnrt";
    const size_t named = at_ < text_.size() ? kNamed.find(text_[at_]) : std::string_view::npos;
    if (named != std::string_view::npos) {
      out += "\"\\/\b\f\n\r\t"[named];
      ++at_;
      return true;
    }
    const size_t begin = at_ - 1;
    uint32_t character = 0;
    if (Peek() != 'u' || !Hex(character)) return Fail("no escape of JSON", begin);
    if (character >= 0xD800 && character < 0xE000) {
      uint32_t low = 0;
      const bool pair = character < 0xDC00 && Peek() == '\\' && text_.substr(++at_, 1) == "u" && Hex(low) &&
                        low >= 0xDC00 && low < 0xE000;
      if (!pair) return Fail("half of a surrogate pair", begin);
      character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    }
    AppendUtf8(character, out);
    return true;
  }

  // `uXXXX` at at_.
  bool Hex(uint32_t& character) {
    if (at_ + 5 > text_.size()) return false;
    character = 0;
    for (size_t i = 1; i <= 4; ++i) {
      const char c = text_[at_ + i];
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) return false;
      character = character * 16 + static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    at_ += 5;
    return true;
  }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool Fail(std::string problem) { return Fail(std::move(problem), at_); }
  bool Fail(std::string problem, size_t at) {
    problem_ = std::move(problem);
    at_ = at;
    return false;
  }

  absl::Status Error() const {
    const std::string_view before = text_.substr(0, at_);
    const size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto lines = std::count(before.begin(), before.end(), '\n') + 1;
    const std::string_view line = before.substr(line_begin);
    const auto column =
        1 + std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
    const bool ended = at_ >= text_.size() && !text_.empty();
    return absl::InvalidArgumentError(fmt::format("line {}, column {}: {}{}", lines, column, problem_,
                                                  ended ? " (the text ends here)" : ""));
  }

  const std::string_view text_;
  const ParseLimits limits_;
  size_t at_ = 0;
  size_t values_ = 0;
  std::vector<Open> open_;
  std::vector<Json> items_;
  std::vector<Json::Member>
      members_;  // the key of an open object's member whose value is still to come is its last one
  std::string problem_;
};

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text, const ParseLimits& limits) {
  return Parser(text, limits).Run();
}

}  // namespace sluice::schema
