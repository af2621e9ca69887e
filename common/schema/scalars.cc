#include "common/schema/build.h"
#include "common/schema/example.h"
#include "common/schema/number_search.h"

namespace sluice::schema {
namespace {

using Kind = Literal::Kind;

Result FromFound(const State& state, Found found, Json value, const char* why) {
  if (found == Found::kSome) return One(state, std::move(value));
  Result result;
  if (found == Found::kUnknown) Unknown(result, why);
  return result;
}

template <typename Take>
void ForEachExcluded(const State& state, Take take) {
  if (state.excluded != nullptr) {
    for (const Json& value : *state.excluded) take(value);
  }
  for (const Literal& literal : state.literals) {
    if (literal.kind != Kind::kNotEnumeration) continue;
    for (const Json& value : *literal.node->enumeration) take(value);
  }
}

// The tighter of two bounds; of equal ones the open one.
void RaiseLeast(NumberQuery& query, const Decimal& bound, bool open) {
  if (query.least && (*query.least > bound || (*query.least == bound && query.least_open))) return;
  query.least = bound;
  query.least_open = open;
}

void LowerMost(NumberQuery& query, const Decimal& bound, bool open) {
  if (query.most && (*query.most < bound || (*query.most == bound && query.most_open))) return;
  query.most = bound;
  query.most_open = open;
}

NumberQuery NumberQueryOf(Solver& solver, const State& state, Types type) {
  NumberQuery query;
  query.whole = type == kInteger;
  query.fraction = type == kNumber;
  for (const Atom& atom : state.positives) {
    const Node& node = *atom.node;
    if (node.minimum) RaiseLeast(query, *node.minimum, false);
    if (node.exclusive_minimum) RaiseLeast(query, *node.exclusive_minimum, true);
    if (node.maximum) LowerMost(query, *node.maximum, false);
    if (node.exclusive_maximum) LowerMost(query, *node.exclusive_maximum, true);
    if (node.multiple_of) query.multiple_of.push_back(*node.multiple_of);
    for (const Json& example : ExamplesOf(node)) {
      if (example.is_number()) query.hints.push_back(example.number());
    }
  }
  for (const Literal& literal : state.literals) {
    const Node& node = *literal.node;
    if (literal.kind == Kind::kNotMinimum) LowerMost(query, *node.minimum, true);
    if (literal.kind == Kind::kNotExclusiveMinimum) LowerMost(query, *node.exclusive_minimum, false);
    if (literal.kind == Kind::kNotMaximum) RaiseLeast(query, *node.maximum, true);
    if (literal.kind == Kind::kNotExclusiveMaximum) RaiseLeast(query, *node.exclusive_maximum, false);
    if (literal.kind == Kind::kNotMultipleOf) query.not_multiple_of.push_back(*node.multiple_of);
  }
  ForEachExcluded(state, [&](const Json& value) {
    if (value.is_number()) query.excluded.push_back(value.number());
  });
  AddNumberHints(solver.options().seed, type == kInteger, query.hints);
  return query;
}

// nullopt: no length is possible.
std::optional<TextQuery> TextQueryOf(Solver& solver, const State& state) {
  TextQuery query;
  if (state.text != nullptr) query = *state.text;
  Bounds length;
  length.least = query.least;
  length.most = query.most;
  for (const Atom& atom : state.positives) {
    const Node& node = *atom.node;
    if (node.min_length) length.AtLeast(*node.min_length);
    if (node.max_length) length.AtMost(*node.max_length);
    if (node.pattern != nullptr) query.matching.push_back(node.pattern.get());
    for (const Json& example : ExamplesOf(node)) {
      if (example.is_string()) query.hints.push_back(example.string());
    }
    AddFormatHints(node.format, solver.options().seed, CountExcluded(state) > 0, query.hints);
  }
  for (const Literal& literal : state.literals) {
    const Node& node = *literal.node;
    if (literal.kind == Kind::kNotMinLength) length.Below(*node.min_length);
    if (literal.kind == Kind::kNotMaxLength) length.Above(*node.max_length);
    if (literal.kind == Kind::kNotPattern) query.not_matching.push_back(node.pattern.get());
  }
  if (length.empty()) return std::nullopt;
  query.least = length.least;
  query.most = length.most;
  ForEachExcluded(state, [&](const Json& value) {
    if (value.is_string()) query.excluded.insert(value.string());
  });
  AddTextHints(solver.options().seed, query.hints);
  return query;
}

Result BuildString(Solver& solver, const State& state) {
  const auto query = TextQueryOf(solver, state);
  if (!query) return {};
  TextAnswer answer = FindText(*query, solver.patterns());
  solver.Spend(answer.steps / 2);
  const char* why = query->matching.empty() && query->not_matching.empty()
                        ? "a string of the length that is asked for is too long to be made"
                        : "it could not be decided which strings match the patterns";
  return FromFound(state, answer.found, std::move(answer.text), why);
}

}  // namespace

Result BuildScalar(Solver& solver, const State& state, Types type) {
  if (type == kString) return BuildString(solver, state);
  if (type == kInteger || type == kNumber) {
    const NumberAnswer answer = FindNumber(NumberQueryOf(solver, state, type));
    return FromFound(state, answer.found, answer.number,
                     "it could not be decided which numbers are within the bounds and grids");
  }
  std::vector<Json> values = {Json()};
  if (type == kBoolean) values = {true, false};
  for (const Json& value : values) {
    if (!IsExcluded(state, value)) return One(state, value);
  }
  return {};
}

void Solver::Finish(const State& state, Mode mode, Result& result) {
  for (const Types type : {kObject, kString, kInteger, kNumber, kArray, kBoolean, kNull}) {
    if ((state.mask & type) == 0) continue;
    if (!Spend()) return Unknown(result, "there are more cases than are looked at");
    Result part = type == kObject  ? BuildObject(*this, state, mode)
                  : type == kArray ? BuildArray(*this, state, mode)
                                   : BuildScalar(*this, state, type);
    if (state.opaque && !part.models.empty()) {
      std::erase_if(part.models,
                    [&](const Model& model) { return Confirm(*state.goal, model.value) != Found::kSome; });
      if (part.models.empty()) {
        part.found = Found::kUnknown;
        Unknown(part, "a part of the schemas is not modelled");
      }
    }
    const bool found = !part.models.empty();
    Merge(result, std::move(part), options_.most_models);
    if (found) return;
  }
}

}  // namespace sluice::schema
