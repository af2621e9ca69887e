#include "common/schema/pointer.h"

#include <charconv>
#include <cstdint>

namespace sluice::schema {
namespace {

// The number of an array's item: digits without leading zeros (RFC 6901, section 4).
std::optional<size_t> ItemNumber(const std::string& token) {
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  size_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return number;
}

const Json* Step(const Json& value, const std::string& token) {
  if (value.is_object()) return value.Find(token);
  if (!value.is_array()) return nullptr;
  const std::optional<size_t> number = ItemNumber(token);
  return number && *number < value.array().size() ? &value.array()[*number] : nullptr;
}

}  // namespace

std::string Child(std::string_view pointer, std::string_view token) {
  std::string child;
  child.reserve(pointer.size() + token.size() + 1);
  child.append(pointer) += '/';
  for (const char c : token) {
    if (c == '~') {
      child += "~0";
    } else if (c == '/') {
      child += "~1";
    } else {
      child += c;
    }
  }
  return child;
}

std::string Child(std::string_view pointer, size_t index) { return Child(pointer, std::to_string(index)); }

std::optional<std::vector<std::string>> SplitPointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer[0] != '/') return std::nullopt;
  for (size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back() += pointer[i];
    } else if (++i < pointer.size() && (pointer[i] == '0' || pointer[i] == '1')) {
      tokens.back() += pointer[i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return tokens;
}

const Json* Resolve(const Json& document, std::string_view pointer) {
  const std::optional<std::vector<std::string>> tokens = SplitPointer(pointer);
  if (!tokens) return nullptr;
  const Json* value = &document;
  for (const std::string& token : *tokens) {
    if ((value = Step(*value, token)) == nullptr) return nullptr;
  }
  return value;
}

}  // namespace sluice::schema
