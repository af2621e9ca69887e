// Schema changes as people read them: what a change does to the schema of a version, whom it breaks and why,
// what registries will say.
#pragma once

#include <string>

#include "cli/plan.h"
#include "sluice/v1/change.pb.h"

namespace sluice::cli {

// `BREAKING: 3 of 41 consumers break, 1 undecided`.
std::string SchemaVerdictLine(const sluice::v1::SchemaChange& change);

// Indented by two, with a line break at the end of each line. With kCounts who must prepare and what
// registries will refuse; with kSteps every difference, proof and verdict too.
std::string RenderSchemaChange(const sluice::v1::SchemaChange& change, Detail detail, bool color);

}  // namespace sluice::cli
