// Format: what the `format` keyword names (JSON Schema Validation, 7.3), for those who ask to have it
// asserted.
#pragma once

#include <optional>
#include <string_view>

namespace sluice::schema {

// Whether `text` is of `format`: date-time, date, time, duration, email, idn-email, hostname, idn-hostname,
// ipv4, ipv6, uri, uri-reference, iri, iri-reference, uri-template, uuid, json-pointer,
// relative-json-pointer, regex. nullopt: a format that we do not know.
std::optional<bool> IsOfFormat(std::string_view format, std::string_view text);

}  // namespace sluice::schema
