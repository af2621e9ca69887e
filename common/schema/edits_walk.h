// Walk: the walk of two schemas side by side that finds their edits. Internal to FindEdits; one file for each
// part of a schema's vocabulary.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/edits.h"
#include "common/schema/edits_view.h"

namespace sluice::schema {

// Where two operands stand.
struct Place {
  std::string field;
  std::string old_pointer;  // used for a side that has no schema there
  std::string new_pointer;
  int depth = 0;
};

// What an edit weighs.
struct Weight {
  SchemaClass gravity = SchemaClass::kCompatible;
  Hurts hurts = Hurts::kNobody;
  bool declared = false;
};
inline constexpr Weight kDescribes{};
inline constexpr Weight kTightens{};  // the writer promises more
inline constexpr Weight kLoosens{SchemaClass::kCoordinated, Hurts::kReaders};
inline constexpr Weight kAsksWriters{SchemaClass::kCoordinated, Hurts::kWriters};
inline constexpr Weight kTakesAway{SchemaClass::kCoordinated, Hurts::kReaders, true};
inline constexpr Weight kBreaks{SchemaClass::kBreaking, Hurts::kReaders};
inline constexpr Weight kBreaksByDeclaration{SchemaClass::kBreaking, Hurts::kReaders, true};

// A member of objects at one place.
struct Field {
  std::string_view name;
  std::vector<const Node*> nodes;  // what its value must be
  const Node* owner = nullptr;     // the first schema that names it
  bool required = false;
  bool forbidden = false;  // its schema is false
  size_t order = 0;        // of being found
};
using Fields = std::vector<Field>;  // sorted by name, names unique

// What applies to members, or items, that are not named.
struct Rest {
  bool closed = false;
  std::vector<const Node*> nodes;  // schemas that say something
  const Node* owner = nullptr;
};

// A pair of operands, to be remembered.
using PairKey = std::vector<const void*>;
PairKey KeyOf(const Operand& before, const Operand& after);

// What a walk shares with the walks inside of it.
struct WalkState {
  int steps;  // that are left
  // Of pairs that were looked at; while they are, they are taken to be the same.
  absl::flat_hash_map<PairKey, bool> same;
  absl::flat_hash_map<PairKey, int> costs;
};

class Walk {
 public:
  // `trials`: how many walks this one is inside of, that try a match of branches.
  explicit Walk(WalkState& state, int trials = 0) : state_(state), trials_(trials) {}

  void Compare(Operand before, Operand after, const Place& place);
  Edits Take() { return std::move(result_); }

 private:
  // A pair of views at a place.
  struct Pair {
    const Operand& old_operand;
    const Operand& new_operand;
    const View& a;
    const View& b;
    const Place& place;
  };

  bool Spend(size_t steps);
  bool SeenBefore(const Operand& before, const Operand& after, const Place& place);
  // Whether two operands differ in words for people alone.
  bool Same(const Operand& before, const Operand& after, int depth);

  // `at_a` and `at_b`: pointers; empty views fall back to the place.
  void Add(std::string kind, const Weight& weight, const Pair& pair, std::string old_pointer,
           std::string new_pointer, std::optional<Json> before, std::optional<Json> after,
           std::string reason);
  void AddEdit(SchemaEdit edit);
  static std::string OldPointer(const Pair& pair);
  static std::string NewPointer(const Pair& pair);

  void CompareDocumentation(const Pair& pair);
  void CompareMeaning(const Pair& pair);
  void CompareFormats(const Pair& pair);
  bool CompareTypes(const Pair& pair);  // false: no more to compare

  void CompareEnumerations(const Pair& pair);
  void CompareNumbers(const Pair& pair);
  void CompareMultiples(const Pair& pair);
  void ComparePatterns(const Pair& pair);
  void CompareCounts(const Pair& pair);

  void CompareObjects(const Pair& pair);
  Fields FieldsOf(const View& view);
  // What a member that is not named must be, by patterns and free fields.
  Rest Unnamed(const View& view, std::string_view name);
  // Members that both sides name.
  void CompareNamed(const Pair& pair, const Field& before, const Field& after,
                    std::vector<const Field*>& removed, std::vector<const Field*>& added);
  void CompareField(const Pair& pair, const Field& before, const Field& after);
  void AddField(const Pair& pair, const Field& field);
  // Tells what became of a member that is gone; of a required one nothing, when it may have been renamed:
  // then it is put in `required`.
  void RemoveField(const Pair& pair, const Field& field, std::vector<const Field*>& required);
  void TellRenames(const Pair& pair, const std::vector<const Field*>& removed,
                   std::vector<const Field*> added);
  // The one of `added` with the same schema; nullptr when there is none, or more than one.
  const Field* RenameOf(const Field& field, const std::vector<const Field*>& added, int depth);
  // A member that is forbidden on one side and not named on the other.
  void TellForbidden(const Pair& pair, const Field& field, bool now);
  void CompareFreeFields(const Pair& pair, bool old_declares, bool new_declares);
  void ComparePatternProperties(const Pair& pair);
  void CompareDependents(const Pair& pair);

  void CompareArrays(const Pair& pair);
  void CompareItem(const Pair& pair, const std::string& token, const Rest& before, const Rest& after,
                   bool positional);

  // Whether branches of one side were compared with the whole of the other, so that nothing is left.
  bool CompareWholeWithBranches(const Pair& pair);
  void CompareGroups(const Pair& pair);
  void CompareGroup(const Pair& pair, const Group& before, const Group& after);
  using Matches = std::vector<std::pair<size_t, size_t>>;
  Matches MatchBranches(const Branches& before, const Branches& after, int depth);
  // Of what is left, the pairs that differ least.
  Matches MatchByCost(const Branches& before, const Branches& after, const std::vector<size_t>& old_left,
                      const std::vector<size_t>& new_left, int depth);
  // The same in order, the first that could do.
  Matches MatchInOrder(const Branches& before, const Branches& after, const std::vector<size_t>& old_left,
                       const std::vector<size_t>& new_left);
  // What the edits between two branches weigh together.
  int CostOf(const Operand& before, const Operand& after, int depth);
  // The branch that differs least from `whole`, the old side if `wraps`; nullptr: none could be it.
  const Node* BestBranch(const Operand& whole, const View& view, const Group& group, bool wraps, int depth);
  int Likeness(const Operand& whole, const View& view, const Node& branch);
  std::map<std::string, std::string> TagsOf(const Operand& operand);
  void AddBranch(const Pair& pair, const Node& branch, std::string old_pointer);
  void RemoveBranch(const Pair& pair, const Node& branch, std::string new_pointer);
  void CompareConditions(const Pair& pair);
  // Schemas under a keyword that cannot be compared part by part (`not`, `contains`).
  void CompareOpaque(const Pair& pair, std::string_view keyword, const std::vector<const Node*>& before,
                     const std::vector<const Node*>& after);

  WalkState& state_;
  const int trials_;
  Edits result_;
  Views views_;
  absl::flat_hash_map<PairKey, std::string> seen_;  // the first field of a pair
};

// What applies to members that are neither named nor matched by a pattern.
Rest FreeFields(const View& view);
// The schemas that stand under a keyword of the nodes of a view.
std::vector<const Node*> Gather(const View& view, const Node* Node::* keyword);
std::optional<Json> FirstSource(const std::vector<const Node*>& nodes);
// `the message`, or the field.
std::string Subject(std::string_view field);
// JSON as a sentence can hold it: shortened.
std::string Shown(const Json& value);
// `minLength` as kinds have it: `min-length`.
std::string Kebab(std::string_view keyword);

}  // namespace sluice::schema
