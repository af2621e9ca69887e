// Text: the few ways in which the core makes sentences and field paths.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sluice::core {

inline std::string_view TextOf(std::string_view text) { return text; }
template <typename T, typename = std::enable_if_t<std::is_integral_v<T>>>
std::string TextOf(T number) {
  return std::to_string(number);
}

// Concatenates strings and integers.
template <typename... Parts>
std::string Cat(const Parts&... parts) {
  std::string text;
  (text.append(TextOf(parts)), ...);
  return text;
}

// `field[index]`.
std::string Item(std::string_view field, size_t index);

// `'text'`, at most 80 bytes of it, without control characters: what a person wrote, shown back to them.
std::string Quote(std::string_view text);

// `a, b and c`; `none` when empty; at most `limit`, then `and 12 more`.
std::string List(const std::vector<std::string>& items, size_t limit = 10);

// The known name that is nearest to `text` by edits (at most a third of its letters); empty: none is near.
std::string Nearest(std::string_view text, const std::vector<std::string>& known);

}  // namespace sluice::core
