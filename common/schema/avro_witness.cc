#include "common/schema/avro_witness.h"

#include <algorithm>
#include <vector>

namespace sluice::schema {
namespace {

constexpr uint32_t kMostValues = 5'000;
constexpr uint32_t kMostLevels = 100;
constexpr int kSweeps = 8;

Json Zeros(int64_t bytes) { return Json(std::string(static_cast<size_t>(bytes), '\0')); }

Json Scalar(const AvroNode& node) {
  switch (node.type) {
    case AvroType::kNull:
      return Json();
    case AvroType::kBoolean:
      return Json(false);
    case AvroType::kBytes:
      return Zeros(node.logical.name == "decimal" ? 1 : 0);
    case AvroType::kString:
      return Json(node.logical.name == "uuid" ? "00000000-0000-0000-0000-000000000000" : "");
    case AvroType::kFixed:
      return Zeros(node.size);
    case AvroType::kEnum:
      return Json(node.symbols.front());
    case AvroType::kArray:
      return Json(Json::Array());
    case AvroType::kMap:
      return Json(Json::Object());
    default:
      return Json(0);
  }
}

}  // namespace

// Types come after those defined inside them, so one sweep finds nearly all costs; what a name leads back to
// takes another.
SmallestData::SmallestData(const AvroSchema& schema) {
  bool changed = true;
  for (int sweep = 0; changed && sweep < kSweeps; ++sweep) {
    changed = false;
    for (const AvroNode* node : schema.nodes()) {
      const std::optional<Cost> cost = ComputeCost(*node);
      if (!cost) continue;
      const auto [known, added] = costs_.emplace(node, *cost);
      if (!added && known->second.values <= cost->values) continue;
      known->second = *cost;
      changed = true;
    }
  }
}

std::optional<SmallestData::Cost> SmallestData::CostOf(const AvroNode& node) const {
  if (IsPrimitive(node.type)) return Cost{1, 1};
  const auto found = costs_.find(&node);
  return found == costs_.end() ? std::nullopt : std::optional<Cost>(found->second);
}

std::optional<SmallestData::Cost> SmallestData::ComputeCost(const AvroNode& node) const {
  Cost cost{1, 1};
  if (node.type == AvroType::kFixed && node.size > kMostValues) return std::nullopt;
  if (node.type == AvroType::kRecord) {
    for (const AvroField& field : node.fields) {
      const std::optional<Cost> part = CostOf(*field.type.node);
      if (!part) return std::nullopt;
      cost.values += part->values;
      cost.levels = std::max(cost.levels, part->levels + 1);
      if (cost.values > kMostValues || cost.levels > kMostLevels) return std::nullopt;
    }
    return cost;
  }
  if (node.type != AvroType::kUnion) return cost;
  std::optional<Cost> least;
  for (const AvroUse& branch : node.parts) {
    const std::optional<Cost> part = CostOf(*branch.node);
    if (part && part->levels < kMostLevels && (!least || part->values + 1 < least->values)) {
      least = Cost{part->values + 1, part->levels + 1};
    }
  }
  return least;
}

std::optional<Json> SmallestData::Make(const AvroNode& node) {
  const std::optional<Cost> cost = CostOf(node);
  if (!cost || depth_ > kMostLevels) return std::nullopt;
  if (node.type != AvroType::kRecord && node.type != AvroType::kUnion) return Scalar(node);
  const auto known = made_.find(&node);
  if (known != made_.end()) return known->second;
  ++depth_;
  std::optional<Json> made = node.type == AvroType::kRecord ? MakeRecord(node, node.fields.size(), Json())
                                                            : MakeUnion(node, cost->values);
  --depth_;
  if (made) made_.emplace(&node, *made);
  return made;
}

std::optional<Json> SmallestData::MakeUnion(const AvroNode& node, uint32_t below) {
  for (const AvroUse& branch : node.parts) {
    const std::optional<Cost> part = CostOf(*branch.node);
    if (!part || part->values >= below) continue;
    std::optional<Json> value = Make(*branch.node);
    if (value) return InUnion(*branch.node, *std::move(value));
  }
  return std::nullopt;
}

std::optional<Json> SmallestData::MakeRecord(const AvroNode& node, size_t index, Json value) {
  if (!CostOf(node)) return std::nullopt;
  Json::Object members;
  members.reserve(node.fields.size());
  for (size_t i = 0; i < node.fields.size(); ++i) {
    std::optional<Json> member = i == index ? std::move(value) : Make(*node.fields[i].type.node);
    if (!member) return std::nullopt;
    members.emplace_back(std::string(node.fields[i].name), *std::move(member));
  }
  return Json(std::move(members));
}

Json InUnion(const AvroNode& branch, Json value) {
  if (branch.type == AvroType::kNull) return value;
  Json::Object members;
  members.emplace_back(std::string(BranchName(branch)), std::move(value));
  return Json(std::move(members));
}

std::optional<Json> Unreadable(AvroType writer, AvroType reader) {
  const bool whole = reader == AvroType::kInt || reader == AvroType::kLong;
  if (writer == AvroType::kLong && reader == AvroType::kInt) return Json(int64_t{1} << 31);
  if ((writer == AvroType::kFloat || writer == AvroType::kDouble) && whole)
    return Json(*Decimal::Parse("0.5"));
  if (writer == AvroType::kDouble && reader == AvroType::kFloat) return Json(*Decimal::Parse("1e300"));
  return std::nullopt;
}

}  // namespace sluice::schema
