// Facts about single schemas that need no search.
#pragma once

#include <string_view>
#include <vector>

#include "common/schema/state.h"

namespace sluice::schema {

// The types that `node` itself allows, kInteger meaning integers and kNumber all other numbers.
Types MaskOf(const Node& node);

// `node`, or where it leads when it is a reference and nothing else.
const Node& Through(const Node& node);

// The schema of `properties` for `name`; nullptr: none.
const Node* Property(const Node& node, std::string_view name);

bool Requires(const Node& node, std::string_view name);

// Whether the schema says anything by properties, patternProperties, additionalProperties or
// unevaluatedProperties.
bool DeclaresMembers(const Node& node);

// Whether nothing that fulfils all of `positives` (of types `mask`) can fulfil `node`, as far as a short look
// shows: types, and the values of members that tell branches apart.
bool PlainlyApart(const std::vector<Atom>& positives, Types mask, const Node& node);

}  // namespace sluice::schema
