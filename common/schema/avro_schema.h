// AvroSchema: an Avro schema (specification 1.11 and 1.12, "Schema Declaration") read once into nodes that
// resolution, comparison and the canonical form share. Names are resolved to the nodes that they name, so a
// recursive schema is a graph with cycles.
//
// Thread safety: immutable after loading; copies share the nodes.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/json.h"

namespace sluice::schema {

enum class AvroType {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,  // `error` as well
  kEnum,
  kFixed,
  kArray,
  kMap,
  kUnion,
};

// The word of the specification: `int`, `record`, `union`.
std::string_view WordOf(AvroType type);
constexpr bool IsPrimitive(AvroType type) { return type <= AvroType::kString; }
constexpr bool IsNamed(AvroType type) {
  return type == AvroType::kRecord || type == AvroType::kEnum || type == AvroType::kFixed;
}

// A place in the document. Spelled out only for a report: a document can have very many, very deep ones.
struct AvroPlace {
  const AvroPlace* parent = nullptr;  // nullptr: the document itself
  const char* word = nullptr;         // the last token; nullptr: `index`
  uint32_t index = 0;

  std::string Pointer() const;  // JSON Pointer
};

struct AvroNode;

// A type where it is used. A name that was defined before leads to the node of its definition.
struct AvroUse {
  const AvroNode* node = nullptr;
  const AvroPlace* place = nullptr;  // of this use
};

// Only those of the specification, on a type that may carry them, with attributes that make sense; others are
// ignored, as the specification asks ("Logical Types").
struct AvroLogicalType {
  std::string_view name;  // `decimal`, `timestamp-millis`; empty: none
  int64_t precision = 0;  // of a decimal
  int64_t scale = 0;
  bool operator==(const AvroLogicalType&) const = default;
  // `decimal(9, 2)`, `date`, `none`.
  std::string ToString() const;
};

// Views point into the document.
struct AvroField {
  std::string_view name;
  std::vector<std::string_view> aliases;
  AvroUse type;
  const Json* default_value = nullptr;  // nullptr: none
  const Json* source = nullptr;
  const AvroPlace* place = nullptr;
};

struct AvroNode {
  AvroType type = AvroType::kNull;
  const Json* source = nullptr;      // nullptr: a primitive without attributes, one node for all its uses
  const AvroPlace* place = nullptr;  // of the definition; nullptr like `source`
  AvroLogicalType logical;

  std::string_view name;                  // the full name, of named types
  std::vector<std::string_view> aliases;  // full names
  std::vector<AvroField> fields;          // of a record
  std::vector<uint32_t> by_name;          // the fields' indices, sorted by name
  std::vector<std::string_view> symbols;  // of an enum
  std::string_view enum_default;          // empty: none
  int64_t size = 0;                       // of a fixed, in bytes
  std::vector<AvroUse> parts;  // the branches of a union; the items of an array or the values of a map: one

  // The name without its namespace.
  std::string_view ShortName() const { return name.substr(name.rfind('.') + 1); }
  const AvroField* FindField(std::string_view field) const;  // nullptr: there is none
};

// What a union may hold once and tells its branches by: the word of an unnamed type, the full name of a named
// one.
inline std::string_view BranchName(const AvroNode& node) {
  return IsNamed(node.type) ? node.name : WordOf(node.type);
}

// What is taken. The versions of the specification differ; what is to be read everywhere keeps to what all of
// them allow.
enum class AvroRules {
  kAnyVersion,    // what some version allows: the default of a union may be of any branch (1.12), a union may
                  // be empty
  kEveryVersion,  // what every version allows: it is of the first branch (1.11), a union has a branch
};

struct AvroFault {
  std::string pointer;  // JSON Pointer in the document
  std::string message;  // a sentence
};

struct AvroLimits {
  size_t faults = 20;
  size_t depth = 256;                   // of types in each other
  size_t name_bytes = 1024;             // of one full name
  size_t all_names = 16 * 1024 * 1024;  // bytes of all full names; a namespace is repeated in each
  size_t default_steps = 2'000'000;     // values looked at to check the defaults
};

class AvroSchema {
 public:
  // INVALID_ARGUMENT with every fault, a line each.
  static absl::StatusOr<AvroSchema> Load(const Json& document, AvroRules rules = AvroRules::kAnyVersion,
                                         const AvroLimits& limits = {});

  const AvroUse& root() const { return root_; }
  const Json& document() const;
  // Every node of its own, each after those defined inside it.
  const std::vector<const AvroNode*>& nodes() const;

 private:
  friend std::vector<AvroFault> CheckAvro(const Json& document, AvroRules rules, const AvroLimits& limits);
  friend class AvroLoader;
  struct Data;

  std::shared_ptr<const Data> data_;
  AvroUse root_;
};

// Everything that is wrong with `document`, at most limits.faults; none: it loads.
std::vector<AvroFault> CheckAvro(const Json& document, AvroRules rules = AvroRules::kAnyVersion,
                                 const AvroLimits& limits = {});

}  // namespace sluice::schema
