#include "common/core/validate.h"

#include <algorithm>
#include <cctype>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

CheckContext MakeContext(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits) {
  CheckContext context{
      .before = before, .after = after, .edited = {}, .claims = {}, .suggestions = kMaxSuggestions};
  bool claims = false;
  for (const Edit& edit : edits) {
    const Kind kind = KindOf(edit.definition);
    claims |= edit.action == EditAction::kPut && (kind == Kind::kApplication || kind == Kind::kCluster);
    context.edited.insert(ResourceName(edit.definition));
  }
  if (claims) context.claims.emplace(after);
  return context;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// By characters, but `[2]` before `[10]`.
int CompareFields(std::string_view a, std::string_view b) {
  const auto digits = [](std::string_view text) {
    return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
  };
  while (!a.empty() && !b.empty()) {
    const size_t in_a = digits(a), in_b = digits(b);
    if (in_a != 0 && in_b != 0 && in_a != in_b) return in_a < in_b ? -1 : 1;
    if (a[0] != b[0]) return a[0] < b[0] ? -1 : 1;
    a.remove_prefix(1), b.remove_prefix(1);
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

void SortByField(std::vector<Finding>& findings) {
  std::vector<size_t> order(findings.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (findings[a].edit != findings[b].edit) return findings[a].edit < findings[b].edit;
    const int fields = CompareFields(findings[a].field, findings[b].field);
    return fields != 0 ? fields < 0 : a < b;
  });
  std::vector<Finding> sorted;
  sorted.reserve(findings.size());
  for (const size_t i : order) sorted.push_back(std::move(findings[i]));
  findings = std::move(sorted);
}

}  // namespace

std::vector<Finding> Validate(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits) {
  const CheckContext context = MakeContext(before, after, edits);
  std::vector<Finding> findings;
  std::set<std::string> seen;
  for (size_t i = 0; i < edits.size(); ++i) {
    const Definition& definition = edits[i].definition;
    const std::string resource = ResourceName(definition);
    Report report(i, resource, findings);
    if (!seen.insert(resource).second) {
      report.Error("", "duplicate-edit", Cat(Quote(NameOf(definition)), " is edited twice"),
                   "edit each definition once");
      continue;
    }
    if (edits[i].action == EditAction::kDelete) {
      CheckDeletion(context, definition, report);
      continue;
    }
    std::visit([&](const auto& value) { Check(context, value, report); }, definition);
    CheckReferences(context, definition, report);
  }
  SortByField(findings);
  return findings;
}

}  // namespace sluice::core
