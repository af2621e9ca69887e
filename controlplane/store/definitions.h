// Definitions, their history and what is released where, as rows.
#pragma once

#include <string>
#include <vector>

#include "common/core/catalog.h"
#include "common/db/database.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::controlplane {

// When and by what a row is written.
struct Stamp {
  int64_t revision = 0;
  int64_t time_us = 0;
  std::string change;
};

// `resource` is the content of `edit`; etag, meta and status are not stored. Deletions leave a tombstone.
absl::Status PutDefinition(db::Connection& connection, const core::Edit& edit,
                           const sluice::v1::Resource& resource, const Stamp& stamp);
// Stores what differs between the releases of two catalogs, `edits` lying between them.
absl::Status PutReleases(db::Connection& connection, const core::Catalog& before, const core::Catalog& after,
                         const std::vector<core::Edit>& edits);
absl::StatusOr<core::Catalog> LoadCatalog(db::Connection& connection);

// Resources with meta and etag; NOT_FOUND.
absl::StatusOr<sluice::v1::Resource> ReadDefinition(db::Connection& connection, core::Kind kind,
                                                    const std::string& name);
absl::StatusOr<std::vector<sluice::v1::Resource>> ReadDefinitions(db::Connection& connection, core::Kind kind,
                                                                  const std::string& after_name, int limit);

}  // namespace sluice::controlplane
