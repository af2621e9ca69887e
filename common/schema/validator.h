// Validator: one walk of a message through a schema, for Validate and Check. Its methods are in validator.cc
// (all values), validator_many.cc (arrays, objects) and validator_closed.cc (the closed reading).
//
// Thread safety: none; one Validator walks once.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/validate.h"

namespace sluice::schema {

class Validator {
 public:
  // `errors` is nullptr when only the answer matters; then the walk ends at the first refusal.
  Validator(const Schema& schema, const ValidateOptions& options, std::vector<ValidationError>* errors);

  Validity Run(const Json& message);
  // Which bound was reached, after Validity::kUnknown.
  const std::string& bound() const { return bound_; }

 private:
  // The schema resources that were entered, for `$dynamicRef`.
  struct Scope {
    const Scope* outer;
    int resource;
  };
  // Where in the message.
  struct Path {
    const Path* parent;
    const std::string* key;  // nullptr: an item
    size_t index;
  };
  // Members or items that some schema has looked at, for unevaluatedProperties and unevaluatedItems.
  using Evaluated = std::vector<char>;
  struct Site {
    const Scope* scope = nullptr;
    const Path* path = nullptr;
    Evaluated* evaluated = nullptr;  // nullptr: nobody asks
    int depth = 0;
  };
  // A schema that applies to a value.
  struct Applied {
    const Node* node;
    const Scope* scope;
  };
  class Quiet;

  // validator.cc. All answer whether the value is accepted; once a bound was reached the answer means
  // nothing.
  bool Accepts(const Node& node, const Json& value, const Site& site);
  bool AcceptsInScope(const Node& node, const Json& value, const Site& site);
  bool AcceptsAlone(const Node& node, const Json& value, const Site& site);
  bool AcceptsQuietly(const Node& node, const Json& value, const Site& site, Evaluated* evaluated);
  bool AcceptsBranch(const Node& node, const Json& value, const Site& site);
  bool CheckEnumeration(const Node& node, const Json& value, const Site& site);
  bool CheckNumber(const Node& node, const Json& value, const Site& site);
  bool CheckString(const Node& node, const Json& value, const Site& site);
  bool CheckTextRules(const Node& node, const Json& value, const Site& site);
  bool CheckInPlace(const Node& node, const Json& value, const Site& site);
  bool CheckAnyOf(const Node& node, const Json& value, const Site& site);
  bool CheckOneOf(const Node& node, const Json& value, const Site& site);
  bool CheckIf(const Node& node, const Json& value, const Site& site);
  const Node& DynamicTarget(const Node& node, const Scope* scope) const;
  bool Matches(const Pattern& pattern, std::string_view text);
  bool Refuse(const Node& node, std::string_view keyword, const Site& site, std::string message,
              std::string_view rule = {});
  bool Stop(std::string bound);
  bool CheckClock();
  bool Ends(bool ok) const { return (!ok && errors_ == nullptr) || !bound_.empty(); }

  // validator_many.cc
  bool CheckArray(const Node& node, const Json& value, const Site& site);
  bool CheckArraySize(const Node& node, const Json& value, const Site& site);
  bool CheckItems(const Node& node, const Json& value, const Site& site);
  bool CheckUnique(const Node& node, const Json& value, const Site& site);
  bool CheckContains(const Node& node, const Json& value, const Site& site);
  bool CheckUnevaluatedItems(const Node& node, const Json& value, const Site& site);
  bool CheckObject(const Node& node, const Json& value, const Site& site);
  bool CheckObjectSize(const Node& node, const Json& value, const Site& site);
  bool CheckRequired(const Node& node, const Json& value, const Site& site);
  bool CheckMembers(const Node& node, const Json& value, const Site& site);
  bool CheckMember(const Node& node, const Json::Member& member, size_t index, const Node* declared,
                   const Site& site);
  bool CheckPropertyNames(const Node& node, const Json& value, const Site& site);
  bool CheckDependentRequired(const Node& node, const Json& value, const Site& site);
  bool CheckUnevaluatedProperties(const Node& node, const Json& value, const Site& site);
  bool IsUnique(const Json::Array& items, size_t& first, size_t& second);

  // validator_closed.cc
  bool IsClosed(const Json& message);
  bool IsClosed(const Json& value, std::vector<Applied> applied, const Path* path, int depth);
  void AddApplied(const Json& value, int depth, std::vector<Applied>& applied);
  void AddBranches(const Node& node, const Json& value, const Site& site, std::vector<Applied>& applied);
  bool HasOnlyDeclared(const Json& value, const std::vector<Applied>& applied, const Path* path);
  bool MembersAreClosed(const Json& value, const std::vector<Applied>& applied, const Path* path, int depth);
  bool ItemsAreClosed(const Json& value, const std::vector<Applied>& applied, const Path* path, int depth);

  static std::string PointerTo(const Path* path);

  const Schema& schema_;
  const ValidateOptions& options_;
  std::vector<ValidationError>* errors_;
  size_t steps_ = 0;
  std::string bound_;
  std::chrono::steady_clock::time_point deadline_{};
  std::deque<Scope> scopes_;  // of the closed walk
};

}  // namespace sluice::schema
