// Catalog: every definition and release at one store revision, as an immutable value that is cheap to copy. The control
// plane publishes one after each commit; an edited copy is the "after" of a proposed change.
//
// Thread safety: a Catalog is a value; copies share immutable tables and may be read from many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/core/definitions.h"

namespace sluice::core {

// One stored definition with the revision of its last release.
template <typename T>
struct Entry {
  std::string name;
  int64_t revision = 0;
  std::shared_ptr<const T> value;
};

// An immutable sorted table of definitions of one kind. Reading is a binary search; Put and Remove make a new vector of
// pointers (measured: 100 µs at 10,000 entries), never copy definitions.
template <typename T>
class Table {
 public:
  const T* Find(std::string_view name) const;               // nullptr: none
  const Entry<T>* FindEntry(std::string_view name) const;   // nullptr: none
  const std::vector<Entry<T>>& entries() const { return *entries_; }  // in the order of names
  // Entries whose names begin with `prefix`, as [first, last).
  std::pair<size_t, size_t> PrefixRange(std::string_view prefix) const;

  void Put(Entry<T> entry);
  void PutAll(std::vector<Entry<T>> entries);  // one pass for many
  void Remove(std::string_view name);

 private:
  std::shared_ptr<const std::vector<Entry<T>>> entries_ = std::make_shared<std::vector<Entry<T>>>();
};

// Which content of a product is live in an environment. `name` of its entry is `{product}/{environment}`.
using Releases = Table<DataProduct>;

struct Catalog {
  Table<Environment> environments;
  Table<Category> categories;
  Table<Domain> domains;
  Table<Customer> customers;
  Table<Application> applications;
  Table<Cluster> clusters;
  Table<DataProduct> products;  // the latest approved content
  Table<Grant> grants;
  Releases releases;

  // The table of a kind, by its type: `catalog.Of<Grant>()`.
  template <typename T>
  Table<T>& Of();
  template <typename T>
  const Table<T>& Of() const;
};

// A definition of any kind.
using Definition = std::variant<Environment, Category, Domain, Customer, Application, Cluster, DataProduct, Grant>;

enum class EditAction { kPut, kDelete };

// One edit of a proposed change. For deletions only the name in `definition` counts.
struct Edit {
  EditAction action = EditAction::kPut;
  Definition definition;
};

Kind KindOf(const Definition& definition);
const std::string& NameOf(const Definition& definition);
// `dataproduct/p-and-p.promotions`: kind in lower case without separators, and name. Used in findings, audit and logs.
std::string ResourceName(Kind kind, std::string_view name);
std::string ResourceName(const Definition& definition);
// `DataProduct`, as manifests say it.
std::string_view KindName(Kind kind);

// The catalog after the edits, all at `revision`. Products are released to every environment at once.
Catalog Apply(const Catalog& before, const std::vector<Edit>& edits, int64_t revision);

// Splits edits into groups such that no group refers to a definition that another group edits; keeps the order of first
// edits. Each group becomes one change.
std::vector<std::vector<size_t>> ConnectedGroups(const std::vector<Edit>& edits);

}  // namespace sluice::core

#include "common/core/catalog_inl.h"
