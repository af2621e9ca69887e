// View: a stored change as callers see it.
#pragma once

#include <absl/status/statusor.h>

#include "controlplane/services/changes/draft.h"
#include "controlplane/services/context.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

// Without edits, plans and progress.
absl::StatusOr<sluice::v1::Change> Summary(const Context& context, const State& state,
                                           const StoredChange& change);

// In full. Of a waiting change requirements, findings and plans are those of now: what it would need and do
// today.
absl::StatusOr<sluice::v1::Change> View(const Context& context, const StoredChange& change);

// A draft that was not stored.
sluice::v1::Change Preview(const Context& context, const Draft& draft, const Judgement& judgement);

// Puts into a waiting `change` who must agree to it today. One that could not be released today keeps what it
// has.
absl::Status RequireToday(const Context& context, const State& state, StoredChange& change);

// Whether the caller is its author.
bool IsAuthor(const Context& context, const StoredChange& change);

}  // namespace sluice::controlplane
