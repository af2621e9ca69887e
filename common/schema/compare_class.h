// The class of a comparison by the table "How a schema finding becomes a class" (docs/schema.md). Internal to
// Compare.
#pragma once

#include "common/schema/compare.h"

namespace sluice::schema {

// Takes the gravity from edits that no message can show: what is proved compatible with readers as they are
// hurts none of them.
void Revise(Comparison& comparison);

// Sets the class and its reasons. The gravest edit decides; what is undecided, or fails forward without an
// edit that explains it, asks for coordination at least; a semantic break is breaking.
void Classify(Comparison& comparison);

}  // namespace sluice::schema
