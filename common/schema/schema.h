// Schema: a JSON Schema read once into nodes that validation and comparison share. Drafts 04, 06, 07, 2019-09 and 2020-12 are read into one
// vocabulary, that of 2020-12: an array `items` becomes `prefix_items`, `dependencies` its two parts, `const` an enumeration of one,
// draft-04's boolean `exclusiveMinimum` a bound. References are resolved when the schema is loaded, inside the document or into `references`;
// nothing is ever fetched.
//
// Thread safety: immutable after loading; copies share the nodes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "common/schema/json.h"
#include "common/schema/pattern.h"

namespace sluice::schema {

enum class Dialect { kDraft4, kDraft6, kDraft7, kDraft2019, kDraft2020 };

// A set of JSON Schema's types. kInteger is the numbers without a fraction, a part of kNumber:
// `number` is both bits, `integer` is kInteger alone.
using Types = uint8_t;
inline constexpr Types kNull = 1, kBoolean = 2, kInteger = 4, kNumber = 8, kString = 16, kArray = 32, kObject = 64;
inline constexpr Types kAllTypes = kNull | kBoolean | kNumber | kString | kArray | kObject;

struct Node;

struct PatternProperty {
  std::shared_ptr<const Pattern> pattern;
  const Node* schema = nullptr;
};

// One subschema. A keyword that is absent leaves its field empty. Pointers are never null inside vectors and maps; vectors of
// pairs are sorted by key.
struct Node {
  const Json* source = nullptr;  // where it stands in its document
  std::string pointer;           // JSON Pointer in its document
  std::string document;          // the URI under which its document was given in `references`; empty: the document itself
  Dialect dialect = Dialect::kDraft7;
  int index = 0;                 // among the nodes of its schema, from 0 without gaps

  bool never = false;            // the schema `false`; `true` is a node without keywords
  std::optional<Types> types;
  std::optional<std::vector<Json>> enumeration;
  bool is_const = false;         // the enumeration was written as `const`

  std::optional<Decimal> minimum, exclusive_minimum, maximum, exclusive_maximum, multiple_of;
  std::optional<Decimal> min_length, max_length;  // in code points
  std::shared_ptr<const Pattern> pattern;
  std::string format;            // empty: none

  std::vector<const Node*> prefix_items;
  const Node* items = nullptr;   // of those after prefix_items
  const Node* contains = nullptr;
  std::optional<Decimal> min_contains, max_contains;
  std::optional<Decimal> min_items, max_items;
  bool unique_items = false;
  const Node* unevaluated_items = nullptr;

  std::vector<std::pair<std::string, const Node*>> properties;
  std::vector<PatternProperty> pattern_properties;
  const Node* additional_properties = nullptr;
  const Node* unevaluated_properties = nullptr;
  const Node* property_names = nullptr;
  std::vector<std::string> required;  // sorted, unique
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, const Node*>> dependent_schemas;
  std::optional<Decimal> min_properties, max_properties;

  std::vector<const Node*> all_of, any_of, one_of;
  const Node* not_ = nullptr;
  const Node* if_ = nullptr;
  const Node* then_ = nullptr;
  const Node* else_ = nullptr;

  const Node* ref = nullptr;     // $ref; up to draft-07 it stands alone
  const Node* dynamic_ref = nullptr;  // what $dynamicRef leads to when no outer schema has the anchor
  std::string dynamic_anchor;    // the anchor that a $dynamicRef looks for in outer schemas; empty: it acts like $ref
  int resource = 0;              // number of the schema resource ($id) that this node belongs to
};

struct LoadOptions {
  Dialect dialect = Dialect::kDraft7;      // of a document without `$schema`
  std::map<std::string, Json> references;  // other documents by the URI or name that a `$ref` gives them
};

struct LoadedSchema;

class Schema {
 public:
  // At most 60,000 subschemas, 256 deep, and chains of at most 256 schemas that apply to one value by $ref, allOf and the like.
  // INVALID_ARGUMENT with every problem (up to 20), each with its pointer: a keyword with a value that it cannot have, a reference that
  // leads nowhere, a reference that is its own target, an unknown dialect, an expression that is none,
  // past a bound.
  static absl::StatusOr<Schema> Load(const Json& document, const LoadOptions& options = {});

  const Node& root() const { return *root_; }
  const Json& document() const;
  size_t size() const;  // number of nodes
  Dialect dialect() const { return root_->dialect; }
  // The node that `$dynamicAnchor: anchor` marks in a resource; nullptr when there is none.
  const Node* DynamicAnchor(int resource, std::string_view anchor) const;

  // Whether `value` is in the enumeration of `node`, a node of this schema that has one; quick for large ones, too.
  bool Enumerates(const Node& node, const Json& value) const;

  // The same nodes with `root` in the place of the root; `root` is a node of this schema.
  Schema At(const Node& root) const;

 private:
  Schema(std::shared_ptr<const LoadedSchema> loaded, const Node* root) : loaded_(std::move(loaded)), root_(root) {}

  std::shared_ptr<const LoadedSchema> loaded_;
  const Node* root_ = nullptr;
};

}  // namespace sluice::schema
