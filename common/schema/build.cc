#include "common/schema/build.h"

#include <algorithm>

#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr uint64_t kHuge = UINT64_C(1) << 60;

// Counts are not negative; what is too big to count to is huge.
uint64_t Count(const Decimal& n) {
  if (n.IsNegative()) return 0;
  const auto small = n.CeilToMultiple(Decimal(1));
  const auto count = small ? small->ToInt64() : std::nullopt;
  return count ? std::min(static_cast<uint64_t>(*count), kHuge) : kHuge;
}

const Node* WriterOf(const State& state) {
  for (const Atom& atom : *state.goal) {
    if (atom.positive && atom.side == Side::kWriter) return atom.node;
  }
  return nullptr;
}

}  // namespace

void Bounds::AtLeast(const Decimal& n) { AtLeast(Count(n)); }

void Bounds::AtMost(const Decimal& n) {
  if (n.IsNegative()) impossible = true;
  const uint64_t count = Count(n);
  AtMost(n.IsInteger() || count == 0 ? count : count - 1);
}

void Bounds::Below(const Decimal& n) {
  const uint64_t count = Count(n);
  if (count == 0) impossible = true;
  AtMost(count == 0 ? 0 : count - 1);
}

void Bounds::Above(const Decimal& n) {
  if (n.IsNegative()) return;
  AtLeast(Count(n) + (n.IsInteger() ? 1 : 0));
}

Result One(const State& state, Json value) {
  Result result{.found = Found::kSome};
  Trail trail = state.trail;
  if (trail.writer == nullptr) trail.writer = WriterOf(state);
  result.models.push_back({std::move(value), std::move(trail)});
  return result;
}

Trail Around(const State& state, Trail trail, std::string_view token) {
  if (state.whole_blame || trail.reader == nullptr) {
    Trail outer = state.trail;
    outer.writer = trail.writer != nullptr ? trail.writer : WriterOf(state);
    if (!state.whole_blame) outer.instance = Child("", token) + trail.instance;
    if (outer.detail.empty()) outer.detail = token;
    return outer;
  }
  trail.instance = Child("", token) + trail.instance;
  if (trail.writer == nullptr) trail.writer = WriterOf(state);
  return trail;
}

bool IsExcluded(const State& state, const Json& value) {
  const auto among = [&](const std::vector<Json>& values) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  if (state.excluded != nullptr && among(*state.excluded)) return true;
  return std::any_of(state.literals.begin(), state.literals.end(), [&](const Literal& literal) {
    return literal.kind == Literal::Kind::kNotEnumeration && among(*literal.node->enumeration);
  });
}

size_t CountExcluded(const State& state) {
  size_t count = state.excluded != nullptr ? state.excluded->size() : 0;
  for (const Literal& literal : state.literals) {
    if (literal.kind == Literal::Kind::kNotEnumeration) count += literal.node->enumeration->size();
  }
  return count;
}

}  // namespace sluice::schema
