// Impact: which consumers a change of a schema really breaks, by the fields that they declare to use and how
// they treat messages, each with a message as proof.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/schema/compare.h"
#include "common/schema/project.h"

namespace sluice::schema {

// What a consumer declares.
struct ConsumerUse {
  std::string name;
  std::vector<std::string>
      fields;  // JSON Pointers with `*` for items and free names, each with all below it; none: every field
  ConsumerTraits traits;
};

enum class Effect {
  kNone,       // it reads everything that new writers send
  kAffected,   // no message breaks it, but what it uses is gone or means something else
  kUndecided,  // a person must look
  kBroken,     // a message of new writers breaks it
};

struct ConsumerImpact {
  std::string consumer;
  Effect effect = Effect::kNone;
  std::vector<size_t> edits;    // of Comparison::edits, that touch what it uses; documentation left out
  std::string reason;           // a sentence; empty at kNone
  std::string instance;         // at kBroken: JSON Pointer in the witness to what it refuses
  std::optional<Json> witness;  // at kBroken: a message of new writers, closed, that it does not accept
};

struct Impact {
  std::vector<ConsumerImpact> consumers;  // as they were given
  size_t broken = 0;
  size_t affected = 0;
  size_t undecided = 0;
  // The class with its consumers known: the comparison's, and COORDINATED at least when one of them is broken
  // or undecided.
  SchemaClass change_class = SchemaClass::kCompatible;

  // `3 of 41 consumers break`, `3 of 41 consumers break, 2 more are affected`, `none of 41 consumers is
  // affected`.
  std::string Summary() const;
};

// `comparison` is Compare(before, after). Consumers that declare the same are looked at once; those whose
// fields no edit touches not at all, so 10,000 consumers cost little more than their different declarations.
// Beyond 500 different ones: kUndecided.
Impact AssessImpact(const Schema& before, const Schema& after, const Comparison& comparison,
                    const std::vector<ConsumerUse>& consumers);

}  // namespace sluice::schema
