// Transitive comparison: what a proposed schema means against every version that is kept, as a table with a
// row for each.
#pragma once

#include <string>
#include <vector>

#include "common/schema/compare.h"
#include "common/schema/predict.h"

namespace sluice::schema {

struct RetainedVersion {
  std::string name;  // as people call it: `3`, `v1.2`
  Schema schema;
};

struct VersionRow {
  std::string version;
  Comparison comparison;
  Answer strict = Answer::kCompatible;  // at the level: the worst of its directions
  Answer closed = Answer::kCompatible;

  Answer answer(Reading reading) const { return reading == Reading::kStrict ? strict : closed; }
};

struct VersionTable {
  std::vector<VersionRow> rows;         // the newest first; of those that the level asks about
  Answer strict = Answer::kCompatible;  // the worst of all rows
  Answer closed = Answer::kCompatible;
  SchemaClass change_class = SchemaClass::kCompatible;  // the gravest of all rows
};

// `retained` are the versions, the newest last. A level that is not transitive, and NONE, asks about the
// newest alone; NONE asks nothing of it. Versions with the same document are compared once.
VersionTable CompareWithVersions(const std::vector<RetainedVersion>& retained, const Schema& proposed,
                                 Level level, const CompareOptions& options = {});

}  // namespace sluice::schema
