// Expression: the syntax tree of a regular expression in the part of ECMA-262 that describes regular
// languages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::schema {

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

struct Expression {
  enum class Kind { kCharacters, kSequence, kChoice, kRepeat, kStart, kEnd };
  Kind kind = Kind::kSequence;
  std::vector<std::pair<char32_t, char32_t>> ranges = {};  // kCharacters: sorted, apart, both ends included
  std::vector<Expression> parts = {};                      // kSequence, kChoice: any number; kRepeat: one
  uint32_t least = 0;                                      // kRepeat
  std::optional<uint32_t> most = {};                       // kRepeat; nullopt: any number
};

// nullopt for look-around, back references, `\b`, `\p{…}`, flags, and for what nests deeper than 60.
std::optional<Expression> ParseExpression(std::string_view text);

}  // namespace sluice::schema
