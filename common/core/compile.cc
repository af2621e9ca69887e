#include "common/core/compile.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/core/compile_scope.h"
#include "common/core/names.h"
#include "common/core/settings.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

// One access of a grant, resolved on one cluster.
struct ResolvedAccess {
  const Access* access;
  std::string_view application;
  const std::vector<SharedText>* principals;  // `User:…`; empty: none here
  SelectedCustomers customers;
};

std::vector<SharedText> PrincipalsOn(const Application& application, std::string_view cluster) {
  std::vector<SharedText> principals;
  for (const Principal& principal : application.principals) {
    if (principal.cluster == cluster) principals.push_back(Cat("User:", principal.user));
  }
  return principals;
}

template <typename T>
void SortUnique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

bool Contains(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

// Compiles the slices of one product on one cluster; what all customers share is worked out once.
class ProductCompiler {
 public:
  ProductCompiler(const Catalog& catalog, const DataProduct& product, const Cluster& cluster)
      : catalog_(catalog),
        product_(product),
        cluster_(cluster),
        environment_(catalog.environments.Find(cluster.environment)),
        needs_schema_(environment_ != nullptr && environment_ == HighestEnvironment(catalog)) {
    for (const ProductVersion& version : product.versions) versions_.push_back(Share(version));
    ResolveGrants();
  }

  std::optional<Slice> For(const Customer& customer) const {
    const std::optional<Life> life = PresenceOn(customer, cluster_);
    if (!life) return std::nullopt;
    Slice slice;
    slice.key = ProductSliceKey(product_.name, customer.name);
    for (size_t i = 0; i < product_.versions.size(); ++i) {
      const ProductVersion& version = product_.versions[i];
      const bool open = *life != Life::kRetired && version.state != Life::kRetired;
      if (open && needs_schema_ && !version.schema) NoteNoSchema(version, slice);
      for (size_t stream = 0; stream < version.streams.size(); ++stream)
        AddStream(customer, i, stream, open, slice);
    }
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(slice.topics.begin(), slice.topics.end(), by_name);
    std::sort(slice.subjects.begin(), slice.subjects.end(), by_name);
    SortUnique(slice.acls);
    return slice;
  }

 private:
  // What the topics of all customers have in common.
  struct SharedVersion {
    SharedText schema_type, schema, level;  // as registered; empty: no schema
    std::vector<Topic> topics;              // by stream; without names
  };

  SharedVersion Share(const ProductVersion& version) const {
    SharedVersion shared;
    if (version.schema) {
      shared.schema_type = version.schema->format == SchemaFormat::kAvro ? "AVRO" : "JSON";
      shared.schema = ComposeSubjectSchema(*version.schema);
      shared.level = version.compatibility;
    }
    for (const Stream& stream : version.streams) {
      TopicSettings settings =
          EffectiveSettings(stream, environment_ != nullptr ? *environment_ : Environment());
      shared.topics.push_back({.name = {},
                               .partitions = settings.partitions,
                               .replication_factor = settings.replication_factor,
                               .configs = std::move(settings.config),
                               .gate_subject = {}});
    }
    return shared;
  }

  void ResolveGrants() {
    const auto [first, last] = catalog_.grants.PrefixRange(Cat(product_.name, "/"));
    principals_.reserve(last - first);
    for (size_t i = first; i < last; ++i) {
      const Grant& grant = *catalog_.grants.entries()[i].value;
      const std::optional<GrantName> name = ParseGrantName(grant.name);
      if (!name) continue;
      const Application* application = catalog_.applications.Find(name->application);
      principals_.push_back(application == nullptr ? std::vector<SharedText>()
                                                   : PrincipalsOn(*application, cluster_.name));
      for (const Access& access : grant.access) {
        if (!Contains(access.environments, cluster_.environment)) continue;
        accesses_.push_back({&access, name->application, &principals_.back(),
                             SelectedCustomers(access.customers, SelectedCustomers::Empty::kEverybody)});
      }
    }
  }

  void AddStream(const Customer& customer, size_t version_index, size_t stream_index, bool open,
                 Slice& slice) const {
    const ProductVersion& version = product_.versions[version_index];
    const SharedVersion& shared = versions_[version_index];
    const Stream& stream = version.streams[stream_index];
    Topic topic = shared.topics[stream_index];
    topic.name = TopicName(customer.name, product_, version.major, stream.suffix);
    if (version.schema) {
      topic.gate_subject = SubjectName(topic.name);
      slice.subjects.push_back({.name = topic.gate_subject,
                                .schema_type = shared.schema_type,
                                .schema = shared.schema,
                                .level = shared.level});
    }
    if (open && stream.state != Life::kRetired) AddAcls(customer, version, stream, topic.name, slice);
    slice.topics.push_back(std::move(topic));
  }

  void AddAcls(const Customer& customer, const ProductVersion& version, const Stream& stream,
               const SharedText& topic, Slice& slice) const {
    for (const ResolvedAccess& resolved : accesses_) {
      if (!Covers(resolved, customer, version, stream)) continue;
      if (resolved.principals->empty()) {
        NoteNoPrincipal(resolved.application, slice);
        continue;
      }
      // READ and WRITE imply DESCRIBE; idempotent producers need no more than WRITE (KIP-679).
      const bool writes = resolved.access->role == AccessRole::kProducer;
      if (writes && needs_schema_ && !version.schema) continue;
      for (const SharedText& principal : *resolved.principals) {
        slice.acls.push_back({.resource_type = ResourceType::kTopic,
                              .pattern_type = PatternType::kLiteral,
                              .resource = topic,
                              .principal = principal,
                              .operation = writes ? Operation::kWrite : Operation::kRead});
      }
    }
  }

  static bool Covers(const ResolvedAccess& resolved, const Customer& customer, const ProductVersion& version,
                     const Stream& stream) {
    const Access& access = *resolved.access;
    if (access.role == AccessRole::kUnspecified) return false;
    if (std::find(access.majors.begin(), access.majors.end(), version.major) == access.majors.end())
      return false;
    const bool streams = access.streams.empty() ? stream.purpose != Purpose::kDeadLetters
                                                : Contains(access.streams, stream.suffix);
    return streams && resolved.customers.Contains(customer.name);
  }

  void NoteNoSchema(const ProductVersion& version, Slice& slice) const {
    slice.notes.push_back(
        {"NoSchema", Cat("topics in ", cluster_.environment, " are not writable without a schema (version ",
                         version.major, " has none); declare one")});
  }

  void NoteNoPrincipal(std::string_view application, Slice& slice) const {
    Note note = {"NoPrincipal", Cat("a grant needs a principal (application ", application, " has none on ",
                                    cluster_.name, "); the platform operator adds one to the application")};
    if (std::find(slice.notes.begin(), slice.notes.end(), note) == slice.notes.end()) {
      slice.notes.push_back(std::move(note));
    }
  }

  const Catalog& catalog_;
  const DataProduct& product_;
  const Cluster& cluster_;
  const Environment* environment_;
  bool needs_schema_;  // writers need one: the last environment of the path
  std::vector<SharedVersion> versions_;
  std::vector<std::vector<SharedText>> principals_;  // by grant
  std::vector<ResolvedAccess> accesses_;
};

std::vector<Slice> CompileReleased(const Catalog& catalog, const DataProduct& product,
                                   const Cluster& cluster) {
  const ProductCompiler compiler(catalog, product, cluster);
  std::vector<Slice> slices;
  for (const Customer* customer : SelectCustomers(catalog, product.customers)) {
    if (std::optional<Slice> slice = compiler.For(*customer)) slices.push_back(*std::move(slice));
  }
  return slices;
}

void AddNameSpaceAcls(const NameSpace& names, std::string_view application, ResourceType type,
                      Operation operation, const std::vector<SharedText>& principals,
                      std::vector<Acl>& acls) {
  for (const SharedText& principal : principals) {
    Acl acl = {.resource_type = type,
               .pattern_type = PatternType::kPrefixed,
               .resource = PrefixOf(names, application),
               .principal = principal,
               .operation = operation};
    acls.push_back(acl);
    acl.pattern_type = PatternType::kLiteral;
    for (const std::string& name : names.also) {
      acl.resource = name;
      acls.push_back(acl);
    }
  }
}

}  // namespace

std::vector<Slice> CompileProduct(const Catalog& catalog, std::string_view product, const Cluster& cluster) {
  const DataProduct* released = Released(catalog, product, cluster.environment);
  return released == nullptr ? std::vector<Slice>() : CompileReleased(catalog, *released, cluster);
}

std::optional<Slice> CompileProductFor(const Catalog& catalog, std::string_view product,
                                       std::string_view customer, const Cluster& cluster) {
  const DataProduct* released = Released(catalog, product, cluster.environment);
  const Customer* found = catalog.customers.Find(customer);
  if (released == nullptr || found == nullptr) return std::nullopt;
  if (!released->customers.all && !Contains(released->customers.names, customer)) return std::nullopt;
  if (!PresenceOn(*found, cluster)) return std::nullopt;
  return ProductCompiler(catalog, *released, cluster).For(*found);
}

std::optional<Slice> CompileApplication(const Catalog& catalog, std::string_view application,
                                        const Cluster& cluster) {
  const Application* found = catalog.applications.Find(application);
  if (found == nullptr) return std::nullopt;
  const std::vector<SharedText> principals = PrincipalsOn(*found, cluster.name);
  if (principals.empty()) return std::nullopt;
  Slice slice;
  slice.key = ApplicationSliceKey(application);
  // READ on a group covers joining it and committing offsets, WRITE on a transactional id all of its use;
  // both imply DESCRIBE.
  AddNameSpaceAcls(found->groups, application, ResourceType::kGroup, Operation::kRead, principals,
                   slice.acls);
  AddNameSpaceAcls(found->transactional_ids, application, ResourceType::kTransactionalId, Operation::kWrite,
                   principals, slice.acls);
  SortUnique(slice.acls);
  return slice;
}

std::vector<Slice> Compile(const Catalog& catalog, const Cluster& cluster) {
  std::vector<Slice> slices;
  for (const Entry<Application>& entry : catalog.applications.entries()) {
    if (std::optional<Slice> slice = CompileApplication(catalog, entry.name, cluster))
      slices.push_back(*std::move(slice));
  }
  const std::string ending = Cat("/", cluster.environment);
  for (const Entry<DataProduct>& entry : catalog.releases.entries()) {
    if (!std::string_view(entry.name).ends_with(ending)) continue;
    for (Slice& slice : CompileReleased(catalog, *entry.value, cluster)) slices.push_back(std::move(slice));
  }
  std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) { return a.key < b.key; });
  return slices;
}

std::optional<Slice> CompileKey(const Catalog& catalog, std::string_view key, const Cluster& cluster) {
  constexpr std::string_view kProduct = "product/";
  constexpr std::string_view kApplication = "application/";
  if (key.starts_with(kApplication))
    return CompileApplication(catalog, key.substr(kApplication.size()), cluster);
  if (!key.starts_with(kProduct)) return std::nullopt;
  key.remove_prefix(kProduct.size());
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return CompileProductFor(catalog, key.substr(0, slash), key.substr(slash + 1), cluster);
}

}  // namespace sluice::core
