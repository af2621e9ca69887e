// Rewritings of a schema of draft-07 that change nothing about the messages that it accepts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/schema/json.h"

namespace sluice::schema {

// As text, members of every object in the reverse of their usual order.
std::string WithKeysReversed(const Json& document);

// With a title, a description, a default and examples in every subschema.
Json Described(const Json& schema);

// The order of required names, types, enum values and branches turned round.
Json WithListsReversed(const Json& schema);

// About every second subschema moved to the definitions, a reference in its place.
Json WithReferences(const Json& document, uint64_t seed);

// The same in another draft, declared by `$schema`.
Json AsDraft2020(const Json& document);
std::optional<Json> AsDraft6(const Json& document);  // nullopt: it uses what that draft does not know
std::optional<Json> AsDraft4(const Json& document);

// One more branch, beside what stood there, in a place where accepting more makes the whole accept more: the
// root, or below it by properties, items, additionalProperties, allOf or anyOf.
Json WithBranchAdded(const Json& document, const Json& branch, uint64_t seed);

}  // namespace sluice::schema
