// The Parsing Canonical Form of an Avro schema and its fingerprint (Avro specification, "Parsing Canonical
// Form for Schemas"): schemas with the same form read and write the same bytes alike.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/schema/avro_schema.h"

namespace sluice::schema {

// RESOURCE_EXHAUSTED when the form is longer than 32 MiB, because long full names are repeated very often.
absl::StatusOr<std::string> CanonicalForm(const AvroSchema& schema);

// CRC-64-AVRO, the 64-bit Rabin fingerprint.
uint64_t Fingerprint(std::string_view canonical_form);

}  // namespace sluice::schema
