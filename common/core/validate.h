// Validate: every finding about proposed edits at once.
#pragma once

#include <vector>

#include "common/core/catalog.h"
#include "common/core/finding.h"

namespace sluice::core {

// Checks `edits` as a whole against `before` (the catalog without them) and `after` (Apply of them): grammar of names,
// references, uniqueness, what must never shrink or vanish, lengths of the topic names that come out (249 characters),
// schema text. Returns findings in the order of edits and fields; errors refuse the change. Pure; costs are proportional
// to the edits and to what they fan out to.
std::vector<Finding> Validate(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits);

}  // namespace sluice::core
