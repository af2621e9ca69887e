// The edit behind a break: which difference of two schemas lets a message through that the reader refuses.
// Internal to Compare.
#pragma once

#include <string>
#include <vector>

#include "common/schema/compare.h"

namespace sluice::schema {

// Makes breaks told by the edits of one comparison; `edits` must outlive it.
class BreakMaker {
 public:
  explicit BreakMaker(const std::vector<SchemaEdit>& edits);

  // `escape` as a break of `direction` under `reading`, told by the edit that explains it best: by the
  // keyword that refuses, by where it stands in both schemas and by where the message has it; by the keyword
  // when no edit does.
  Break Make(const Escape& escape, Direction direction, Reading reading) const;

 private:
  const std::vector<SchemaEdit>& edits_;
  std::vector<std::vector<std::string>> fields_;  // of the edits, split
};

}  // namespace sluice::schema
