// Lines of any length in bounded memory.
#pragma once

#include <cstddef>
#include <istream>
#include <string>

namespace sluice::cli {

struct LineRead {
  bool any = false;  // false: the end
  bool cut = false;  // the line was longer
};

// The next line of `in` without its `\n`, at most `most` bytes of it in `line`; the rest is skipped. What
// follows the last `\n` is a line if it is not empty.
LineRead ReadLine(std::istream& in, size_t most, std::string& line);

}  // namespace sluice::cli
