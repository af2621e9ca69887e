// Edits of scalar values: enumerations, bounds, patterns.
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/edits_walk.h"

namespace sluice::schema {
namespace {

// A keyword with a number, where it stands.
struct Bound {
  Decimal value;
  bool exclusive = false;
  const Node* node = nullptr;
  std::string_view keyword;
};

// Values of an enumeration by their text, and the schema that lists them.
struct Values {
  std::map<std::string, Json> values;
  const Node* node = nullptr;
  bool is_const = false;
};

std::optional<Values> ValuesOf(const View& view) {
  std::optional<Values> found;
  for (const Node* node : view.nodes) {
    if (!node->enumeration) continue;
    std::map<std::string, Json> values;
    for (const Json& value : *node->enumeration) values.emplace(value.ToString(), value);
    if (!found) {
      found = Values{std::move(values), node, node->is_const};
    } else {
      std::erase_if(found->values, [&](const auto& value) { return !values.contains(value.first); });
    }
  }
  return found;
}

// Those of `values` that `other` does not have.
Json::Array Without(const Values& values, const Values& other) {
  Json::Array rest;
  for (const auto& [text, value] : values.values) {
    if (!other.values.contains(text)) rest.push_back(value);
  }
  return rest;
}

std::string Listed(const Json::Array& values) {
  constexpr size_t kMost = 5;
  std::string text;
  for (size_t i = 0; i < values.size() && i < kMost; ++i)
    text.append(i == 0 ? "" : ", ").append(Shown(values[i]));
  return values.size() > kMost ? fmt::format("{} and {} more", text, values.size() - kMost) : text;
}

Json Listing(const Values& values) {
  Json::Array all;
  for (const auto& value : values.values) all.push_back(value.second);
  return all;
}

enum class End { kLower, kUpper };

bool IsStronger(const Bound& a, const Bound& b, End end) {
  if (!(a.value == b.value)) return end == End::kLower ? a.value > b.value : a.value < b.value;
  return a.exclusive && !b.exclusive;
}

void Keep(std::optional<Bound>& strongest, Bound bound, End end) {
  if (!strongest || IsStronger(bound, *strongest, end)) strongest = bound;
}

// Bounds of integers are inclusive: 0 < x is 1 ≤ x.
void MakeInclusive(std::optional<Bound>& bound, const View& view, End end) {
  if (!bound || !bound->exclusive || (view.types & kNumber) != 0 || !bound->value.IsInteger()) return;
  const std::optional<Decimal> next = bound->value.Plus(Decimal(end == End::kLower ? 1 : -1));
  if (!next) return;
  bound->value = *next;
  bound->exclusive = false;
}

std::optional<Bound> NumberBound(const View& view, End end) {
  std::optional<Bound> strongest;
  for (const Node* node : view.nodes) {
    const auto& inclusive = end == End::kLower ? node->minimum : node->maximum;
    const auto& exclusive = end == End::kLower ? node->exclusive_minimum : node->exclusive_maximum;
    if (inclusive)
      Keep(strongest, {*inclusive, false, node, end == End::kLower ? "minimum" : "maximum"}, end);
    if (exclusive)
      Keep(strongest, {*exclusive, true, node, end == End::kLower ? "exclusiveMinimum" : "exclusiveMaximum"},
           end);
  }
  MakeInclusive(strongest, view, end);
  return strongest;
}

struct Count {
  std::string_view keyword;
  std::optional<Decimal> Node::* field;
  End end;
  Types type;
};
constexpr Count kCounts[] = {
    {"minLength", &Node::min_length, End::kLower, kString},
    {"maxLength", &Node::max_length, End::kUpper, kString},
    {"minItems", &Node::min_items, End::kLower, kArray},
    {"maxItems", &Node::max_items, End::kUpper, kArray},
    {"minContains", &Node::min_contains, End::kLower, kArray},
    {"maxContains", &Node::max_contains, End::kUpper, kArray},
    {"minProperties", &Node::min_properties, End::kLower, kObject},
    {"maxProperties", &Node::max_properties, End::kUpper, kObject},
};

std::optional<Bound> CountBound(const View& view, const Count& count) {
  std::optional<Bound> strongest;
  for (const Node* node : view.nodes) {
    const std::optional<Decimal>& value = node->*count.field;
    if (!value || (count.keyword == "minContains" && node->contains == nullptr)) continue;
    // A minimum of none says nothing; minContains is 1 where it is absent.
    const bool silent =
        count.keyword == "minContains" ? *value == Decimal(1) : count.end == End::kLower && value->IsZero();
    if (!silent) Keep(strongest, {*value, false, node, count.keyword}, count.end);
  }
  return strongest;
}

// How a bound changed, as kinds say it, and what that weighs; nullopt: not at all.
struct BoundChange {
  std::string_view verb;
  Weight weight;
};
std::optional<BoundChange> ChangeOf(const std::optional<Bound>& before, const std::optional<Bound>& after,
                                    End end) {
  if (!before && !after) return std::nullopt;
  if (!before) return BoundChange{"added", kTightens};
  if (!after) return BoundChange{"removed", kLoosens};
  if (before->value == after->value && before->exclusive == after->exclusive) return std::nullopt;
  const bool stronger = IsStronger(*after, *before, end);
  return BoundChange{stronger == (end == End::kLower) ? "raised" : "lowered",
                     stronger ? kTightens : kLoosens};
}

std::string BoundText(const Bound& bound) {
  return bound.exclusive ? fmt::format("{} (itself excluded)", bound.value.ToString())
                         : bound.value.ToString();
}

std::string BoundReason(const std::string& subject, std::string_view keyword,
                        const std::optional<Bound>& before, const std::optional<Bound>& after,
                        const Weight& weight) {
  const std::string what = before && after
                               ? fmt::format("was {} and is now {}", BoundText(*before), BoundText(*after))
                           : after ? fmt::format("{} is new", BoundText(*after))
                                   : fmt::format("{} is gone", BoundText(*before));
  return fmt::format("{}: {} {}; {}", subject, keyword, what,
                     weight.gravity == SchemaClass::kCompatible ? "producers promise more than before"
                                                                : "values may come that could not before");
}

// Where a bound stands; `otherwise` when there is none.
std::string PointerTo(const std::optional<Bound>& bound, const std::string& otherwise) {
  return bound ? KeywordPointer(*bound->node, {bound->keyword, "minimum", "maximum"}) : otherwise;
}

std::optional<Json> ValueOf(const std::optional<Bound>& bound) {
  return bound ? std::optional<Json>(Json(bound->value)) : std::nullopt;
}

std::map<std::string, const Node*> PatternsOf(const View& view) {
  std::map<std::string, const Node*> patterns;
  for (const Node* node : view.nodes) {
    if (node->pattern != nullptr) patterns.emplace(node->pattern->text(), node);
  }
  return patterns;
}

}  // namespace

void Walk::CompareEnumerations(const Pair& pair) {
  const std::optional<Values> before = ValuesOf(pair.a);
  const std::optional<Values> after = ValuesOf(pair.b);
  if (!before && !after) return;
  if (!Spend((before ? before->values.size() : 0) + (after ? after->values.size() : 0))) return;
  const auto pointer_of = [](const std::optional<Values>& values, const std::string& otherwise) {
    return values ? KeywordPointer(*values->node, {"enum", "const"}) : otherwise;
  };
  const std::string old_pointer = pointer_of(before, OldPointer(pair));
  const std::string new_pointer = pointer_of(after, NewPointer(pair));
  const std::string subject = Subject(pair.place.field);
  const auto add = [&](std::string kind, const Weight& weight, std::string reason) {
    Add(std::move(kind), weight, pair, old_pointer, new_pointer,
        before ? std::optional(Listing(*before)) : std::nullopt,
        after ? std::optional(Listing(*after)) : std::nullopt, std::move(reason));
  };
  if (!before)
    return add(
        "enum-added", kTightens,
        fmt::format("{}: only listed values may come now; producers promise more than before", subject));
  if (!after)
    return add("enum-removed", kLoosens,
               fmt::format("{}: any value may come, where only listed ones could", subject));
  const Json::Array gone = Without(*before, *after);
  const Json::Array added = Without(*after, *before);
  if (before->is_const && after->is_const && !gone.empty()) {
    return add("const-changed", kLoosens,
               fmt::format("{}: the value was always {} and is now always {}", subject, Listed(gone),
                           Listed(added)));
  }
  if (!gone.empty()) {
    add("enum-value-removed", kAsksWriters,
        fmt::format(
            "{}: {} may not come any more; producers must stop sending it, and retained messages may have it",
            subject, Listed(gone)));
  }
  if (!added.empty()) {
    add("enum-value-added", {SchemaClass::kCompatible, Hurts::kEnumReaders},
        fmt::format("{}: {} may come now; only consumers that fail on unknown values mind", subject,
                    Listed(added)));
  }
}

void Walk::CompareNumbers(const Pair& pair) {
  for (const End end : {End::kLower, End::kUpper}) {
    const std::optional<Bound> before = NumberBound(pair.a, end);
    const std::optional<Bound> after = NumberBound(pair.b, end);
    const std::optional<BoundChange> change = ChangeOf(before, after, end);
    if (!change) continue;
    const std::string_view keyword = end == End::kLower ? "minimum" : "maximum";
    Add(fmt::format("{}-{}", keyword, change->verb), change->weight, pair,
        PointerTo(before, OldPointer(pair)), PointerTo(after, NewPointer(pair)), ValueOf(before),
        ValueOf(after), BoundReason(Subject(pair.place.field), keyword, before, after, change->weight));
  }
  CompareMultiples(pair);
}

void Walk::CompareMultiples(const Pair& pair) {
  const auto find = [](const View& view) {
    std::vector<Bound> found;
    for (const Node* node : view.nodes) {
      if (node->multiple_of) found.push_back({*node->multiple_of, false, node, "multipleOf"});
    }
    return found;
  };
  // Whether every bound of `weaker` follows from one of `stronger`.
  const auto follows = [](const std::vector<Bound>& weaker, const std::vector<Bound>& stronger) {
    return std::all_of(weaker.begin(), weaker.end(), [&](const Bound& bound) {
      return std::any_of(stronger.begin(), stronger.end(),
                         [&](const Bound& other) { return other.value.IsMultipleOf(bound.value); });
    });
  };
  const std::vector<Bound> before = find(pair.a);
  const std::vector<Bound> after = find(pair.b);
  const bool tighter = follows(before, after);
  const bool looser = follows(after, before);
  if (tighter && looser) return;
  const std::optional<Bound> old_bound = before.empty() ? std::nullopt : std::optional(before[0]);
  const std::optional<Bound> new_bound = after.empty() ? std::nullopt : std::optional(after[0]);
  const Weight& weight = tighter ? kTightens : kLoosens;
  Add(before.empty()  ? "multiple-of-added"
      : after.empty() ? "multiple-of-removed"
                      : "multiple-of-changed",
      weight, pair, PointerTo(old_bound, OldPointer(pair)), PointerTo(new_bound, NewPointer(pair)),
      ValueOf(old_bound), ValueOf(new_bound),
      BoundReason(Subject(pair.place.field), "multipleOf", old_bound, new_bound, weight));
}

void Walk::ComparePatterns(const Pair& pair) {
  const std::map<std::string, const Node*> before = PatternsOf(pair.a);
  const std::map<std::string, const Node*> after = PatternsOf(pair.b);
  std::vector<std::string> gone, added;
  for (const auto& [text, node] : before) {
    if (!after.contains(text)) gone.push_back(text);
  }
  for (const auto& [text, node] : after) {
    if (!before.contains(text)) added.push_back(text);
  }
  if (gone.empty() && added.empty()) return;
  const std::string subject = Subject(pair.place.field);
  const std::string old_pointer =
      gone.empty() ? OldPointer(pair) : KeywordPointer(*before.at(gone[0]), {"pattern"});
  const std::string new_pointer =
      added.empty() ? NewPointer(pair) : KeywordPointer(*after.at(added[0]), {"pattern"});
  const std::optional<Json> old_value = gone.empty() ? std::nullopt : std::optional<Json>(Json(gone[0]));
  const std::optional<Json> new_value = added.empty() ? std::nullopt : std::optional<Json>(Json(added[0]));
  if (gone.empty()) {
    Add("pattern-added", kTightens, pair, old_pointer, new_pointer, old_value, new_value,
        fmt::format("{}: pattern {} is new; producers promise more than before", subject, Shown(*new_value)));
  } else if (added.empty()) {
    Add("pattern-removed", kLoosens, pair, old_pointer, new_pointer, old_value, new_value,
        fmt::format("{}: pattern {} is gone; values may come that could not before", subject,
                    Shown(*old_value)));
  } else {
    Add("pattern-changed", kLoosens, pair, old_pointer, new_pointer, old_value, new_value,
        fmt::format("{}: the pattern was {} and is now {}; values may come that could not before", subject,
                    Shown(*old_value), Shown(*new_value)));
  }
}

void Walk::CompareCounts(const Pair& pair) {
  for (const Count& count : kCounts) {
    if ((pair.a.types & pair.b.types & count.type) == 0) continue;
    const std::optional<Bound> before = CountBound(pair.a, count);
    const std::optional<Bound> after = CountBound(pair.b, count);
    const std::optional<BoundChange> change = ChangeOf(before, after, count.end);
    if (!change) continue;
    Add(fmt::format("{}-{}", Kebab(count.keyword), change->verb), change->weight, pair,
        PointerTo(before, OldPointer(pair)), PointerTo(after, NewPointer(pair)), ValueOf(before),
        ValueOf(after), BoundReason(Subject(pair.place.field), count.keyword, before, after, change->weight));
  }
}

}  // namespace sluice::schema
