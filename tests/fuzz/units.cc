// Durations and sizes: what is read is printed so that it is read back as the same number.
#include "common/wire/wire.h"
#include "tests/fuzz/target.h"

namespace wire = sluice::wire;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = sluice::fuzz::TextOf(data, size);
  if (const auto duration = wire::ParseDurationMs(text)) {
    sluice::fuzz::Require(*duration >= 0, "a duration is not negative");
    sluice::fuzz::Require(wire::ParseDurationMs(wire::FormatDurationMs(*duration)) == duration, "a duration is read back");
  }
  if (const auto bytes = wire::ParseBytes(text)) {
    sluice::fuzz::Require(*bytes >= 0, "a size is not negative");
    sluice::fuzz::Require(wire::ParseBytes(wire::FormatBytes(*bytes)) == bytes, "a size is read back");
  }
  const size_t bad = wire::FirstBadByte(text);
  sluice::fuzz::Require(bad == std::string_view::npos || bad < size, "a bad byte is inside of the text");
  return 0;
}
