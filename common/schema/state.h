// State: what is asked of the value at one place of a message while a solver looks for one, as a set of atoms
// ("this schema accepts", "this schema refuses") of which the compound ones are taken apart step by step,
// until what is left are constraints on one type.
#pragma once

#include <climits>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/found.h"
#include "common/schema/schema.h"
#include "common/schema/text_search.h"

namespace sluice::schema {

enum class Side : uint8_t { kWriter, kReader };

// Groups: bit i says that what this atom declares counts as evaluated for rule i of its state (Rest). Bit 0
// is the closed reading's.
using Groups = uint32_t;
inline constexpr size_t kMostRests = 30;
inline constexpr Groups kWithoutRests = Groups{1}
                                        << 31;  // the schema's own unevaluated… keywords are not asked for
constexpr Groups GroupOf(size_t rest) { return Groups{2} << rest; }

struct Atom {
  const Node* node = nullptr;
  bool positive = true;  // accepts; else refuses
  Side side = Side::kWriter;
  Groups groups = 0;
};

// Everything that the value at one place has to fulfil.
using Goal = std::vector<Atom>;

// Where and why a model is refused, as far as the solver knows.
struct Trail {
  std::string instance;          // JSON Pointer in the model
  std::string rule;              // the reader's keyword
  std::string detail;            // which of several: the name of the missing member
  const Node* reader = nullptr;  // the schema with that keyword
  const Node* writer = nullptr;  // the writer's schema for that place
};

struct Model {
  Json value;
  Trail trail;
};

struct Result {
  Found found = Found::kNone;  // kSome: `models`; there may be unknown parts beside them
  std::vector<Model> models = {};
  std::vector<std::string> unknown = {};  // why there may be more, a sentence each
  int depends = INT_MAX;  // the outermost goal in progress that was taken to have no smaller model
};

// How many models are wanted: the first, or one for each independent reason of refusal.
enum class Mode { kFirst, kReasons };

// One refused keyword of a schema, chosen as the reason for which the schema refuses, or a demand that
// follows from one.
struct Literal {
  enum class Kind {
    kNotEnumeration,
    kNotMinimum,
    kNotExclusiveMinimum,
    kNotMaximum,
    kNotExclusiveMaximum,
    kNotMultipleOf,
    kNotMinLength,
    kNotMaxLength,
    kNotPattern,
    kPrefixItem,
    kItem,
    kRestItem,
    kFewContains,
    kManyContains,
    kNotMinItems,
    kNotMaxItems,
    kNotUnique,
    kMember,
    kPatternMember,
    kOtherMember,
    kRestMember,
    kBadName,
    kAbsent,
    kPresent,
    kNotMinProperties,
    kNotMaxProperties,
  };
  Kind kind;
  const Node* node = nullptr;  // the schema with the keyword
  Atom atom = {};              // what the member, item or name has to fulfil
  std::string_view name = {};  // kMember, kAbsent, kPresent
  size_t index = 0;  // kPrefixItem; of the pattern of kPatternMember; of the rule of kRestMember, kRestItem
};

// A rule for the members (or items) that no schema of a group evaluates: unevaluatedProperties,
// unevaluatedItems.
struct Rest {
  enum class Of { kMembers, kItems };
  Of of;
  Atom atom;
  bool kept = true;  // false: the rule only names the group for a literal that breaks it
  Groups outer = 0;  // for which what falls under the rule counts as evaluated
};

// A disjunction in an accepting schema that is not decided yet.
struct Choice {
  enum class Kind { kAnyOf, kOneOf, kIf, kDependency };
  Kind kind;
  Atom atom;         // the schema with the keyword
  size_t index = 0;  // kDependency: which, first of dependent_required, then of dependent_schemas
};

struct State {
  const Goal* goal = nullptr;                   // where it began
  const TextQuery* text = nullptr;              // more about the value, which is a string then
  const std::vector<Json>* excluded = nullptr;  // the value is none of these

  Types mask = kAllTypes | kInteger;  // kInteger: integers; kNumber: the numbers that are none
  std::vector<Atom> todo = {};
  std::vector<Atom> positives = {};
  std::vector<Atom> negatives = {};       // not yet taken apart
  std::vector<const Node*> refused = {};  // taken apart
  bool reduced = false;                   // the negatives were looked at together
  std::vector<Choice> choices = {};
  std::vector<Literal> literals = {};
  std::vector<Rest> rests = {};    // rule i belongs to bit i + 1 of Groups
  bool open = false;               // the closed reading is not applied here (more values than there are)
  bool whole_blame = false;        // the trail stands for all literals
  const Node* union_of = nullptr;  // the reader's schema whose branches all have to refuse
  bool opaque = false;             // something is not modelled: a model has to be confirmed
  const std::vector<Model>* told = nullptr;  // what has been found already for other reasons
  Trail trail = {};
};

}  // namespace sluice::schema
