// View: all that applies at one place of a schema, seen through $ref, allOf and groups of one branch.
// Internal to FindEdits.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

using Branches = std::vector<const Node*>;

// Schemas that all apply at one place. No nodes: anything is accepted.
struct Operand {
  std::vector<const Node*> nodes;
  std::vector<const Branches*>
      without;  // groups of branches that are left out: one of their branches stands in `nodes`
};

// An anyOf or oneOf of two branches or more.
struct Group {
  const Node* node = nullptr;
  const Branches* branches = nullptr;
  bool exclusive = false;  // oneOf
};

struct View {
  std::vector<const Node*> nodes;  // in the order of finding; the operand's come first
  std::vector<Group> groups;
  Types types = 0;       // that can occur; kInteger is set whenever kNumber is
  bool never = false;    // nothing is accepted, as far as types show it
  bool complete = true;  // false: more than 256 nodes
};

// Makes views and remembers the types of nodes; for one comparison.
class Views {
 public:
  View Of(const Operand& operand);
  // Types that `node` can accept as its types, enumerations and branches show them.
  Types TypesOf(const Node& node) { return TypesOf(node, 0); }

 private:
  Types TypesOf(const Node& node, int depth);
  Types UnionOf(const Branches& branches, int depth);

  absl::flat_hash_map<const Node*, Types> types_;
};

// `node`, or what it refers to when it is nothing but a reference.
const Node* Follow(const Node* node);

// JSON Pointer of `node`; `NAME#/pointer` in a referenced document.
std::string PointerOf(const Node& node);
// The same of the first of `keywords` that stands in `node`; of `node` itself when none does.
std::string KeywordPointer(const Node& node, const std::vector<std::string_view>& keywords);

// Whether `node` accepts anything: `true`, or an object of words for people.
bool IsAnything(const Node& node);
// Whether `node` says nothing but `type`.
bool IsPlainType(const Node& node);
// Whether `keyword` has no meaning for validation (`title`, and words that JSON Schema does not know).
bool IsDocumentationKeyword(std::string_view keyword);
// `unit`, `contentEncoding` and the like: what a value means or how it is written, by declaration.
bool IsMeaningKeyword(std::string_view keyword);

// Whether two texts of schemas are equal and refer to nothing.
bool EqualWithoutReferences(const Json& a, const Json& b);

// Whether two schemas are the same text of the same draft and refer to nothing.
bool AreEqualTexts(const Node& a, const Node& b);

// `string or null`, `anything`, `nothing`.
std::string TypesText(Types types);

}  // namespace sluice::schema
