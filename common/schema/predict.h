// Predict: what a schema registry will say of a new version of a JSON Schema subject, before anyone approves
// it. A registry compares texts by rules of its own and is wrong in places; its answer never changes what a
// change means (see Compare), but it decides whether the version can be registered.
//
// Reproduced from the behaviour of the servers themselves, both of which compare what the library
// everit-json-schema reads (see everit.h): Confluent Schema Registry with its strict policy, and Apicurio
// Registry 3.0 over its Confluent-compatible API. References to other subjects are not followed.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/json.h"

namespace sluice::schema {

enum class RegistryKind { kConfluentStrict, kApicurio, kOther };  // kOther: not known to us, always kUnknown

// Compatibility levels by their names in every Confluent-compatible API.
enum class Level {
  kNone,
  kBackward,
  kBackwardTransitive,
  kForward,
  kForwardTransitive,
  kFull,
  kFullTransitive
};

std::optional<Level> ParseLevel(std::string_view name);  // `FORWARD_TRANSITIVE`
std::string_view LevelName(Level level);

enum class Predicted {
  kCompatible,    // it will register the version
  kIncompatible,  // it will refuse it: not compatible at the subject's level
  kRefused,       // it will refuse it for another reason, at any level or until older versions are gone
  kUnknown,       // we cannot tell
};

std::string_view PredictedName(Predicted answer);  // `compatible`

struct Prediction {
  Predicted answer = Predicted::kCompatible;
  std::string reason;  // a sentence; empty when compatible
  std::string
      pointer;  // JSON Pointer in the proposed schema, of the place where it would be when it is not there
  int registry_code = 0;  // the error code with which it will refuse (409, 42201, 500); 0: none
};

// `retained` are the versions of the subject that are not deleted, the newest last. Bounded: at most about a
// second; what takes longer is kUnknown.
Prediction Predict(RegistryKind registry, Level level, std::span<const Json> retained, const Json& proposed);

// The other levels at which `registry` would accept `proposed`, the strongest promise first; empty when it is
// accepted as it is, or refused whatever the level.
std::vector<Level> AcceptingLevels(RegistryKind registry, Level level, std::span<const Json> retained,
                                   const Json& proposed);

// Sentences that name the ways out of a refusal to come: another level for the subject in the same change, a
// new major version. Empty when none is predicted.
std::vector<std::string> WaysOut(RegistryKind registry, Level level, std::span<const Json> retained,
                                 const Json& proposed);

}  // namespace sluice::schema
