// LoadedSchema: what a Schema and its copies share: the documents and the nodes read from them.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <string>
#include <utility>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

struct SchemaDocument {
  std::string name;  // as in Node::document
  Json json;
};

// A schema resource (JSON Schema Core, 4.3.5): a document, or what an `$id` makes one inside of it.
struct SchemaResource {
  std::string base;  // URI; empty when none was given
  const Json* root = nullptr;
  std::string pointer;  // of the root in its document
  const Node* node = nullptr;
  int document = 0;
  Dialect dialect = Dialect::kDraft7;
  bool validation = true;  // whether its meta-schema has the validation vocabulary
  absl::flat_hash_map<std::string, const Node*> anchors;
  absl::flat_hash_map<std::string, const Node*> dynamic_anchors;
};

// The values of a large enumeration by their hashes, in order: hash and place in Node::enumeration.
using ValueIndex = std::vector<std::pair<size_t, uint32_t>>;
inline constexpr size_t kLargeEnumeration = 16;

struct LoadedSchema {
  std::deque<SchemaDocument> documents;  // the first one is the schema's own
  std::deque<SchemaResource> resources;
  std::pmr::monotonic_buffer_resource memory{16 * 1024};  // nodes are many, large and freed together
  std::pmr::deque<Node> nodes{&memory};
  absl::flat_hash_map<int, ValueIndex>
      enumerations;  // those of more than kLargeEnumeration values, by Node::index
};

}  // namespace sluice::schema
