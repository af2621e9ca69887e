// What a step is about, in words that identify it.
#pragma once

#include <string>
#include <string_view>

#include "common/core/diff.h"

namespace sluice::agent {

// The one thing that a step changes: `topic X`, `config K of topic X`, `partitions of topic X`, `level of
// subject S`, `schema of subject S`, `acl User:…`. Steps that set and that take away the same thing share it.
std::string Identity(const core::Step& step);

// The topic that a step of Kafka is about; of an ACL step only where it names one topic exactly; empty: none.
std::string_view TopicOf(const core::Step& step);

// Whether a step takes something away.
bool IsRemoval(const core::Step& step);

// `create-topic`, `set-config` …
std::string_view Name(core::StepKind kind);

// Whether a step goes to the registry.
bool IsForRegistry(const core::Step& step);

}  // namespace sluice::agent
