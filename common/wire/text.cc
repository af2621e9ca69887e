// What text is, everywhere: UTF-8 without control characters.
#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

// Length of the UTF-8 sequence at `at`; 0: none begins there. RFC 3629: no overlong forms, no surrogates.
size_t SequenceLength(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto tail = [&](size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(at + 1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    bool second = tail(at + 1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && tail(at + 2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead < 0xF0 || lead > 0xF4) return 0;
  bool second = tail(at + 1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
  return second && tail(at + 2, 0x80, 0xBF) && tail(at + 3, 0x80, 0xBF) ? 4 : 0;
}

}  // namespace

size_t FirstBadByte(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    unsigned char c = static_cast<unsigned char>(text[at]);
    size_t length = SequenceLength(text, at);
    if (length == 0 || c == 0x7F || (c < 0x20 && c != '\n' && c != '\t' && c != '\r')) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace sluice::wire
