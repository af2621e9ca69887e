// Impact: what a change of a schema means for each application that is registered for the version.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/schema_change.h"
#include "common/core/schema_comparison.h"

namespace sluice::core {

// An application with access to a version. One that reads and writes is there twice.
struct Registered {
  std::string grant;
  std::string application;
  bool producer = false;
  Usage uses;  // of consumers; of several accesses all together
};

// What the grant's application declares to use of a version that it consumes; nullopt: it does not.
std::optional<Usage> UsageOf(const Grant& grant, int32_t major);

// In the order of grants, consumers before producers.
std::vector<Registered> RegisteredFor(const Catalog& catalog, std::string_view product, int32_t major);

// Where messages have what `schema` describes: `/data`, or nothing where it is the whole value. Grants name
// fields of messages.
std::string_view FieldRoot(const Schema& schema);

SchemaImpact Untouched(const Registered& one);

// One for each of `registered`, in their order. `root`: FieldRoot of the schemas.
//
// DESIGN's table: who uses a field that goes away, or validates whole messages, is concerned though no
// message breaks it; where anything is undecided, every consumer is; producers are concerned by what becomes
// required.
std::vector<SchemaImpact> ImpactsOn(const ComparedSchemas& compared, std::string_view root,
                                    const std::vector<Registered>& registered);

// Everything of `registered` and `root` that ImpactsOn depends on.
std::string KeyOf(std::string_view root, const std::vector<Registered>& registered);

}  // namespace sluice::core
