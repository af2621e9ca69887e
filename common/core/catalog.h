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

// Entries in the order of names, kept in chunks that tables share. Reading only; an entry stays where it is as long as any
// table that holds it.
template <typename T>
class Rows {
 public:
  class Iterator;
  size_t size() const { return list_->size; }
  bool empty() const { return size() == 0; }
  const Entry<T>& operator[](size_t index) const;  // precondition: below size()
  Iterator begin() const { return Iterator(*list_, 0); }
  Iterator end() const { return Iterator(*list_, list_->chunks.size()); }

 private:
  template <typename>
  friend class Table;
  using Chunk = std::vector<Entry<T>>;  // never empty
  struct List {
    std::vector<std::shared_ptr<const Chunk>> chunks;
    std::vector<size_t> first;  // index of each chunk's first entry
    size_t size = 0;
    void Add(std::shared_ptr<const Chunk> chunk);
  };

  // Index of the first entry that `is_before` does not hold for; it holds for all before that one and for none after.
  template <typename Predicate>
  size_t Partition(Predicate is_before) const;
  size_t ChunkOf(size_t index) const;

  std::shared_ptr<const List> list_ = std::make_shared<const List>();
};

// An immutable sorted table of definitions of one kind. Reading is a binary search. Put and Remove copy the one chunk that
// they change (at most kMaxChunk entries) and the list of chunks, never definitions: 100,000 entries cost little more than 1,000.
template <typename T>
class Table {
 public:
  const T* Find(std::string_view name) const;               // nullptr: none
  const Entry<T>* FindEntry(std::string_view name) const;   // nullptr: none
  const Rows<T>& entries() const { return rows_; }          // in the order of names
  // Entries whose names begin with `prefix`, as [first, last).
  std::pair<size_t, size_t> PrefixRange(std::string_view prefix) const;

  void Put(Entry<T> entry);
  void PutAll(std::vector<Entry<T>> entries);  // one pass for many; of several with one name the last counts
  void Remove(std::string_view name);

 private:
  Rows<T> rows_;
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
