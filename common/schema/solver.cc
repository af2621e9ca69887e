#include "common/schema/solver.h"

#include <algorithm>

#include "common/schema/node_facts.h"

namespace sluice::schema {
namespace {

constexpr int kMostDepth = 120;        // of places in a message
constexpr size_t kMostUnknown = 20;    // sentences
constexpr size_t kMostKnown = 50'000;  // goals remembered

}  // namespace

bool SameReason(const Trail& a, const Trail& b) {
  if (a.reader == nullptr || b.reader == nullptr) return a.reader == b.reader && a.instance == b.instance;
  return a.reader == b.reader && a.rule == b.rule && a.detail == b.detail;
}

// `trail` lacks the step from the state's place into its part, which has two characters at least.
bool IsTold(const State& state, const Trail& trail) {
  return state.told != nullptr && trail.reader != nullptr && !state.whole_blame &&
         std::any_of(state.told->begin(), state.told->end(), [&](const Model& model) {
           return SameReason(model.trail, trail) && model.trail.instance.size() <= trail.instance.size() + 2;
         });
}

void Unknown(Result& result, std::string why) {
  if (result.found == Found::kNone) result.found = Found::kUnknown;
  const bool noted = std::find(result.unknown.begin(), result.unknown.end(), why) != result.unknown.end();
  if (!noted && result.unknown.size() < kMostUnknown) result.unknown.push_back(std::move(why));
}

void Merge(Result& result, Result part, size_t most) {
  for (Model& model : part.models) {
    const auto known = std::find_if(result.models.begin(), result.models.end(),
                                    [&](const Model& other) { return SameReason(other.trail, model.trail); });
    if (known == result.models.end()) {
      if (result.models.size() < most) result.models.push_back(std::move(model));
    } else if (model.trail.instance.size() < known->trail.instance.size()) {
      *known = std::move(model);  // the simpler message
    }
  }
  for (std::string& why : part.unknown) Unknown(result, std::move(why));
  if (part.found == Found::kUnknown && result.found == Found::kNone) result.found = Found::kUnknown;
  if (!result.models.empty()) result.found = Found::kSome;
  result.depends = std::min(result.depends, part.depends);
}

bool Solver::Spend(size_t steps) {
  steps_ = std::min(steps_ + steps, options_.most_steps);
  return !exhausted();
}

bool Solver::Enough(Mode mode, const Result& result) const {
  return mode == Mode::kFirst ? !result.models.empty() : result.models.size() >= options_.most_models;
}

Solver::Key Solver::KeyOf(const Goal& goal, Mode mode) {
  Key key;
  key.reserve(goal.size() + 1);
  for (const Atom& atom : goal) {
    key.push_back(reinterpret_cast<uintptr_t>(atom.node) | (atom.positive ? 1u : 0u) |
                  (atom.side == Side::kReader ? 2u : 0u) | ((atom.groups & 1u) << 2));
  }
  std::sort(key.begin(), key.end());
  key.erase(std::unique(key.begin(), key.end()), key.end());
  key.push_back(mode == Mode::kFirst ? 0 : 1);
  return key;
}

bool Solver::Contradicts(const Goal& goal) {
  for (const Atom& refused : goal) {
    if (refused.positive) continue;
    for (const Atom& accepted : goal) {
      if (accepted.positive && Same(Through(*accepted.node), Through(*refused.node))) return true;
    }
  }
  return false;
}

Result Solver::Solve(Goal goal, Mode mode) {
  if (Contradicts(goal)) return {};
  const Key key = KeyOf(goal, mode);
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  if (const auto at = in_progress_.find(key); at != in_progress_.end()) {
    Result result;  // a smallest value holds no value for the same goal
    result.depends = at->second;
    return result;
  }
  const int depth = depth_;
  const size_t provisional_before = provisional_.size();
  in_progress_.emplace(key, depth);
  Result result = Begin(goal, mode, nullptr, nullptr);
  in_progress_.erase(key);
  Remember(key, result, depth, provisional_before);
  if (result.depends >= depth) result.depends = INT_MAX;
  return result;
}

bool Solver::IsOldNews(const State& state, const Goal& goal, Mode mode) const {
  if (state.told == nullptr || state.told->empty()) return false;
  const auto at = known_.find(KeyOf(goal, mode));
  if (at == known_.end() || at->second.models.empty()) return false;
  const auto& models = at->second.models;
  return std::all_of(models.begin(), models.end(),
                     [&](const Model& model) { return IsTold(state, model.trail); });
}

// What was found while outer goals were in progress rests on their having no smaller model. When the
// outermost of them turns out to have none, that was right; else it is forgotten.
void Solver::Remember(const Key& key, const Result& result, int depth, size_t provisional_before) {
  const bool settled = result.depends >= depth;
  if (settled) {
    if (result.found != Found::kNone) {
      for (size_t i = provisional_before; i < provisional_.size(); ++i) known_.erase(provisional_[i]);
    } else {
      for (size_t i = provisional_before; i < provisional_.size(); ++i) {
        if (const auto at = known_.find(provisional_[i]); at != known_.end()) at->second.depends = INT_MAX;
      }
    }
    provisional_.resize(provisional_before);
  }
  if (known_.size() >= kMostKnown || exhausted()) return;
  const bool final = settled || (result.found == Found::kSome && key.back() == 0);  // a first model stays one
  if (!final && result.found != Found::kNone) return;
  if (!final) provisional_.push_back(key);
  const auto at = known_.insert_or_assign(key, result).first;
  if (final) at->second.depends = INT_MAX;
}

Result Solver::SolveWith(const Goal& goal, Mode mode, const TextQuery* text,
                         const std::vector<Json>* excluded) {
  if (Contradicts(goal)) return {};
  return Begin(goal, mode, text, excluded);
}

Result Solver::Begin(const Goal& goal, Mode mode, const TextQuery* text, const std::vector<Json>* excluded) {
  Result result;
  if (depth_ >= kMostDepth) {
    Unknown(result, "the schemas nest too deep to be compared to the end");
    return result;
  }
  ++depth_;
  State state{.goal = &goal, .text = text, .excluded = excluded};
  if (text != nullptr) state.mask = kString;
  state.todo = goal;
  Expand(std::move(state), mode, result);
  --depth_;
  return result;
}

Found Solver::Confirm(const Goal& goal, const Json& value) {
  Found found = Found::kSome;
  for (const Atom& atom : goal) {
    Spend(2);
    const Validity validity = Check(schema(atom.side).At(*atom.node), value, {.most_steps = 100'000});
    if (validity == Validity::kUnknown) {
      found = Found::kUnknown;
    } else if ((validity == Validity::kValid) != atom.positive) {
      return Found::kNone;
    }
  }
  return found;
}

void Solver::FindByValues(const State& state, const std::vector<Json>& values, Result& result) {
  for (const Json& value : values) {
    if (!Spend()) return Unknown(result, "there are more cases than are looked at");
    if (state.excluded != nullptr &&
        std::find(state.excluded->begin(), state.excluded->end(), value) != state.excluded->end()) {
      continue;
    }
    if (state.text != nullptr && (!value.is_string() || !Fits(*state.text, value.string()))) continue;
    Goal goal = *state.goal;
    for (const Atom& atom : state.positives) {
      if ((atom.groups & kWithoutRests) == 0) goal.push_back(atom);
    }
    const Found found = Confirm(goal, value);
    if (found == Found::kUnknown) Unknown(result, "an enumerated value could not be validated within bounds");
    if (found != Found::kSome) continue;
    Result one{.found = Found::kSome};
    one.models.push_back({value, state.trail});
    Trail& trail = one.models.back().trail;
    for (const Atom& atom : *state.goal) {
      if (atom.side == Side::kReader && !atom.positive && trail.reader == nullptr)
        trail.reader = &Through(*atom.node);
      if (atom.side == Side::kWriter && atom.positive && trail.writer == nullptr) trail.writer = atom.node;
    }
    return Merge(result, std::move(one), options_.most_models);
  }
}

}  // namespace sluice::schema
