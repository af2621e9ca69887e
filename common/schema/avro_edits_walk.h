// AvroWalk: the walk of two Avro schemas side by side behind FindAvroEdits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/schema/avro_schema.h"
#include "common/schema/edits.h"

namespace sluice::schema {

// What an edit weighs.
struct AvroWeight {
  SchemaClass gravity = SchemaClass::kCompatible;
  Hurts hurts = Hurts::kNobody;
  bool declared = false;
};

class AvroWalk {
 public:
  Edits Find(const AvroUse& before, const AvroUse& after);

 private:
  // Two types that stand for each other, and the way to them in messages.
  struct Stop {
    AvroUse before;
    AvroUse after;
    size_t parent = 0;       // of the first: itself
    std::string_view token;  // empty: the same place in messages as the parent
    size_t level = 0;        // stops from the first one
  };
  // What an edit says beside its place in messages.
  struct Edit {
    std::string kind;
    AvroWeight weight;
    std::string old_pointer;
    std::string new_pointer;
    std::optional<Json> before;
    std::optional<Json> after;
    std::string reason;  // after the field's name
  };

  std::string FieldAt(size_t at) const;
  // Whether no more edits of this gravity are told; asked before one is made.
  bool IsFull(SchemaClass gravity);
  // `member`: of the place in messages, when the edit is of a field in it.
  void Tell(size_t at, Edit edit, std::string_view member = {});
  void Go(size_t parent, const AvroUse& before, const AvroUse& after, std::string_view token);
  // Whether both stand on the way to `parent` twice: recursion is told at the first two levels.
  bool IsRepeated(size_t parent, const AvroUse& before, const AvroUse& after) const;

  void Visit(size_t at);
  void CompareBranches(size_t at);
  void TellTypes(size_t at);
  void CompareNames(size_t at);
  void CompareLogicalTypes(size_t at);
  void CompareEnums(size_t at);
  void CompareRecords(size_t at);
  // For each field of the new record the old one that it was, or nullptr.
  static std::vector<const AvroField*> MatchFields(const AvroNode& before, const AvroNode& after);
  void CompareFields(size_t at, const AvroField& before, const AvroField& after);
  void CompareDefaults(size_t at, const AvroField& before, const AvroField& after);
  void TellAdded(size_t at, const AvroField& field);
  void TellRemoved(size_t at, const AvroField& field);
  void TellRenamed(size_t at, const AvroField& before, const AvroField& after);

  // Attributes of two definitions, or of two fields: then `member` is the field's name.
  struct Attributes {
    const Json* before = nullptr;  // nullptr: no object, so no attributes
    const Json* after = nullptr;
    const AvroPlace* old_place = nullptr;
    const AvroPlace* new_place = nullptr;
    std::string_view member;
  };
  void CompareAttributes(size_t at, const Attributes& attributes);
  void TellAttribute(size_t at, const Attributes& attributes, std::string_view key, std::string kind,
                     const AvroWeight& weight, std::string reason);

  std::vector<Stop> stops_;
  std::set<std::pair<const AvroNode*, const AvroNode*>> seen_;
  std::array<std::vector<SchemaEdit>, 3> edits_;  // by gravity
  bool complete_ = true;
};

// The branches of `use` as a union: itself, when it is none.
std::vector<AvroUse> BranchesOf(const AvroUse& use);

struct MatchedBranches {
  std::vector<std::pair<AvroUse, AvroUse>> both;
  std::vector<AvroUse> gone;
  std::vector<AvroUse> added;
};
// Which branches of two unions stand for each other: of the same name, else an alias or short name, else one
// promoted to the other, else the only two that are left.
MatchedBranches MatchBranches(std::vector<AvroUse> before, std::vector<AvroUse> after);

}  // namespace sluice::schema
