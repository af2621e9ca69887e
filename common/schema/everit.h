// Everit: a JSON Schema as the Java library everit-json-schema reads it (1.14.5). The checks of Confluent's
// and Apicurio's registries compare this reading and not the schema: one object becomes one node of one kind,
// or an `allOf` of several when its keywords belong to several types; keywords that the dialect does not know
// are not there; a reference hides what stands beside it.
//
// Thread safety: immutable after loading; nodes and views live as long as the EveritSchema.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/schema/json.h"

namespace sluice::schema {

enum class EveritKind {
  kEmpty,  // no keyword that says anything
  kTrue,
  kFalse,
  kBoolean,
  kNull,
  kString,
  kNumber,
  kObject,
  kArray,
  kEnum,
  kConst,
  kNot,    // parts: the schema
  kAllOf,  // parts: the branches; also made of the several kinds of one object
  kAnyOf,  // also made of a list of types
  kOneOf,
  kConditional,  // parts: if, then, else; nullptr where there is none
  kReference,    // target
};

// kModern is 2019-09 and 2020-12, in the translation that Confluent's registry makes of them.
enum class EveritDialect { kDraft4, kDraft6, kDraft7, kModern };

struct EveritNode;
using NamedNode = std::pair<std::string_view, const EveritNode*>;
using NamedNames = std::pair<std::string_view, std::vector<std::string_view>>;

struct EveritObject {
  std::vector<NamedNode> properties;  // each list sorted by name
  std::vector<NamedNode> pattern_properties;
  std::vector<NamedNode> schema_dependencies;
  std::vector<NamedNames> property_dependencies;
  std::vector<std::string_view> required;  // sorted, unique
  const EveritNode* property_names = nullptr;
  const EveritNode* additional = nullptr;  // a schema; nullptr when anything or nothing is allowed
  bool permits_additional = true;

  const EveritNode* Property(std::string_view name) const;
  bool Requires(std::string_view name) const;
};

struct EveritArray {
  const EveritNode* items = nullptr;  // of every item
  std::vector<const EveritNode*> tuple;
  const EveritNode* additional = nullptr;
  const EveritNode* contains = nullptr;
  bool permits_additional = true;
  bool has_tuple = false;
};

// Numbers, lengths and other plain keywords are read from `source`.
struct EveritNode {
  EveritKind kind = EveritKind::kEmpty;
  bool alone = true;  // the only node of its object: keywords without a meaning to the library are its
  bool requires_integer = false;
  EveritDialect dialect = EveritDialect::kDraft7;
  const Json* source = nullptr;
  uint64_t location = 0;                 // equal for equal JSON Pointers
  std::unique_ptr<EveritObject> object;  // kObject
  std::unique_ptr<EveritArray> array;    // kArray
  std::vector<const EveritNode*> parts;
  const EveritNode* target = nullptr;

  // Where it stands: in `parent` under `keyword` and `name`; without a parent at `base`.
  const EveritNode* parent = nullptr;
  std::string base;  // JSON Pointer
  std::string_view keyword;
  std::optional<std::string> name;

  bool IsCombined() const {
    return kind == EveritKind::kAllOf || kind == EveritKind::kAnyOf || kind == EveritKind::kOneOf;
  }
  bool AcceptsAll() const { return kind == EveritKind::kEmpty || kind == EveritKind::kTrue; }
  const Json* Find(std::string_view key) const { return source == nullptr ? nullptr : source->Find(key); }
  std::string Pointer() const;
};

// What may be spent on one prediction: a step is one value read or one pair compared.
class StepBudget {
 public:
  explicit StepBudget(size_t steps) : left_(steps) {}
  bool Spend(size_t steps = 1) {
    left_ = left_ > steps ? left_ - steps : 0;
    return left_ > 0;
  }
  bool spent() const { return left_ == 0; }
  size_t left() const { return left_; }

 private:
  size_t left_;
};

class EveritSchema {
 public:
  // INVALID_ARGUMENT with the pointer and what the library objects to. UNIMPLEMENTED for a reference that
  // leaves the document, which the library would fetch. RESOURCE_EXHAUSTED when the budget is spent.
  static absl::StatusOr<EveritSchema> Load(const Json& document, EveritDialect dialect, StepBudget& budget);

  const EveritNode& root() const { return *root_; }

 private:
  std::shared_ptr<const Json> document_;
  std::shared_ptr<const std::deque<EveritNode>> nodes_;
  const EveritNode* root_ = nullptr;
};

}  // namespace sluice::schema
