// Compile: from definitions and releases to slices. Deterministic; costs are proportional to what is compiled.
#pragma once

#include <string_view>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/slice.h"

namespace sluice::core {

// Slices that `product` wants on `cluster`: one for each customer that lives there (or lived there and is retired), in the
// order of customers; empty where it is not released. Retired presences, versions and streams keep topics and subjects
// and have no ACLs. Absences are not part of a compiled slice; the control plane adds the stored ones.
std::vector<Slice> CompileProduct(const Catalog& catalog, std::string_view product, const Cluster& cluster);

// The slice of one customer only; nullopt: there is none.
std::optional<Slice> CompileProductFor(const Catalog& catalog, std::string_view product, std::string_view customer,
                                       const Cluster& cluster);

// What `application` wants on `cluster` (its consumer groups and transactional ids); nullopt where it has no principal.
std::optional<Slice> CompileApplication(const Catalog& catalog, std::string_view application, const Cluster& cluster);

// Everything on `cluster`, in the order of keys.
std::vector<Slice> Compile(const Catalog& catalog, const Cluster& cluster);

// One slice by its key; nullopt: nothing wants it now.
std::optional<Slice> CompileKey(const Catalog& catalog, std::string_view key, const Cluster& cluster);

// A slice somewhere.
struct SliceAddress {
  std::string cluster;
  std::string key;
  auto operator<=>(const SliceAddress&) const = default;
};

// Every slice that `edits` can change, under `before` or `after`: sorted, unique. A superset; costs are proportional to the
// edits and what they fan out to.
std::vector<SliceAddress> Touched(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits);

// The schema text that is registered for `schema`: the CloudEvents envelope composed around it, or the text itself
// (`describes: MESSAGE`, Avro). Local references are rewritten. Precondition: the text is valid JSON (Validate).
std::string ComposeSubjectSchema(const Schema& schema);

}  // namespace sluice::core
