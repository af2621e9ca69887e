#include "common/schema/media_type.h"

#include <algorithm>

namespace sluice::schema {
namespace {

bool IsTokenCharacter(char c) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";  // RFC 2045, tspecials
  return c > ' ' && c < '\x7f' && kSpecials.find(c) == std::string_view::npos;
}

// Reads from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }

  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void SkipSpaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  // Empty: there is none.
  std::string_view Token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), IsTokenCharacter);
    const std::string_view token = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(token.size());
    return token;
  }

  bool QuotedString() {
    if (!Take('"')) return false;
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || static_cast<unsigned char>(rest_[0]) > 0x7e || rest_[0] == '\r') return false;
      rest_.remove_prefix(1);
    }
    return Take('"');
  }

  bool Parameter() {
    if (Token().empty() || !Take('=')) return false;
    return QuotedString() || !Token().empty();
  }

 private:
  std::string_view rest_;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

bool MediaType::IsJson() const { return subtype == "json" || subtype.ends_with("+json"); }

std::optional<MediaType> ParseMediaType(std::string_view text) {
  Reader reader(text);
  MediaType media_type;
  media_type.type = Lower(reader.Token());
  if (media_type.type.empty() || media_type.type == "*" || !reader.Take('/')) return std::nullopt;
  media_type.subtype = Lower(reader.Token());
  if (media_type.subtype.empty() || media_type.subtype == "*") return std::nullopt;
  while (!reader.AtEnd()) {
    reader.SkipSpaces();
    if (!reader.Take(';')) return std::nullopt;
    reader.SkipSpaces();
    if (!reader.Parameter()) return std::nullopt;
  }
  return media_type;
}

}  // namespace sluice::schema
