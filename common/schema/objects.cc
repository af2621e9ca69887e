#include <algorithm>
#include <map>

#include "common/schema/build.h"
#include "common/schema/members.h"
#include "common/schema/node_facts.h"

namespace sluice::schema {
namespace {

using Kind = Literal::Kind;

constexpr size_t kMostPatterns = 5;     // of which every combination is looked at
constexpr uint64_t kMostAdded = 2'000;  // members for minProperties

constexpr char kTooMuch[] = "there are more cases than are looked at";

// A member that can be there.
struct Candidate {
  std::string name;
  std::vector<Model> models;
};

class ObjectSearch {
 public:
  ObjectSearch(Solver& solver, const State& state, Mode mode)
      : solver_(solver), state_(state), mode_(mode), members_(solver, state) {}

  Result Run() {
    if (!CountBounds()) return {};
    for (const std::string& name : members_.required()) {
      if (members_.absent().contains(name)) return {};
    }
    if (size_.most && members_.required().size() > *size_.most) return {};
    Demands() && Required() && Size() && Optional() && Different();
    if (members_.unsure() && result_.found == Found::kNone)
      Unknown(result_, "a pattern could not be matched within bounds");
    if (!failed_) Finish();
    return std::move(result_);
  }

 private:
  // Nothing can be, or nothing can be found: what is in `result_` says which.
  bool Fail() {
    failed_ = true;
    return false;
  }
  bool Fail(std::string why) {
    Unknown(result_, std::move(why));
    return Fail();
  }
  // Takes over what a part left open.
  bool Fail(const Result& part) {
    result_.depends = std::min(result_.depends, part.depends);
    for (const std::string& why : part.unknown) Unknown(result_, why);
    return Fail();
  }

  bool CountBounds() {
    for (const Atom& atom : state_.positives) {
      if (atom.node->min_properties) size_.AtLeast(*atom.node->min_properties);
      if (atom.node->max_properties) size_.AtMost(*atom.node->max_properties);
    }
    for (const Literal& literal : state_.literals) {
      if (literal.kind == Kind::kNotMinProperties) size_.Below(*literal.node->min_properties);
      if (literal.kind == Kind::kNotMaxProperties) size_.Above(*literal.node->max_properties);
      if (IsDemand(literal)) demands_ += literal.kind == Kind::kMember ? 0 : 1;
      if (literal.kind == Kind::kMember) named_.emplace(literal.name);
    }
    return !size_.empty();
  }

  static bool IsDemand(const Literal& literal) {
    return literal.kind == Kind::kMember || literal.kind == Kind::kPatternMember ||
           literal.kind == Kind::kOtherMember || literal.kind == Kind::kRestMember ||
           literal.kind == Kind::kBadName;
  }

  // Members that have to be there because a schema refuses them: the reasons, so they come first.
  bool Demands() {
    const bool single = demands_ + named_.size() == 1;
    const Mode mode = single ? mode_ : Mode::kFirst;
    for (const std::string& name : named_) {
      const auto goal = members_.Of(name);
      if (!goal) return Fail();
      if (single && solver_.IsOldNews(state_, *goal, ModeFor(*goal, mode))) return Fail();
      Result part = solver_.Solve(*goal, ModeFor(*goal, mode));
      if (part.models.empty()) return Fail(part);
      NoteUnknown(part);
      if (single && !Untold(part)) return Fail();
      placed_.emplace(name, part.models.front().value);
      if (single) reasons_.push_back({name, std::move(part.models)});
    }
    for (const Literal& literal : state_.literals) {
      if (literal.kind == Kind::kMember || !IsDemand(literal)) continue;
      std::vector<Candidate> candidates = Candidates(literal, mode);
      if (candidates.empty()) return Fail();
      if (single) {
        reasons_ = std::move(candidates);
        continue;
      }
      const auto free = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
        return !placed_.contains(candidate.name);
      });
      if (free == candidates.end())
        return Fail("several demands on the members of one object could not be met together");
      placed_.emplace(free->name, free->models.front().value);
    }
    return true;
  }

  // Where the writer says nothing about a member, one reason to refuse it stands for all.
  static Mode ModeFor(const Goal& goal, Mode mode) {
    const auto accepts = [](const Atom& atom) { return atom.positive; };
    return std::any_of(goal.begin(), goal.end(), accepts) ? mode : Mode::kFirst;
  }

  // Drops the models for reasons that are known; false: none is left.
  bool Untold(Result& part) const {
    std::erase_if(part.models, [&](const Model& model) { return IsTold(state_, model.trail); });
    return !part.models.empty();
  }

  void NoteUnknown(const Result& part) {
    if (mode_ == Mode::kReasons) unknown_.insert(unknown_.end(), part.unknown.begin(), part.unknown.end());
  }

  // The members by which `literal` can be met, those that have to be there anyway first.
  std::vector<Candidate> Candidates(const Literal& literal, Mode mode) {
    std::vector<Candidate> candidates;
    std::vector<std::string> names(members_.required().begin(), members_.required().end());
    for (const std::string& name : members_.mentioned()) {
      if (!members_.required().contains(name)) names.push_back(name);
    }
    for (const std::string& name : names) {
      if (!solver_.Spend()) {
        Unknown(result_, kTooMuch);
        return candidates;
      }
      if (!Meets(literal, name)) continue;
      if (size_.most && !members_.required().contains(name) && members_.required().size() >= *size_.most)
        continue;
      TryCandidate(literal, name, members_.Of(name), mode, candidates);
      if (Enough(mode, candidates)) return candidates;
    }
    if (!size_.most || members_.required().size() < *size_.most) Fresh(&literal, mode, candidates);
    return candidates;
  }

  bool Enough(Mode mode, const std::vector<Candidate>& candidates) const {
    if (mode == Mode::kFirst && demands_ + named_.size() <= 1) return !candidates.empty();
    return candidates.size() >= solver_.options().most_models;
  }

  void TryCandidate(const Literal& literal, const std::string& name, std::optional<Goal> goal, Mode mode,
                    std::vector<Candidate>& candidates) {
    if (!goal) return;
    if (literal.kind != Kind::kBadName) goal->push_back(literal.atom);
    const Mode member_mode = ModeFor(*goal, mode);
    Result part = solver_.Solve(*std::move(goal), member_mode);
    result_.depends = std::min(result_.depends, part.depends);
    if (part.models.empty()) {
      for (const std::string& why : part.unknown) Unknown(result_, why);
    } else {
      NoteUnknown(part);
      if (!Untold(part)) return;
      candidates.push_back({name, std::move(part.models)});
    }
  }

  // Whether a member called `name` would be one that `literal` speaks of.
  bool Meets(const Literal& literal, const std::string& name) {
    const Node& node = *literal.node;
    const auto matches = [&](const PatternProperty& property) {
      return property.pattern->Matches(name).value_or(true);  // not known: the model is confirmed in the end
    };
    switch (literal.kind) {
      case Kind::kPatternMember:
        return matches(node.pattern_properties[literal.index]);
      case Kind::kOtherMember:
        return Property(node, name) == nullptr &&
               std::none_of(node.pattern_properties.begin(), node.pattern_properties.end(), matches);
      case Kind::kRestMember:
        return members_.IsRest(literal.index, name);
      case Kind::kBadName:
        return solver_.Confirm({literal.atom}, Json(name)) == Found::kSome;
      default:
        return true;
    }
  }

  // The same for names that no schema mentions, by which patterns they match.
  bool Meets(const Literal& literal, const std::vector<bool>& signs) {
    const auto sign = [&](const PatternProperty& property) {
      return members_.Sign(signs, *property.pattern);
    };
    const auto& patterns = literal.node->pattern_properties;
    switch (literal.kind) {
      case Kind::kPatternMember:
        return sign(patterns[literal.index]);
      case Kind::kOtherMember:
        return std::none_of(patterns.begin(), patterns.end(), sign);
      case Kind::kRestMember:
        return members_.IsRest(literal.index, signs);
      default:
        return true;
    }
  }

  // Members with names that no schema mentions; without a `literal` any.
  void Fresh(const Literal* literal, Mode mode, std::vector<Candidate>& candidates) {
    if (literal != nullptr) {
      for (const PatternProperty& property : literal->node->pattern_properties)
        members_.AddPattern(property.pattern.get());
      for (const auto& [name, schema] : literal->node->properties) members_.Mention(name);
    }
    const size_t count = members_.patterns().size();
    const size_t combined = std::min(count, kMostPatterns);
    const bool all = count == combined;
    for (size_t bits = 0; bits < (size_t{1} << combined) && !Enough(mode, candidates); ++bits) {
      std::vector<bool> signs(count);
      for (size_t i = 0; i < combined; ++i) signs[i] = (bits >> i & 1) != 0;
      if (!solver_.Spend()) return Unknown(result_, kTooMuch);
      TryFresh(literal, signs, mode, candidates);
    }
    if (!all && candidates.empty())
      Unknown(result_, "too many patterns of names to look at every combination");
  }

  void TryFresh(const Literal* literal, const std::vector<bool>& signs, Mode mode,
                std::vector<Candidate>& candidates) {
    if (literal != nullptr && !Meets(*literal, signs)) return;
    std::optional<Goal> goal = members_.OfOthers(signs);
    if (!goal) return;
    const bool bad_name = literal != nullptr && literal->kind == Kind::kBadName;
    if (literal != nullptr && !bad_name) goal->push_back(literal->atom);
    Result part = solver_.Solve(*goal, ModeFor(*goal, mode));
    result_.depends = std::min(result_.depends, part.depends);
    if (part.models.empty()) {
      for (const std::string& why : part.unknown) Unknown(result_, why);
      return;
    }
    const std::optional<std::string> name = FreshName(bad_name ? &literal->atom : nullptr, signs);
    if (!name) return;
    NoteUnknown(part);
    candidates.push_back({*name, std::move(part.models)});
  }

  std::optional<std::string> FreshName(const Atom* bad, const std::vector<bool>& signs) {
    TextQuery query;
    for (size_t i = 0; i < signs.size(); ++i) {
      (signs[i] ? query.matching : query.not_matching).push_back(members_.patterns()[i]);
    }
    query.excluded = members_.mentioned();
    query.excluded.insert(members_.absent().begin(), members_.absent().end());
    for (const auto& [name, value] : placed_) query.excluded.insert(name);
    query.hints = {"extra", "other", "more"};
    Goal names = members_.names();
    if (bad != nullptr) names.push_back(*bad);
    if (names.empty()) {
      TextAnswer answer = FindText(query, solver_.patterns());
      solver_.Spend(answer.steps / 2);
      if (answer.found == Found::kUnknown)
        Unknown(result_, "it could not be decided which names match the patterns");
      return answer.found == Found::kSome ? std::optional(std::move(answer.text)) : std::nullopt;
    }
    Result part = solver_.SolveWith(names, Mode::kFirst, &query, nullptr);
    if (!part.models.empty()) return part.models.front().value.string();
    for (const std::string& why : part.unknown) Unknown(result_, why);
    return std::nullopt;
  }

  bool Required() {
    for (const std::string& name : members_.required()) {
      if (placed_.contains(name) || IsReason(name)) continue;
      const auto goal = members_.Of(name);
      if (!goal) return Fail();
      Result part = solver_.Solve(*goal, Mode::kFirst);
      if (part.models.empty()) return Fail(part);
      placed_.emplace(name, part.models.front().value);
    }
    return true;
  }

  bool IsReason(const std::string& name) const {
    // With several reasons the others need a value for it.
    return reasons_.size() == 1 && reasons_.front().name == name;
  }

  uint64_t Count() const {
    const bool extra = !reasons_.empty() && !placed_.contains(reasons_.front().name);
    return placed_.size() + (extra ? 1 : 0);
  }

  bool Size() {
    if (size_.most && Count() > *size_.most)
      return Fail("the members that are needed together are more than are allowed");
    if (Count() >= size_.least) return true;
    if (size_.least > kMostAdded) return Fail("more members are asked for than are made");
    for (const std::string& name : members_.mentioned()) {
      if (Count() >= size_.least) return true;
      AddMember(name);
    }
    while (Count() < size_.least) {
      std::vector<Candidate> fresh;
      Fresh(nullptr, Mode::kFirst, fresh);
      if (fresh.empty()) return Fail();
      placed_.emplace(fresh.front().name, fresh.front().models.front().value);
      members_.Mention(fresh.front().name);
    }
    return true;
  }

  bool AddMember(const std::string& name) {
    if (placed_.contains(name) || IsReason(name) || !solver_.Spend()) return false;
    const auto goal = members_.Of(name);
    if (!goal) return false;
    Result part = solver_.Solve(*goal, Mode::kFirst);
    result_.depends = std::min(result_.depends, part.depends);
    for (const std::string& why : part.unknown) Unknown(result_, why);
    if (part.models.empty()) return false;
    placed_.emplace(name, part.models.front().value);
    return true;
  }

  bool Optional() {
    if (!solver_.options().optional_members) return true;
    for (const std::string& name : members_.mentioned()) {
      if (!size_.most || Count() < *size_.most) AddMember(name);
    }
    return true;
  }

  // Not one of the values that are excluded.
  bool Different() {
    for (size_t tries = CountExcluded(state_) + 1; tries > 0 && IsExcluded(state_, Value(nullptr)); --tries) {
      if (!reasons_.empty()) return Fail("the values that are excluded could not be avoided");
      const size_t before = placed_.size();
      if (!size_.most || before < *size_.most) AddAny();
      if (placed_.size() == before && !VaryMember())
        return Fail("the values that are excluded could not be avoided");
    }
    return true;
  }

  void AddAny() {
    const std::set<std::string> names = members_.mentioned();
    for (const std::string& name : names) {
      if (AddMember(name)) return;
    }
    std::vector<Candidate> fresh;
    Fresh(nullptr, Mode::kFirst, fresh);
    if (fresh.empty()) return;
    placed_.emplace(fresh.front().name, fresh.front().models.front().value);
    members_.Mention(fresh.front().name);
  }

  bool VaryMember() {
    for (auto& [name, value] : placed_) {
      const auto goal = members_.Of(name);
      if (!goal) continue;
      std::vector<Json>& tried = tried_[name];
      tried.push_back(value);
      Result part = solver_.SolveWith(*goal, Mode::kFirst, nullptr, &tried);
      if (part.models.empty()) continue;
      value = part.models.front().value;
      return true;
    }
    return false;
  }

  Json Value(const std::pair<std::string, Json>* reason) const {
    Json::Object object;
    for (const auto& [name, value] : placed_) {
      if (reason == nullptr || name != reason->first) object.emplace_back(name, value);
    }
    if (reason != nullptr) object.push_back(*reason);
    return Json(std::move(object));
  }

  void Finish() {
    if (reasons_.empty()) {
      const auto depends = result_.depends;
      result_ = One(state_, Value(nullptr));
      result_.depends = depends;
      return;
    }
    Result found{.found = Found::kSome};
    found.depends = result_.depends;
    for (Candidate& candidate : reasons_) {
      for (Model& model : candidate.models) {
        const std::pair<std::string, Json> reason{candidate.name, std::move(model.value)};
        found.models.push_back({Value(&reason), Around(state_, std::move(model.trail), candidate.name)});
      }
    }
    if (mode_ == Mode::kReasons)
      unknown_.insert(unknown_.end(), result_.unknown.begin(), result_.unknown.end());
    result_ = std::move(found);
    for (std::string& why : unknown_) Unknown(result_, std::move(why));
  }

  Solver& solver_;
  const State& state_;
  const Mode mode_;
  Members members_;
  Bounds size_;
  size_t demands_ = 0;           // literals that any of several members can meet
  std::set<std::string> named_;  // members that literals name
  std::map<std::string, Json> placed_;
  std::map<std::string, std::vector<Json>> tried_;
  std::vector<Candidate> reasons_;  // for each its members, when there is one demand alone
  std::vector<std::string> unknown_;
  Result result_;
  bool failed_ = false;
};

}  // namespace

Result BuildObject(Solver& solver, const State& state, Mode mode) {
  return ObjectSearch(solver, state, mode).Run();
}

}  // namespace sluice::schema
