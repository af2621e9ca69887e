// PatternReader: reads the characters and escapes of a regular expression of ECMA-262 (21.2.1, with the `u`
// flag, though lenient about punctuation behind a backslash).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::schema {

class PatternReader {
 protected:
  explicit PatternReader(std::string_view text) : text_(text) {}

  // Notes the problem, which is at at_. False.
  bool Fail(std::string problem);
  // The byte `ahead` of at_; 0 behind the end.
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool Take(std::string_view expected);

  // An escape for a set of characters, as PCRE2 has it inside a class. False and no problem: it is none.
  bool SetEscape(std::string& set);
  // An escape for one character; `\b` is none here. nullopt: a problem.
  std::optional<uint32_t> CharacterEscape();
  // The character at at_; the text is UTF-8.
  uint32_t Decode();

  const std::string_view text_;
  size_t at_ = 0;
  std::string problem_;

 private:
  bool Property(std::string& set);
  std::optional<uint32_t> Refuse(std::string problem);
  std::optional<uint32_t> Taken(size_t bytes, uint32_t character);
  std::optional<uint32_t> Hex(size_t skipped, size_t count);
  std::optional<uint32_t> Unicode();
};

}  // namespace sluice::schema
