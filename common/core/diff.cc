#include "common/core/diff.h"

#include "common/core/diff_work.h"

namespace sluice::core {

Plan Diff(const std::vector<Slice>& desired, const Observed& observed, const Ours& ours,
          const DiffOptions& options) {
  diff::Work work(desired, observed, ours, options);
  diff::DiffTopics(work);
  diff::DiffSubjects(work);
  diff::DiffAcls(work);
  return work.Finish();
}

}  // namespace sluice::core
