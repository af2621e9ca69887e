#include "common/core/text.h"

#include <algorithm>
#include <numeric>

namespace sluice::core {
namespace {

constexpr size_t kMaxQuoted = 80;
constexpr size_t kMaxCompared =
    64;  // names are at most 63 letters a segment; longer text is not a slip of the finger

// Edits (insert, delete, replace, swap of neighbours) that lead from `a` to `b`.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  std::iota(rows[0].begin(), rows[0].end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t best = std::min(rows[i - 1][j], rows[i][j - 1]) + 1;
      best = std::min(best, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        best = std::min(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string Item(std::string_view field, size_t index) { return Cat(field, "[", index, "]"); }

std::string Quote(std::string_view text) {
  std::string quoted = "'";
  const bool cut = text.size() > kMaxQuoted;
  size_t size = cut ? kMaxQuoted : text.size();
  // Never cut inside a UTF-8 sequence.
  while (cut && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  for (const char c : text.substr(0, size)) {
    const auto byte = static_cast<unsigned char>(c);
    quoted.push_back(byte < 0x20 || byte == 0x7F ? '?' : c);
  }
  return quoted.append(cut ? "…'" : "'");
}

std::string List(const std::vector<std::string>& items, size_t limit) {
  if (items.empty()) return "none";
  const size_t shown = std::min(items.size(), limit);
  std::string text = items[0];
  for (size_t i = 1; i < shown; ++i) text.append(i + 1 == items.size() ? " and " : ", ").append(items[i]);
  if (shown < items.size()) text.append(Cat(" and ", items.size() - shown, " more"));
  return text;
}

std::string Nearest(std::string_view text, const std::vector<std::string>& known) {
  if (text.size() > kMaxCompared) return "";
  size_t best = std::max<size_t>(1, text.size() / 3) + 1;
  std::string nearest;
  for (const std::string& name : known) {
    const size_t gap = name.size() > text.size() ? name.size() - text.size() : text.size() - name.size();
    if (gap >= best || name.size() > kMaxCompared * 2) continue;
    const size_t distance = Distance(text, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

}  // namespace sluice::core
