#include <algorithm>
#include <map>

#include "common/schema/build.h"

namespace sluice::schema {
namespace {

using Kind = Literal::Kind;

constexpr uint64_t kMostItems = 2'000;  // made for one array
constexpr size_t kMostPairs = 100;      // of places tried for two equal items

constexpr char kTooMuch[] = "there are more cases than are looked at";

// How many items have to fulfil an atom.
struct Quota {
  Atom atom;
  Bounds count;
};

class ArraySearch {
 public:
  ArraySearch(Solver& solver, const State& state, Mode mode) : solver_(solver), state_(state), mode_(mode) {}

  Result Run() {
    if (!Collect()) return {};
    Demands() && Quotas() && Fill() && Longer() && Distinct() && Different();
    if (!failed_) Finish();
    return std::move(result_);
  }

 private:
  struct Reason {
    size_t index;
    std::vector<Model> models;
  };

  bool Fail() {
    failed_ = true;
    return false;
  }
  bool Fail(std::string why) {
    Unknown(result_, std::move(why));
    return Fail();
  }
  void Note(const Result& part) {
    result_.depends = std::min(result_.depends, part.depends);
    if (!part.models.empty()) return;
    for (const std::string& why : part.unknown) Unknown(result_, why);
  }

  bool Collect() {
    for (const Atom& atom : state_.positives) {
      const Node& node = *atom.node;
      if (node.min_items) size_.AtLeast(*node.min_items);
      if (node.max_items) size_.AtMost(*node.max_items);
      unique_ = unique_ || node.unique_items;
      fixed_ = std::max(fixed_, node.prefix_items.size());
      if (node.contains == nullptr) continue;
      Quota quota{{node.contains, true, atom.side, 0}, {}};
      quota.count.AtLeast(node.min_contains.value_or(Decimal(1)));
      if (node.max_contains) quota.count.AtMost(*node.max_contains);
      quotas_.push_back(quota);
    }
    for (const Literal& literal : state_.literals) {
      if (!CollectLiteral(literal)) return false;
    }
    const auto possible = [](const Quota& quota) { return !quota.count.empty(); };
    return !size_.empty() && std::all_of(quotas_.begin(), quotas_.end(), possible);
  }

  bool CollectLiteral(const Literal& literal) {
    const Node& node = *literal.node;
    switch (literal.kind) {
      case Kind::kNotMinItems:
        size_.Below(*node.min_items);
        break;
      case Kind::kNotMaxItems:
        size_.Above(*node.max_items);
        break;
      case Kind::kFewContains:
      case Kind::kManyContains: {
        Quota quota{{node.contains, true, literal.atom.side, 0}, {}};
        if (literal.kind == Kind::kFewContains) quota.count.Below(node.min_contains.value_or(Decimal(1)));
        if (literal.kind == Kind::kManyContains) quota.count.Above(*node.max_contains);
        quotas_.push_back(quota);
        break;
      }
      case Kind::kNotUnique:
        twins_ = true;
        size_.AtLeast(uint64_t{2});
        break;
      case Kind::kPrefixItem:
      case Kind::kItem:
      case Kind::kRestItem:
        demands_.push_back(&literal);
        break;
      default:
        break;
    }
    return !(twins_ && unique_);
  }

  // What the item at `index` has to fulfil.
  Goal ItemGoal(size_t index) {
    Goal goal;
    Groups evaluated = 0;
    for (const Atom& atom : state_.positives) {
      const Node& node = *atom.node;
      const Node* item = index < node.prefix_items.size() ? node.prefix_items[index] : node.items;
      if (item == nullptr) continue;
      goal.push_back({item, true, atom.side, atom.groups & 1});
      evaluated |= atom.groups;
    }
    for (size_t i = state_.rests.size(); i-- > 0;) {
      const Rest& rest = state_.rests[i];
      if (rest.of != Rest::Of::kItems || !rest.kept || (evaluated & GroupOf(i)) != 0) continue;
      evaluated |= rest.outer;
      if (HasContains(GroupOf(i))) {
        loose_ = true;  // items that `contains` finds are evaluated as well: left out, there are more values
      } else {
        goal.push_back(rest.atom);
      }
    }
    for (const Quota& quota : quotas_) {
      if (quota.count.most == std::optional<uint64_t>(0))
        goal.push_back({quota.atom.node, false, quota.atom.side, 0});
    }
    return goal;
  }

  bool HasContains(Groups group) const {
    return std::any_of(state_.positives.begin(), state_.positives.end(), [&](const Atom& atom) {
      return (atom.groups & group) != 0 && atom.node->contains != nullptr;
    });
  }

  // Whether there can be `count` items, as far as each alone goes.
  bool Reaches(uint64_t count) {
    if (size_.most && count > *size_.most) return false;
    for (uint64_t i = reached_; i < std::min<uint64_t>(count, fixed_ + 1); ++i) {
      Result part = solver_.Solve(ItemGoal(i), Mode::kFirst);
      Note(part);
      if (part.models.empty()) {
        if (part.found == Found::kNone) size_.AtMost(i);
        return false;
      }
      reached_ = i + 1;
    }
    return true;
  }

  bool Demands() {
    if (!Reaches(size_.least)) return Fail();
    const bool single = demands_.size() == 1;
    for (const Literal* literal : demands_) {
      std::vector<Reason> places = Places(*literal, single ? mode_ : Mode::kFirst);
      if (places.empty()) return Fail();
      if (single) {
        reasons_ = std::move(places);
        needed_ = std::max<uint64_t>(needed_, reasons_.back().index + 1);
        continue;
      }
      const size_t index = places.front().index;
      if (placed_.contains(index))
        return Fail("several demands on the items of one array could not be met together");
      placed_.emplace(index, places.front().models.front().value);
      needed_ = std::max<uint64_t>(needed_, index + 1);
    }
    return !twins_ || Twins();
  }

  std::vector<Reason> Places(const Literal& literal, Mode mode) {
    std::vector<Reason> places;
    size_t from = literal.index;
    size_t to = literal.index;
    if (literal.kind == Kind::kItem) {
      from = literal.node->prefix_items.size();
      to = std::max(from, fixed_);
    } else if (literal.kind == Kind::kRestItem) {
      from = 0;
      to = fixed_;
      if (HasContains(GroupOf(literal.index))) loose_ = true;
    }
    for (size_t index = from; index <= to && Reaches(index) && (!size_.most || index < *size_.most);
         ++index) {
      if (!solver_.Spend()) {
        Unknown(result_, kTooMuch);
        break;
      }
      if (literal.kind == Kind::kRestItem && IsEvaluated(index, GroupOf(literal.index))) continue;
      Goal goal = ItemGoal(index);
      goal.push_back(literal.atom);
      if (solver_.IsOldNews(state_, goal, mode)) continue;
      Result part = solver_.Solve(std::move(goal), mode);
      Note(part);
      if (part.models.empty()) continue;
      if (mode_ == Mode::kReasons) unknown_.insert(unknown_.end(), part.unknown.begin(), part.unknown.end());
      std::erase_if(part.models, [&](const Model& model) { return IsTold(state_, model.trail); });
      if (part.models.empty()) continue;
      places.push_back({index, std::move(part.models)});
      if (mode == Mode::kFirst || places.size() >= solver_.options().most_models) break;
    }
    return places;
  }

  bool IsEvaluated(size_t index, Groups group) const {
    return std::any_of(state_.positives.begin(), state_.positives.end(), [&](const Atom& atom) {
      return (atom.groups & group) != 0 &&
             (index < atom.node->prefix_items.size() || atom.node->items != nullptr);
    });
  }

  // Two equal items.
  bool Twins() {
    size_t tries = 0;
    for (size_t second = fixed_ + 2; second-- > 1;) {
      for (size_t first = second; first-- > 0;) {
        if (++tries > kMostPairs) return Fail("too many places of equal items to try them all");
        if (placed_.contains(first) || placed_.contains(second) || !Reaches(second + 1)) continue;
        Goal goal = ItemGoal(first);
        const Goal other = ItemGoal(second);
        goal.insert(goal.end(), other.begin(), other.end());
        Result part = solver_.Solve(std::move(goal), Mode::kFirst);
        Note(part);
        if (part.models.empty()) continue;
        chosen_ = true;
        placed_.insert_or_assign(first, part.models.front().value);
        placed_.insert_or_assign(second, part.models.front().value);
        needed_ = std::max<uint64_t>(needed_, second + 1);
        return true;
      }
    }
    return Fail();
  }

  // Items for `contains`.
  bool Quotas() {
    const auto asked = std::count_if(quotas_.begin(), quotas_.end(),
                                     [](const Quota& quota) { return quota.count.least > 0; });
    const bool alone =
        asked == 1 && std::all_of(quotas_.begin(), quotas_.end(), IsSimple) && demands_.empty() && !twins_;
    for (const Quota& quota : quotas_) {
      uint64_t count = 0;
      for (const auto& [index, value] : placed_)
        count += solver_.Confirm({quota.atom}, value) == Found::kSome;
      for (const Reason& reason : reasons_) {
        count += reasons_.size() == 1 &&
                 solver_.Confirm({quota.atom}, reason.models.front().value) == Found::kSome;
      }
      for (size_t index = 0; count < quota.count.least; ++index) {
        if (placed_.size() > kMostItems || !solver_.Spend())
          return Fail("more items are asked for than are made");
        if (!Reaches(index + 1)) {
          return alone ? Fail() : Fail("several demands on the items of one array could not be met together");
        }
        if (placed_.contains(index) || IsReason(index)) continue;
        Goal goal = ItemGoal(index);
        goal.push_back(quota.atom);
        Result part = unique_ ? SolveOther(goal) : solver_.Solve(std::move(goal), Mode::kFirst);
        Note(part);
        if (!part.models.empty()) {
          placed_.emplace(index, part.models.front().value);
          needed_ = std::max<uint64_t>(needed_, index + 1);
          chosen_ = true;
          ++count;
        } else if (index >= fixed_) {
          const bool proved = alone && !unique_ && part.found == Found::kNone;
          return proved ? Fail() : Fail("`contains` could not be fulfilled together with the rest");
        }
      }
    }
    return true;
  }

  // Without an upper bound, or one that every item keeps to.
  static bool IsSimple(const Quota& quota) { return !quota.count.most || *quota.count.most == 0; }

  bool IsReason(size_t index) const {
    return std::any_of(reasons_.begin(), reasons_.end(),
                       [&](const Reason& reason) { return reason.index == index; });
  }

  Result SolveOther(const Goal& goal) {
    std::vector<Json> others;
    for (const auto& [index, value] : placed_) others.push_back(value);
    for (const Reason& reason : reasons_) others.push_back(reason.models.front().value);
    return solver_.SolveWith(goal, Mode::kFirst, nullptr, &others);
  }

  // Any items where there are none yet.
  bool Fill() {
    needed_ = std::max(needed_, size_.least);
    if (needed_ > kMostItems) return Fail("more items are asked for than are made");
    if (size_.most && needed_ > *size_.most)
      return Fail("the items that are needed together are more than are allowed");
    for (size_t index = 0; index < needed_; ++index) {
      if (placed_.contains(index) || (reasons_.size() == 1 && IsReason(index))) continue;
      if (!FillOne(index)) return false;
    }
    return true;
  }

  bool FillOne(size_t index) {
    Goal goal = ItemGoal(index);
    bool limited = false;
    for (const Quota& quota : quotas_) {
      if (!quota.count.most || *quota.count.most == 0) continue;
      goal.push_back({quota.atom.node, false, quota.atom.side, 0});
      limited = true;
    }
    Result part = unique_ ? SolveOther(goal) : solver_.Solve(std::move(goal), Mode::kFirst);
    Note(part);
    if (!part.models.empty()) {
      placed_.emplace(index, part.models.front().value);
      return true;
    }
    const bool proved =
        part.found == Found::kNone && !limited && demands_.empty() && !chosen_ && (!unique_ || fixed_ == 0);
    return proved ? Fail() : Fail("the items of an array could not all be found");
  }

  // For samples: not an empty list.
  bool Longer() {
    if (!solver_.options().optional_members || needed_ > 0 || !Reaches(1)) return true;
    Result part = solver_.Solve(ItemGoal(0), Mode::kFirst);
    if (!part.models.empty()) placed_.emplace(0, part.models.front().value);
    return true;
  }

  bool Distinct() {
    if (!unique_) return true;
    const Json value = Value(reasons_.empty() ? nullptr : &reasons_.front().models.front().value,
                             reasons_.empty() ? 0 : reasons_.front().index);
    const Json::Array& items = value.array();
    for (size_t i = 0; i < items.size(); ++i) {
      for (size_t j = i + 1; j < items.size(); ++j) {
        if (!solver_.Spend() || items[i] == items[j])
          return Fail("the items of an array could not be made all different");
      }
    }
    return true;
  }

  // Not one of the values that are excluded.
  bool Different() {
    for (size_t tries = CountExcluded(state_) + 1; tries > 0; --tries) {
      if (!IsExcluded(state_, Value(nullptr, 0))) return true;
      const size_t index = placed_.size();
      if (!reasons_.empty() || !Reaches(index + 1) || !FillOne(index)) break;
      needed_ = index + 1;
    }
    return !IsExcluded(state_, Value(nullptr, 0)) ||
           Fail("the values that are excluded could not be avoided");
  }

  Json Value(const Json* reason, size_t place) const {
    Json::Array items;
    for (const auto& [index, value] : placed_) {
      if (reason != nullptr && items.size() == place) items.push_back(*reason);
      if (reason == nullptr || index != place) items.push_back(value);
    }
    if (reason != nullptr && items.size() == place) items.push_back(*reason);
    return Json(std::move(items));
  }

  void Finish() {
    if (loose_ || (quotas_.size() > 1 || (!quotas_.empty() && quotas_.front().count.most))) Check();
    if (failed_) return;
    if (reasons_.empty()) {
      const int depends = result_.depends;
      result_ = One(state_, Value(nullptr, 0));
      result_.depends = depends;
      return;
    }
    Result found{.found = Found::kSome};
    found.depends = result_.depends;
    for (Reason& reason : reasons_) {
      for (Model& model : reason.models) {
        found.models.push_back({Value(&model.value, reason.index),
                                Around(state_, std::move(model.trail), std::to_string(reason.index))});
      }
    }
    result_ = std::move(found);
    for (std::string& why : unknown_) Unknown(result_, std::move(why));
  }

  // What was put together from parts has to be right as a whole.
  void Check() {
    const Json value = reasons_.empty()
                           ? Value(nullptr, 0)
                           : Value(&reasons_.front().models.front().value, reasons_.front().index);
    if (solver_.Confirm(*state_.goal, value) != Found::kSome)
      Fail("the items of an array could not be chosen together");
  }

  Solver& solver_;
  const State& state_;
  const Mode mode_;
  Bounds size_;
  bool unique_ = false;
  bool twins_ = false;
  bool chosen_ = false;  // items were placed that might have been placed elsewhere
  bool loose_ = false;   // a rule was left out: the value has to be confirmed
  size_t fixed_ = 0;     // from this index on all items have to fulfil the same
  uint64_t reached_ = 0;
  uint64_t needed_ = 0;
  std::vector<Quota> quotas_;
  std::vector<const Literal*> demands_;
  std::map<size_t, Json> placed_;
  std::vector<Reason> reasons_;
  std::vector<std::string> unknown_;
  Result result_;
  bool failed_ = false;
};

}  // namespace

Result BuildArray(Solver& solver, const State& state, Mode mode) {
  return ArraySearch(solver, state, mode).Run();
}

}  // namespace sluice::schema
