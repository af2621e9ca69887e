#include "common/schema/expression.h"

#include <algorithm>
#include <string>

#include "common/schema/code_points.h"

namespace sluice::schema {
namespace {

using Ranges = std::vector<std::pair<char32_t, char32_t>>;

constexpr int kMostDepth = 60;
constexpr uint32_t kMostRepeats = 100'000;

Ranges Normal(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end());
  Ranges merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

Ranges Complement(const Ranges& ranges) {
  Ranges rest;
  char32_t next = 0;
  for (const auto& [first, last] : ranges) {
    if (first > next) rest.emplace_back(next, first - 1);
    next = last + 1;
  }
  if (next <= kLastCodePoint) rest.emplace_back(next, kLastCodePoint);
  return rest;
}

// ECMA-262, 22.2.2.9 (CharacterClassEscape) and 22.2.2.7 (the dot).
const Ranges kDigits = {{'0', '9'}};
const Ranges kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const Ranges kSpace = {{9, 13},          {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680},
                       {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                       {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
const Ranges kLineEnds = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

class ExpressionParser {
 public:
  explicit ExpressionParser(std::u32string text) : text_(std::move(text)) {}

  std::optional<Expression> Parse() {
    auto choice = Choice(0);
    if (!choice || at_ != text_.size()) return std::nullopt;
    return choice;
  }

 private:
  bool More() const { return at_ < text_.size(); }
  bool Next(char32_t c) const { return More() && text_[at_] == c; }
  bool Take(char32_t c) {
    if (!Next(c)) return false;
    ++at_;
    return true;
  }

  std::optional<Expression> Choice(int depth) {
    if (depth > kMostDepth) return std::nullopt;
    Expression choice{.kind = Expression::Kind::kChoice};
    do {
      auto sequence = Sequence(depth);
      if (!sequence) return std::nullopt;
      choice.parts.push_back(*std::move(sequence));
    } while (Take('|'));
    if (choice.parts.size() == 1) {
      Expression only = std::move(choice.parts.front());
      return only;
    }
    return choice;
  }

  std::optional<Expression> Sequence(int depth) {
    Expression sequence{.kind = Expression::Kind::kSequence};
    while (More() && !Next('|') && !Next(')')) {
      auto term = Term(depth);
      if (!term) return std::nullopt;
      sequence.parts.push_back(*std::move(term));
    }
    return sequence;
  }

  std::optional<Expression> Term(int depth) {
    auto atom = Atom(depth);
    if (!atom) return std::nullopt;
    uint32_t least = 0;
    std::optional<uint32_t> most;
    if (Take('*')) {
    } else if (Take('+')) {
      least = 1;
    } else if (Take('?')) {
      most = 1;
    } else if (Next('{')) {
      if (!Braces(least, most)) return std::nullopt;
    } else {
      return atom;
    }
    Take('?');  // lazy or greedy, the language is the same
    if (More() && (Next('*') || Next('+') || Next('?') || Next('{'))) return std::nullopt;
    Expression repeat{.kind = Expression::Kind::kRepeat, .least = least, .most = most};
    repeat.parts.push_back(*std::move(atom));
    return repeat;
  }

  bool Number(uint32_t& number) {
    const size_t from = at_;
    number = 0;
    while (More() && text_[at_] >= '0' && text_[at_] <= '9') {
      number = number * 10 + static_cast<uint32_t>(text_[at_++] - '0');
      if (number > kMostRepeats) return false;
    }
    return at_ > from;
  }

  bool Braces(uint32_t& least, std::optional<uint32_t>& most) {
    Take('{');
    if (!Number(least)) return false;
    most = least;
    if (Take(',')) {
      most.reset();
      if (!Next('}')) {
        uint32_t upper = 0;
        if (!Number(upper) || upper < least) return false;
        most = upper;
      }
    }
    return Take('}');
  }

  std::optional<Expression> Atom(int depth) {
    if (Take('^')) return Expression{.kind = Expression::Kind::kStart};
    if (Take('$')) return Expression{.kind = Expression::Kind::kEnd};
    if (Take('(')) return Group(depth);
    Ranges ranges;
    if (Take('[')) {
      if (!Class(ranges)) return std::nullopt;
    } else if (Take('.')) {
      ranges = Complement(kLineEnds);
    } else if (Take('\\')) {
      if (!Escape(ranges, false)) return std::nullopt;
    } else if (Next('*') || Next('+') || Next('?') || Next('{') || Next('}') || Next(']')) {
      return std::nullopt;
    } else {
      ranges = {{text_[at_], text_[at_]}};
      ++at_;
    }
    return Expression{.kind = Expression::Kind::kCharacters, .ranges = std::move(ranges)};
  }

  std::optional<Expression> Group(int depth) {
    if (Take('?')) {
      if (Take('<')) {  // a named group; look-behind has `=` or `!` here
        if (!More() || Next('=') || Next('!')) return std::nullopt;
        while (More() && !Next('>')) ++at_;
        if (!Take('>')) return std::nullopt;
      } else if (!Take(':')) {
        return std::nullopt;
      }
    }
    auto inner = Choice(depth + 1);
    if (!inner || !Take(')')) return std::nullopt;
    return inner;
  }

  bool Class(Ranges& ranges) {
    const bool negated = Take('^');
    while (!Next(']')) {
      Ranges first, last;
      if (!ClassMember(first)) return false;
      if (Next('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        if (!ClassMember(last) || !IsOne(first) || !IsOne(last) || last[0].first < first[0].first)
          return false;
        first[0].second = last[0].first;
      }
      ranges.insert(ranges.end(), first.begin(), first.end());
    }
    ++at_;
    ranges = Normal(std::move(ranges));
    if (negated) ranges = Complement(ranges);
    return true;
  }

  static bool IsOne(const Ranges& ranges) {
    return ranges.size() == 1 && ranges[0].first == ranges[0].second;
  }

  bool ClassMember(Ranges& ranges) {
    if (!More()) return false;
    if (Take('\\')) return Escape(ranges, true);
    ranges = {{text_[at_], text_[at_]}};
    ++at_;
    return true;
  }

  bool Escape(Ranges& ranges, bool in_class) {
    if (!More()) return false;
    const char32_t c = text_[at_++];
    switch (c) {
      case 'd':
        ranges = kDigits;
        return true;
      case 'D':
        ranges = Complement(kDigits);
        return true;
      case 'w':
        ranges = kWord;
        return true;
      case 'W':
        ranges = Complement(kWord);
        return true;
      case 's':
        ranges = kSpace;
        return true;
      case 'S':
        ranges = Complement(kSpace);
        return true;
      default:
        break;
    }
    char32_t one = c;
    if (!Character(c, in_class, one)) return false;
    ranges = {{one, one}};
    return true;
  }

  bool Character(char32_t c, bool in_class, char32_t& one) {
    switch (c) {
      case 't':
        one = '\t';
        return true;
      case 'n':
        one = '\n';
        return true;
      case 'r':
        one = '\r';
        return true;
      case 'f':
        one = '\f';
        return true;
      case 'v':
        one = '\v';
        return true;
      case 'b':
        one = '\b';
        return in_class;
      case '0':
        one = 0;
        return !More() || text_[at_] < '0' || text_[at_] > '9';
      case 'x':
        return Hex(2, one);
      case 'u':
        return Take('{') ? HexInBraces(one) : Hex(4, one) && (one < 0xD800 || one > 0xDFFF);
      default:
        break;
    }
    return std::u32string_view(U"^$\\.*+?()[]{}|/-").find(c) != std::u32string_view::npos;
  }

  static int Digit(char32_t c) {
    if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
    return -1;
  }

  bool Hex(int digits, char32_t& one) {
    one = 0;
    for (int i = 0; i < digits; ++i) {
      if (!More() || Digit(text_[at_]) < 0) return false;
      one = one * 16 + static_cast<char32_t>(Digit(text_[at_++]));
    }
    return true;
  }

  bool HexInBraces(char32_t& one) {
    one = 0;
    while (More() && Digit(text_[at_]) >= 0) {
      one = one * 16 + static_cast<char32_t>(Digit(text_[at_++]));
      if (one > kLastCodePoint) return false;
    }
    return Take('}');
  }

  std::u32string text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<Expression> ParseExpression(std::string_view text) {
  return ExpressionParser(ToCodePoints(text)).Parse();
}

}  // namespace sluice::schema
