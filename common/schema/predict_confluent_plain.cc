// Confluent's check of numbers, strings and enumerations.
#include <absl/container/flat_hash_set.h>

#include <cstdlib>
#include <optional>

#include "common/schema/registry_check.h"

namespace sluice::schema {
namespace {

double ToDouble(const Decimal& number) { return std::strtod(number.ToString().c_str(), nullptr); }

const Decimal* NumberOf(const EveritNode& node, std::string_view keyword) {
  const Json* value = node.Find(keyword);
  return value != nullptr && value->is_number() ? &value->number() : nullptr;
}

// As Java narrows a number to an int.
int64_t ToInt(const Decimal& number) {
  const double value = ToDouble(number);
  if (value >= 2147483647.0) return 2147483647;
  if (value <= -2147483648.0) return -2147483648;
  return static_cast<int64_t>(value);
}

CheckAnswer Refuse(std::string_view what, const EveritNode& writer, const EveritNode& reader,
                   std::string_view keyword) {
  return {CheckOutcome::kRefuses, {what, &writer, &reader, keyword, ""}};
}

CheckAnswer CompareBound(const Bound& bound, const EveritNode& writer, const EveritNode& reader) {
  const Decimal* before = NumberOf(writer, bound.keyword);
  const Decimal* after = NumberOf(reader, bound.keyword);
  if (after == nullptr) return {};
  if (before == nullptr) return Refuse("is set by the reader alone", writer, reader, bound.keyword);
  const double was = ToDouble(*before), is = ToDouble(*after);
  if (bound.upper ? is >= was : is <= was) return {};
  if (bound.keyword == "exclusiveMaximum") {
    // A lowered one is compared with the reader's `maximum`, which need not be there.
    const Decimal* maximum = NumberOf(reader, "maximum");
    if (maximum == nullptr) return {CheckOutcome::kBreaks, {}};
    if (was <= ToDouble(*maximum)) return {};
  }
  return Refuse("allows less", writer, reader, bound.keyword);
}

CheckAnswer ComparePattern(const EveritNode& writer, const EveritNode& reader) {
  const Json* before = writer.Find("pattern");
  const Json* after = reader.Find("pattern");
  if (after == nullptr || (before != nullptr && *before == *after)) return {};
  return Refuse("is another", writer, reader, "pattern");
}

CheckAnswer CompareNumber(const EveritNode& writer, const EveritNode& reader) {
  const Decimal* before = NumberOf(writer, "multipleOf");
  const Decimal* after = NumberOf(reader, "multipleOf");
  if (after != nullptr && (before == nullptr || *before != *after)) {
    if (before == nullptr) return Refuse("is set by the reader alone", writer, reader, "multipleOf");
    // It divides integers, whatever the numbers are.
    const int64_t was = ToInt(*before), is = ToInt(*after);
    if (was == 0 || is == 0) return {CheckOutcome::kBreaks, {}};
    if (is % was == 0 || was % is != 0) return Refuse("allows less", writer, reader, "multipleOf");
  }
  if (reader.requires_integer && !writer.requires_integer) {
    return Refuse("is narrower: integers only", writer, reader, "type");
  }
  return {};
}

CheckAnswer CompareEnum(const EveritNode& writer, const EveritNode& reader, StepBudget& budget) {
  absl::flat_hash_set<std::string> allowed;
  for (const Json& value : reader.Find("enum")->array()) {
    if (!budget.Spend()) return {};
    allowed.insert(value.ToString());
  }
  for (const Json& value : writer.Find("enum")->array()) {
    if (!budget.Spend()) return {};
    if (!allowed.contains(value.ToString())) return Refuse("lacks a value", writer, reader, "enum");
  }
  return {};
}

}  // namespace

CheckAnswer ConfluentReadsPlain(const EveritNode& writer, const EveritNode& reader, StepBudget& budget) {
  for (const Bound& bound : kBounds) {
    if (bound.kind != writer.kind) continue;
    const CheckAnswer answer = CompareBound(bound, writer, reader);
    if (answer.outcome != CheckOutcome::kReads) return answer;
  }
  switch (writer.kind) {
    case EveritKind::kString:
      return ComparePattern(writer, reader);
    case EveritKind::kNumber:
      return CompareNumber(writer, reader);
    case EveritKind::kEnum:
      return CompareEnum(writer, reader, budget);
    case EveritKind::kConst:
      if (*writer.Find("const") == *reader.Find("const")) return {};
      return Refuse("is another", writer, reader, "const");
    default:
      return {};
  }
}

}  // namespace sluice::schema
