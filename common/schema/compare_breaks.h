// The edit behind a break: which difference of two schemas lets a message through that the reader refuses.
// Internal to Compare.
#pragma once

#include <string>
#include <vector>

#include "common/schema/compare.h"

namespace sluice::schema {

// `escape` as a break of `direction` under `reading`, told by the edit of `edits` that explains it best: by
// the keyword that refuses, by where it stands in both schemas and by where the message has it; by the
// keyword when no edit does.
Break MakeBreak(const Escape& escape, Direction direction, Reading reading,
                const std::vector<SchemaEdit>& edits);

// Whether a field with `*` for items and free names is the place of `instance` in a message.
bool IsAt(const std::string& field, const std::string& instance);

}  // namespace sluice::schema
