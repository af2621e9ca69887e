#include "cli/line_reader.h"

namespace sluice::cli {

LineRead ReadLine(std::istream& in, size_t most, std::string& line) {
  line.clear();
  LineRead read;
  char part[64 * 1024];
  while (in.good()) {
    in.getline(part, sizeof part);  // counts the `\n` that it takes; stops with failbit when `part` is full
    const bool full = in.fail() && in.gcount() == sizeof part - 1;
    const bool ended = !in.fail() && !in.eof();
    size_t count = static_cast<size_t>(in.gcount());
    read.any = read.any || count > 0;
    if (ended) --count;
    const size_t kept = std::min(count, most - line.size());
    line.append(part, kept);
    read.cut = read.cut || kept < count;
    if (!full) break;
    in.clear(in.rdstate() & ~std::ios::failbit);
  }
  return read;
}

}  // namespace sluice::cli
