#include "controlplane/store/definitions.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <set>

#include "common/wire/wire.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

using google::protobuf::util::TimeUtil;
using sluice::v1::Resource;

std::string KindText(core::Kind kind) { return std::string(core::KindName(kind)); }

// Puts or removes the row of one released product.
absl::Status PutRelease(db::Connection& connection, const core::Catalog& before, const core::Catalog& after,
                        const std::string& product, const std::string& environment) {
  const std::string name = product + "/" + environment;
  const auto* is = after.releases.FindEntry(name);
  const auto* was = before.releases.FindEntry(name);
  if (is == nullptr && was == nullptr) return absl::OkStatus();
  if (is == nullptr) {
    return connection
        .Execute("DELETE FROM releases WHERE product = $1 AND environment = $2", {product, environment})
        .status();
  }
  if (was != nullptr && was->revision == is->revision) return absl::OkStatus();
  return connection
      .Execute(
          "INSERT INTO releases (product, environment, revision) VALUES ($1, $2, $3) "
          "ON CONFLICT (product, environment) DO UPDATE SET revision = $3",
          {product, environment, is->revision})
      .status();
}

// Columns: content, revision, create_time_us, update_time_us, change.
absl::StatusOr<Resource> ToResource(const db::Row& row) {
  Resource resource;
  if (!resource.ParseFromString(row.Text(0)))
    return absl::DataLossError("a stored definition cannot be read; restore a backup");
  auto* meta = wire::MutableMeta(resource);
  if (meta == nullptr) return absl::DataLossError("a stored definition is empty; restore a backup");
  meta->set_revision(row.Int(1));
  *meta->mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(row.Int(2));
  *meta->mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(row.Int(3));
  meta->set_change(row.Text(4));
  wire::SetEtag(resource, std::to_string(row.Int(1)));
  return resource;
}

absl::StatusOr<core::Definition> ToDefinition(const std::string& content) {
  Resource resource;
  if (!resource.ParseFromString(content))
    return absl::DataLossError("a stored definition cannot be read; restore a backup");
  return wire::FromProto(resource);
}

// Collects the entries of all kinds, so that each table is made once.
class CatalogLoader {
 public:
  void Add(core::Definition definition, int64_t revision) {
    std::visit(
        [&]<typename T>(T& value) {
          std::string name = value.name;
          std::get<std::vector<core::Entry<T>>>(entries_).push_back(
              {std::move(name), revision, std::make_shared<const T>(std::move(value))});
        },
        definition);
  }
  core::Catalog Finish() && {
    core::Catalog catalog;
    std::apply([&](auto&... entries) { (Put(catalog, entries), ...); }, entries_);
    return catalog;
  }

 private:
  template <typename T>
  static void Put(core::Catalog& catalog, std::vector<core::Entry<T>>& entries) {
    catalog.Of<T>().PutAll(std::move(entries));
  }
  template <typename... T>
  using EntriesOf = std::tuple<std::vector<core::Entry<T>>...>;
  EntriesOf<core::Environment, core::Category, core::Domain, core::Customer, core::Application, core::Cluster,
            core::DataProduct, core::Grant>
      entries_;
};

absl::Status LoadReleases(db::Connection& connection, core::Catalog& catalog) {
  SLUICE_VALUE(rows,
               connection.Query("SELECT r.product, r.environment, r.revision, h.content FROM releases r "
                                "JOIN definition_history h ON h.kind = 'DataProduct' AND h.name = r.product "
                                "AND h.revision = r.revision"));
  std::vector<core::Entry<core::DataProduct>> entries;
  for (const db::Row& row : rows) {
    // Usually the latest content: shared then.
    const auto* latest = catalog.products.FindEntry(row.Text(0));
    std::shared_ptr<const core::DataProduct> value;
    if (latest != nullptr && latest->revision == row.Int(2)) {
      value = latest->value;
    } else {
      SLUICE_VALUE(definition, ToDefinition(row.Text(3)));
      value = std::make_shared<const core::DataProduct>(std::get<core::DataProduct>(std::move(definition)));
    }
    entries.push_back({row.Text(0) + "/" + row.Text(1), row.Int(2), std::move(value)});
  }
  catalog.releases.PutAll(std::move(entries));
  return absl::OkStatus();
}

}  // namespace

absl::Status PutDefinition(db::Connection& connection, const core::Edit& edit, const Resource& resource,
                           const Stamp& stamp) {
  const std::string kind = KindText(core::KindOf(edit.definition));
  const std::string& name = core::NameOf(edit.definition);
  const bool deleted = edit.action == core::EditAction::kDelete;
  db::Bytes content;
  if (!deleted) {
    Resource stripped = resource;
    wire::StripOutput(stripped);
    content.data = wire::Serialize(stripped);
  }
  // A definition that comes back after its deletion is a new one: created now.
  SLUICE_TRY(connection.Execute(
      "INSERT INTO definitions (kind, name, revision, deleted, content, create_time_us, update_time_us, "
      "change) "
      "VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (kind, name) DO UPDATE SET revision = $3, deleted "
      "= $4, "
      "content = $5, create_time_us = CASE WHEN definitions.deleted = 1 THEN $6 ELSE "
      "definitions.create_time_us END, "
      "update_time_us = $6, change = $7",
      {kind, name, stamp.revision, int64_t{deleted}, content, stamp.time_us, stamp.change}));
  return connection
      .Execute(
          "INSERT INTO definition_history (kind, name, revision, deleted, content, time_us, change) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7)",
          {kind, name, stamp.revision, int64_t{deleted}, content, stamp.time_us, stamp.change})
      .status();
}

absl::Status PutReleases(db::Connection& connection, const core::Catalog& before, const core::Catalog& after,
                         const std::vector<core::Edit>& edits) {
  for (const core::Edit& edit : edits) {
    const std::string& name = core::NameOf(edit.definition);
    if (core::KindOf(edit.definition) == core::Kind::kDataProduct) {
      std::set<std::string> environments;
      for (const core::Catalog* catalog : {&before, &after}) {
        for (const auto& environment : catalog->environments.entries()) environments.insert(environment.name);
      }
      for (const std::string& environment : environments) {
        SLUICE_TRY(PutRelease(connection, before, after, name, environment));
      }
    } else if (core::KindOf(edit.definition) == core::Kind::kEnvironment) {
      // A new environment may take every product along.
      if ((before.environments.Find(name) == nullptr) == (after.environments.Find(name) == nullptr)) continue;
      for (const core::Catalog* catalog : {&before, &after}) {
        for (const auto& product : catalog->products.entries()) {
          SLUICE_TRY(PutRelease(connection, before, after, product.name, name));
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<core::Catalog> LoadCatalog(db::Connection& connection) {
  CatalogLoader loader;
  SLUICE_VALUE(rows, connection.Query("SELECT content, revision FROM definitions WHERE deleted = 0"));
  for (const db::Row& row : rows) {
    SLUICE_VALUE(definition, ToDefinition(row.Text(0)));
    loader.Add(std::move(definition), row.Int(1));
  }
  core::Catalog catalog = std::move(loader).Finish();
  SLUICE_TRY(LoadReleases(connection, catalog));
  return catalog;
}

absl::StatusOr<Resource> ReadDefinition(db::Connection& connection, core::Kind kind,
                                        const std::string& name) {
  SLUICE_VALUE(rows, connection.Query(
                         "SELECT content, revision, create_time_us, update_time_us, change FROM definitions "
                         "WHERE kind = $1 AND name = $2 AND deleted = 0",
                         {KindText(kind), name}));
  if (rows.empty()) {
    return absl::NotFoundError(
        fmt::format("there is no {} named {}; check the name", core::KindName(kind), name));
  }
  return ToResource(rows.front());
}

absl::StatusOr<std::vector<Resource>> ReadDefinitions(db::Connection& connection, core::Kind kind,
                                                      const std::string& after_name, int limit) {
  SLUICE_VALUE(rows, connection.Query(
                         "SELECT content, revision, create_time_us, update_time_us, change FROM definitions "
                         "WHERE kind = $1 AND name > $2 AND deleted = 0 ORDER BY name LIMIT $3",
                         {KindText(kind), after_name, int64_t{limit}}));
  std::vector<Resource> resources;
  for (const db::Row& row : rows) {
    SLUICE_VALUE(resource, ToResource(row));
    resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace sluice::controlplane
