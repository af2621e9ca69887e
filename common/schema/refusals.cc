#include "common/schema/refusals.h"

#include <algorithm>
#include <utility>

#include "common/schema/node_facts.h"

namespace sluice::schema {
namespace {

using Kind = Literal::Kind;

constexpr size_t kMostRefusals = 5'000;
constexpr Types kNumbers = kInteger | kNumber;

class RefusalList {
 public:
  RefusalList(const State& state, const Atom& refused, Sameness& sameness)
      : state_(state), node_(*refused.node), side_(refused.side), sameness_(sameness) {}

  std::vector<Refusal> Make() {
    if (node_.never) {
      list_.push_back({.rule = "false", .decides = false});
      return std::move(list_);
    }
    if (node_.types)
      Add({.rule = "type", .mask = static_cast<Types>((kAllTypes | kInteger) & ~MaskOf(node_))});
    if (node_.enumeration)
      AddLiteral(node_.is_const ? "const" : "enum", kAllTypes | kInteger, Kind::kNotEnumeration);
    AddRequired();
    AddNumber();
    AddText();
    AddItems();
    AddMembers();
    AddRests();
    AddParts();
    return std::move(list_);
  }

 private:
  void Add(Refusal refusal) {
    if ((refusal.mask & state_.mask) != 0) list_.push_back(std::move(refusal));
  }
  void AddLiteral(const char* rule, Types mask, Kind kind) {
    Add({.rule = rule, .mask = mask, .literals = {{.kind = kind, .node = &node_, .atom = Not(&node_)}}});
  }
  Atom Not(const Node* node) const { return {node, false, side_, 0}; }
  Atom Also(const Node* node) const { return {node, true, side_, 0}; }

  // Whether some accepting schema has a part that is the same as `part`.
  template <typename PartOf>
  bool Accepted(const Node* part, PartOf part_of) {
    return std::any_of(state_.positives.begin(), state_.positives.end(), [&](const Atom& positive) {
      const Node* other = part_of(*positive.node);
      return other != nullptr && sameness_.Same(Through(*other), Through(*part));
    });
  }

  void AddRequired() {
    if ((state_.mask & kObject) == 0) return;
    for (const std::string& name : node_.required) {
      const auto requires_it = [&](const Atom& positive) { return Requires(*positive.node, name); };
      if (std::any_of(state_.positives.begin(), state_.positives.end(), requires_it)) continue;
      Add({.rule = "required",
           .detail = name,
           .mask = kObject,
           .literals = {{.kind = Kind::kAbsent, .node = &node_, .name = name}}});
    }
  }

  void AddNumber() {
    if (node_.minimum) AddLiteral("minimum", kNumbers, Kind::kNotMinimum);
    if (node_.exclusive_minimum) AddLiteral("exclusiveMinimum", kNumbers, Kind::kNotExclusiveMinimum);
    if (node_.maximum) AddLiteral("maximum", kNumbers, Kind::kNotMaximum);
    if (node_.exclusive_maximum) AddLiteral("exclusiveMaximum", kNumbers, Kind::kNotExclusiveMaximum);
    if (node_.multiple_of) AddLiteral("multipleOf", kNumbers, Kind::kNotMultipleOf);
  }

  void AddText() {
    if (node_.min_length) AddLiteral("minLength", kString, Kind::kNotMinLength);
    if (node_.max_length) AddLiteral("maxLength", kString, Kind::kNotMaxLength);
    if (node_.pattern) AddLiteral("pattern", kString, Kind::kNotPattern);
  }

  void AddItems() {
    if ((state_.mask & kArray) == 0) return;
    for (size_t i = 0; i < node_.prefix_items.size(); ++i) {
      const auto same_place = [i](const Node& other) {
        return i < other.prefix_items.size() ? other.prefix_items[i] : other.items;
      };
      if (Accepted(node_.prefix_items[i], same_place)) continue;
      const Literal literal{
          .kind = Kind::kPrefixItem, .node = &node_, .atom = Not(node_.prefix_items[i]), .index = i};
      Add({.rule = "prefixItems", .detail = std::to_string(i), .mask = kArray, .literals = {literal}});
    }
    const auto same_items = [this](const Node& other) {
      return other.prefix_items.size() <= node_.prefix_items.size() ? other.items : nullptr;
    };
    if (node_.items != nullptr && !Accepted(node_.items, same_items)) {
      Add({.rule = "items",
           .mask = kArray,
           .literals = {{.kind = Kind::kItem, .node = &node_, .atom = Not(node_.items)}}});
    }
    if (node_.contains != nullptr) {
      AddLiteral(node_.min_contains ? "minContains" : "contains", kArray, Kind::kFewContains);
      if (node_.max_contains) AddLiteral("maxContains", kArray, Kind::kManyContains);
    }
    if (node_.min_items) AddLiteral("minItems", kArray, Kind::kNotMinItems);
    if (node_.max_items) AddLiteral("maxItems", kArray, Kind::kNotMaxItems);
    if (node_.unique_items) AddLiteral("uniqueItems", kArray, Kind::kNotUnique);
  }

  void AddMembers() {
    if ((state_.mask & kObject) == 0) return;
    for (const auto& [name, schema] : node_.properties) {
      if (Accepted(schema, [&name = name](const Node& other) { return Property(other, name); })) continue;
      const Literal literal{.kind = Kind::kMember, .node = &node_, .atom = Not(schema), .name = name};
      Add({.rule = "properties", .detail = name, .mask = kObject, .literals = {literal}});
    }
    for (size_t i = 0; i < node_.pattern_properties.size(); ++i) {
      const PatternProperty& property = node_.pattern_properties[i];
      const auto same_pattern = [&](const Node& other) -> const Node* {
        for (const PatternProperty& at : other.pattern_properties) {
          if (*at.pattern == *property.pattern) return at.schema;
        }
        return nullptr;
      };
      if (Accepted(property.schema, same_pattern)) continue;
      const Literal literal{
          .kind = Kind::kPatternMember, .node = &node_, .atom = Not(property.schema), .index = i};
      Add({.rule = "patternProperties",
           .detail = property.pattern->text(),
           .mask = kObject,
           .literals = {literal}});
    }
    if (node_.additional_properties != nullptr && !OthersAccepted()) {
      const Literal literal{
          .kind = Kind::kOtherMember, .node = &node_, .atom = Not(node_.additional_properties)};
      Add({.rule = "additionalProperties", .mask = kObject, .literals = {literal}});
    }
    if (node_.property_names != nullptr &&
        !Accepted(node_.property_names, [](const Node& other) { return other.property_names; })) {
      const Literal literal{.kind = Kind::kBadName, .node = &node_, .atom = Not(node_.property_names)};
      Add({.rule = "propertyNames", .mask = kObject, .literals = {literal}});
    }
    if (node_.min_properties) AddLiteral("minProperties", kObject, Kind::kNotMinProperties);
    if (node_.max_properties) AddLiteral("maxProperties", kObject, Kind::kNotMaxProperties);
  }

  // An accepting schema with the same additionalProperties that declares no names beyond those of `node_`.
  bool OthersAccepted() {
    const auto same_others = [this](const Node& other) -> const Node* {
      const auto declared = [this](const auto& property) {
        return Property(node_, property.first) != nullptr;
      };
      const auto matched = [this](const PatternProperty& mine) {
        return std::any_of(node_.pattern_properties.begin(), node_.pattern_properties.end(),
                           [&](const PatternProperty& theirs) { return *theirs.pattern == *mine.pattern; });
      };
      const bool covered =
          std::all_of(other.properties.begin(), other.properties.end(), declared) &&
          std::all_of(other.pattern_properties.begin(), other.pattern_properties.end(), matched);
      return covered ? other.additional_properties : nullptr;
    };
    return Accepted(node_.additional_properties, same_others);
  }

  // All else accepts, and what it does not evaluate is refused.
  void AddRests() {
    const auto add = [this](const char* rule, Types mask, Kind kind, const Node* rest) {
      if (rest == nullptr) return;
      Refusal refusal{.rule = rule,
                      .mask = mask,
                      .literals = {{.kind = kind, .node = &node_, .atom = Not(rest)}},
                      .rest = true};
      refusal.atoms.push_back({&node_, true, side_, kWithoutRests});
      Add(std::move(refusal));
    };
    add("unevaluatedProperties", kObject, Kind::kRestMember, node_.unevaluated_properties);
    add("unevaluatedItems", kArray, Kind::kRestItem, node_.unevaluated_items);
  }

  void AddOneOf() {
    if (node_.one_of.empty()) return;
    Refusal none{.rule = "oneOf", .decides = false};
    for (const Node* branch : node_.one_of) none.atoms.push_back(Not(branch));
    Add(std::move(none));
    std::vector<const Node*> possible;
    for (const Node* branch : node_.one_of) {
      if (!PlainlyApart(state_.positives, state_.mask, *branch)) possible.push_back(branch);
    }
    for (size_t i = 0; i < possible.size(); ++i) {
      const std::vector<Atom> first = {Also(&Through(*possible[i]))};
      for (size_t j = i + 1; j < possible.size(); ++j) {
        if (list_.size() > kMostRefusals) return Add({.rule = "oneOf", .opaque = true});
        if (PlainlyApart(first, state_.mask & MaskOf(*first.front().node), *possible[j])) continue;
        Add({.rule = "oneOf", .detail = "several", .atoms = {Also(possible[i]), Also(possible[j])}});
      }
    }
  }

  void AddDependencies() {
    for (const auto& [name, others] : node_.dependent_required) {
      for (const std::string& other : others) {
        Add({.rule = "dependentRequired",
             .detail = name + "/" + other,
             .mask = kObject,
             .literals = {{.kind = Kind::kPresent, .node = &node_, .name = name},
                          {.kind = Kind::kAbsent, .node = &node_, .name = other}}});
      }
    }
    for (const auto& [name, schema] : node_.dependent_schemas) {
      Add({.rule = "dependentSchemas",
           .mask = kObject,
           .atoms = {Not(schema)},
           .literals = {{.kind = Kind::kPresent, .node = &node_, .name = name}},
           .decides = false});
    }
  }

  void AddParts() {
    AddDependencies();
    if (node_.ref != nullptr) Add({.rule = "$ref", .atoms = {Not(node_.ref)}, .decides = false});
    if (node_.dynamic_ref != nullptr) {
      if (node_.dynamic_anchor.empty()) {
        Add({.rule = "$dynamicRef", .atoms = {Not(node_.dynamic_ref)}, .decides = false});
      } else {
        Add({.rule = "$dynamicRef", .opaque = true});
      }
    }
    for (const Node* part : node_.all_of) Add({.rule = "allOf", .atoms = {Not(part)}, .decides = false});
    if (!node_.any_of.empty()) {
      Refusal none{.rule = "anyOf", .decides = false};
      for (const Node* branch : node_.any_of) none.atoms.push_back(Not(branch));
      Add(std::move(none));
    }
    AddOneOf();
    if (node_.not_ != nullptr) Add({.rule = "not", .atoms = {Also(node_.not_)}});
    if (node_.if_ == nullptr) return;
    if (node_.then_ != nullptr)
      Add({.rule = "then", .atoms = {Also(node_.if_), Not(node_.then_)}, .decides = false});
    if (node_.else_ != nullptr)
      Add({.rule = "else", .atoms = {Not(node_.if_), Not(node_.else_)}, .decides = false});
  }

  const State& state_;
  const Node& node_;
  const Side side_;
  Sameness& sameness_;
  std::vector<Refusal> list_;
};

}  // namespace

std::vector<Refusal> Refusals(const State& state, const Atom& refused, Sameness& sameness) {
  return RefusalList(state, refused, sameness).Make();
}

}  // namespace sluice::schema
