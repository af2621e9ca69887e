// Apicurio's check of numbers, strings, enumerations and counts.
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/schema/registry_check.h"

namespace sluice::schema {
namespace {

CheckAnswer Refuse(std::string_view what, const EveritNode& writer, const EveritNode& reader,
                   std::string_view keyword) {
  return {CheckOutcome::kRefuses, {what, &writer, &reader, keyword, ""}};
}

const Decimal* NumberOf(const EveritNode& node, std::string_view keyword) {
  const Json* value = node.Find(keyword);
  return value != nullptr && value->is_number() ? &value->number() : nullptr;
}

bool IsTrue(const EveritNode& node, std::string_view keyword) {
  const Json* value = node.Find(keyword);
  return value != nullptr && value->is_boolean() && value->boolean();
}

// Lengths and counts.
CheckAnswer VisitCounts(const EveritNode& writer, const EveritNode& reader) {
  for (const Bound& bound : kBounds) {
    if (bound.kind != reader.kind) continue;
    const Decimal* before = NumberOf(writer, bound.keyword);
    const Decimal* after = NumberOf(reader, bound.keyword);
    if (after == nullptr) continue;
    if (before == nullptr) return Refuse("is set by the reader alone", writer, reader, bound.keyword);
    if (bound.upper ? *after < *before : *after > *before) {
      return Refuse("allows less", writer, reader, bound.keyword);
    }
  }
  if (reader.kind == EveritKind::kArray && IsTrue(reader, "uniqueItems") && !IsTrue(writer, "uniqueItems")) {
    return Refuse("is set by the reader alone", writer, reader, "uniqueItems");
  }
  return {};
}

// The formats that the library knows; it ignores others.
bool KnowsFormat(std::string_view format, EveritDialect dialect) {
  static constexpr std::array<std::pair<std::string_view, EveritDialect>, 13> kFormats = {{
      {"date-time", EveritDialect::kDraft4},
      {"email", EveritDialect::kDraft4},
      {"hostname", EveritDialect::kDraft4},
      {"ipv4", EveritDialect::kDraft4},
      {"ipv6", EveritDialect::kDraft4},
      {"uri", EveritDialect::kDraft4},
      {"json-pointer", EveritDialect::kDraft6},
      {"uri-reference", EveritDialect::kDraft6},
      {"uri-template", EveritDialect::kDraft6},
      {"date", EveritDialect::kDraft7},
      {"regex", EveritDialect::kDraft7},
      {"relative-json-pointer", EveritDialect::kDraft7},
      {"time", EveritDialect::kDraft7},
  }};
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [&](const auto& known) { return known.first == format && dialect >= known.second; });
}

// What the library keeps of a keyword of a string.
const Json* TextOf(const EveritNode& node, std::string_view keyword) {
  const Json* value = node.Find(keyword);
  if (value == nullptr || !value->is_string()) return nullptr;
  if (keyword == "format") return KnowsFormat(value->string(), node.dialect) ? value : nullptr;
  if (keyword == "pattern") return value;
  return node.alone ? value : nullptr;
}

CheckAnswer VisitString(const EveritNode& writer, const EveritNode& reader) {
  for (const char* keyword : {"contentEncoding", "contentMediaType", "pattern", "format"}) {
    const Json* before = TextOf(writer, keyword);
    const Json* after = TextOf(reader, keyword);
    if (after != nullptr && (before == nullptr || *before != *after)) {
      return Refuse("is another", writer, reader, keyword);
    }
  }
  return VisitCounts(writer, reader);
}

// A bound of a number and whether it excludes itself; `exclusive*` wins over the other one.
struct Limit {
  const Decimal* number = nullptr;
  bool exclusive = false;
};

Limit LimitOf(const EveritNode& node, std::string_view keyword, std::string_view exclusive_keyword) {
  if (const Decimal* exclusive = NumberOf(node, exclusive_keyword)) return {exclusive, true};
  return {NumberOf(node, keyword), IsTrue(node, exclusive_keyword)};  // a boolean in draft-04
}

CheckAnswer VisitLimit(const EveritNode& writer, const EveritNode& reader, std::string_view keyword,
                       std::string_view exclusive_keyword, bool upper) {
  const Limit before = LimitOf(writer, keyword, exclusive_keyword);
  const Limit after = LimitOf(reader, keyword, exclusive_keyword);
  const std::string_view shown = after.exclusive ? exclusive_keyword : keyword;
  if (after.number == nullptr) return {};
  if (before.number == nullptr) return Refuse("is set by the reader alone", writer, reader, shown);
  const bool narrower = upper ? *after.number < *before.number : *after.number > *before.number;
  if (narrower || (*after.number == *before.number && after.exclusive && !before.exclusive)) {
    return Refuse("allows less", writer, reader, shown);
  }
  return {};
}

CheckAnswer VisitNumber(const EveritNode& writer, const EveritNode& reader) {
  const Decimal* before = NumberOf(writer, "multipleOf");
  const Decimal* after = NumberOf(reader, "multipleOf");
  const bool integers = writer.requires_integer || (before != nullptr && *before == Decimal(1));
  if (reader.requires_integer && !integers)
    return Refuse("is narrower: integers only", writer, reader, "type");
  const CheckAnswer minimum = VisitLimit(writer, reader, "minimum", "exclusiveMinimum", false);
  if (minimum.outcome != CheckOutcome::kReads) return minimum;
  const CheckAnswer maximum = VisitLimit(writer, reader, "maximum", "exclusiveMaximum", true);
  if (maximum.outcome != CheckOutcome::kReads || after == nullptr) return maximum;
  if (before == nullptr) return Refuse("is set by the reader alone", writer, reader, "multipleOf");
  return before->IsMultipleOf(*after) ? CheckAnswer{} : Refuse("allows less", writer, reader, "multipleOf");
}

absl::flat_hash_set<std::string> ValuesOf(const EveritNode& node, StepBudget& budget) {
  if (node.kind == EveritKind::kConst) return {node.Find("const")->ToString()};
  absl::flat_hash_set<std::string> values;
  for (const Json& value : node.Find("enum")->array()) {
    if (!budget.Spend()) break;
    values.insert(value.ToString());
  }
  return values;
}

// `enum` and `const`; a `const` is compared with an enumeration of one only.
CheckAnswer VisitValues(const EveritNode& writer, const EveritNode& reader, StepBudget& budget) {
  const absl::flat_hash_set<std::string> before = ValuesOf(writer, budget), after = ValuesOf(reader, budget);
  const bool constant = reader.kind == EveritKind::kConst;
  if (constant && before.size() != 1) return Refuse("has another type", writer, reader, "");
  for (const std::string& value : before) {
    if (!after.contains(value)) return Refuse("lacks a value", writer, reader, constant ? "const" : "enum");
  }
  return {};
}

}  // namespace

CheckAnswer ApicurioReadsPlain(const EveritNode& writer, const EveritNode& reader, StepBudget& budget) {
  switch (reader.kind) {
    case EveritKind::kString:
      return VisitString(writer, reader);
    case EveritKind::kNumber:
      return VisitNumber(writer, reader);
    case EveritKind::kEnum:
    case EveritKind::kConst:
      return VisitValues(writer, reader, budget);
    case EveritKind::kObject:
    case EveritKind::kArray:
      return VisitCounts(writer, reader);
    default:
      return {};
  }
}

}  // namespace sluice::schema
