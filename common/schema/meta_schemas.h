// The published meta-schemas of JSON Schema (drafts 04, 06, 07, 2019-09, 2020-12), so that a `$ref` to one needs no network. Their texts
// are those of https://json-schema.org, white space aside (licence: AFL or BSD, see there).
#pragma once

#include <string_view>

namespace sluice::schema {

// The JSON text of the meta-schema with this URI (without fragment); empty when there is none.
std::string_view MetaSchemaText(std::string_view uri);

}  // namespace sluice::schema
