#include "common/core/diff_work.h"

#include <algorithm>
#include <compare>
#include <numeric>
#include <tuple>
#include <utility>
#include <variant>

#include "common/core/text.h"

namespace sluice::core::diff {
namespace {

template <typename T>
bool IsOneRun(const T& a, const T& b) {
  return a.slice == b.slice;
}
bool IsOneRun(const WantedAcl& a, const WantedAcl& b) {
  return a.slice == b.slice && a.acl->resource_type == b.acl->resource_type &&
         a.acl->pattern_type == b.acl->pattern_type;
}

// Sorts items by what `make_key` makes, slice by slice as far as that goes: what a slice names is sorted
// already, and mostly nothing of another slice belongs in between. Keys are sorted instead of items, since
// they hold what is compared and nothing else.
template <typename T, typename MakeKey>
void SortSlices(std::vector<T>& items, const MakeKey& make_key) {
  using Key = decltype(make_key(items.front()));
  std::vector<std::pair<Key, size_t>> runs;  // by first key: where the items of one slice and type begin
  for (size_t i = 0; i < items.size(); ++i) {
    if (i == 0 || !IsOneRun(items[i - 1], items[i])) runs.emplace_back(make_key(items[i]), i);
  }
  if (std::is_sorted(runs.begin(), runs.end())) return;
  std::sort(runs.begin(), runs.end());
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const auto& [key, first] : runs) {
    size_t i = first;
    do sorted.push_back(items[i]);
    while (++i < items.size() && IsOneRun(items[i - 1], items[i]));
  }
  items = std::move(sorted);
}

// Sorts by key and keeps the first of equals: a resource belongs to one slice.
template <typename T, typename MakeKey>
void SortByKey(std::vector<T>& items, const MakeKey& make_key) {
  if (items.empty()) return;
  SortSlices(items, make_key);
  const auto less = [&](const T& a, const T& b) { return make_key(a) < make_key(b); };
  if (!std::is_sorted(items.begin(), items.end(), less)) {
    std::sort(items.begin(), items.end(),
              [&](const T& a, const T& b) { return less(a, b) || (!less(b, a) && a.slice < b.slice); });
  }
  const auto same = [&](const T& a, const T& b) { return make_key(a) == make_key(b); };
  items.erase(std::unique(items.begin(), items.end(), same), items.end());
}

// Orders as Acl does; most comparisons end at the resource.
struct AclKey {
  ResourceType type;
  PatternType pattern;
  std::string_view resource;
  const Acl* acl;

  bool operator==(const AclKey& other) const { return *acl == *other.acl; }
  std::strong_ordering operator<=>(const AclKey& other) const {
    if (const auto order =
            std::tie(type, pattern, resource) <=> std::tie(other.type, other.pattern, other.resource);
        order != 0) {
      return order;
    }
    return *acl <=> *other.acl;
  }
};

template <typename T, typename Key>
T* FindByName(std::vector<T>& items, std::string_view name, const Key& key) {
  const auto at =
      std::lower_bound(items.begin(), items.end(), name,
                       [&](const T& item, std::string_view wanted) { return key(item) < wanted; });
  return at != items.end() && key(*at) == name ? &*at : nullptr;
}

std::string_view TopicKey(const WantedTopic& wanted) { return wanted.topic->name; }
std::string_view SubjectKey(const WantedSubject& wanted) { return wanted.subject->name; }
AclKey KeyOf(const WantedAcl& wanted) {
  return {wanted.acl->resource_type, wanted.acl->pattern_type, wanted.acl->resource, wanted.acl};
}

}  // namespace

Work::Work(const std::vector<Slice>& desired, const Observed& observed, const Ours& ours,
           const DiffOptions& options)
    : desired(desired),
      observed(observed),
      ours(ours),
      options(options),
      kafka_block(desired.size(), kNone),
      registry_block(desired.size(), kNone) {
  if (options.scope) scope_.insert(options.scope->begin(), options.scope->end());
  std::vector<size_t> by_key(desired.size());
  std::iota(by_key.begin(), by_key.end(), size_t{0});
  const auto less = [&](size_t a, size_t b) {
    const int keys = desired[a].key.compare(desired[b].key);
    return keys != 0 ? keys < 0 : a < b;
  };
  if (!std::is_sorted(by_key.begin(), by_key.end(), less)) std::sort(by_key.begin(), by_key.end(), less);
  rank_.resize(desired.size());
  for (size_t i = 0; i < by_key.size(); ++i) rank_[by_key[i]] = i;
  for (size_t i = 0; i < desired.size(); ++i) IndexSlice(i);
  SortIndex();
}

void Work::IndexSlice(size_t index) {
  const Slice& slice = desired[index];
  for (const Topic& topic : slice.topics) {
    if (InScope(topic.name)) topics.push_back({.topic = &topic, .slice = index});
  }
  for (const Subject& subject : slice.subjects) {
    if (InScope(subject.name)) subjects.push_back({.subject = &subject, .slice = index});
  }
  for (const Acl& acl : slice.acls) {
    if (InScope(acl.resource)) acls.push_back({&acl, index});
  }
  for (const Absence& absence : slice.absences) {
    if (const auto* acl = std::get_if<Acl>(&absence.resource)) {
      if (InScope(acl->resource)) absent_acls.push_back({acl, index, &absence});
    } else if (const auto* lost = std::get_if<LostTopic>(&absence.resource)) {
      if (InScope(lost->topic)) lost_topics.push_back({lost, index, &absence});
    } else {
      const auto* config = std::get_if<AbsentConfig>(&absence.resource);
      if (InScope(config->topic)) absent_configs.push_back({config, index, &absence});
    }
  }
}

void Work::SortIndex() {
  SortByKey(topics, TopicKey);
  SortByKey(subjects, SubjectKey);
  SortByKey(acls, KeyOf);
  const auto by_resource = [](const auto& a, const auto& b) {
    const auto order = *a.resource <=> *b.resource;
    return order != 0 ? order < 0 : a.slice < b.slice;
  };
  std::sort(absent_acls.begin(), absent_acls.end(), by_resource);
  std::sort(absent_configs.begin(), absent_configs.end(), by_resource);
  std::sort(lost_topics.begin(), lost_topics.end(), by_resource);
  LinkSubjects();
}

// Subjects mostly come in the order of their topics, so the next one is tried before a search.
void Work::LinkSubjects() {
  size_t next = 0;
  for (const WantedTopic& wanted : topics) {
    const std::string& gate = wanted.topic->gate_subject;
    if (gate.empty()) continue;
    if (next >= subjects.size() || subjects[next].subject->name != gate) {
      const WantedSubject* found = FindSubject(gate);
      if (found == nullptr) continue;
      next = static_cast<size_t>(found - subjects.data());
    }
    subjects[next++].topic = &wanted;
  }
}

WantedTopic* Work::FindTopic(std::string_view name) { return FindByName(topics, name, TopicKey); }

WantedSubject* Work::FindSubject(std::string_view name) { return FindByName(subjects, name, SubjectKey); }

bool Work::Wants(const Acl& acl) const {
  const auto at =
      std::lower_bound(acls.begin(), acls.end(), acl,
                       [](const WantedAcl& wanted, const Acl& value) { return *wanted.acl < value; });
  return at != acls.end() && *at->acl == acl;
}

Step& Work::AddStep(Phase phase, StepKind kind, size_t slice, SharedText resource, SharedText reason) {
  order_.push_back({phase, rank_[slice], plan.steps.size()});
  Step& step = plan.steps.emplace_back();
  step.phase = phase;
  step.kind = kind;
  step.slice = desired[slice].key;
  step.resource = std::move(resource);
  step.reason = std::move(reason);
  return step;
}

size_t Work::AddBlock(size_t slice, std::string resource, std::string reason, std::string message) {
  plan.blocked.push_back({desired[slice].key, std::move(resource), std::move(reason), std::move(message)});
  waiting.push_back(0);
  return plan.blocked.size() - 1;
}

void Work::BlockUnreachableKafka(size_t slice) {
  size_t& block = kafka_block[slice];
  if (block != kNone) return;
  block = AddBlock(slice, "", "KafkaUnreachable", "the cluster could not be looked at");
}

size_t Work::BlockUnreachableRegistry(size_t slice) {
  size_t& block = registry_block[slice];
  if (block == kNone)
    block = AddBlock(slice, "", "RegistryUnreachable", "the registry could not be looked at");
  return block;
}

void Work::AddForeign(size_t slice, std::string resource, bool excess, std::string message) {
  plan.foreign.push_back(
      {slice == kNone ? "" : desired[slice].key, std::move(resource), excess, std::move(message)});
}

void Work::AddGone(size_t slice, const Absence& absence) {
  plan.gone.emplace_back(desired[slice].key, absence);
}

// Brings the steps into `order_` where they are: plans of whole clusters are large.
void Work::TakeOrder() {
  for (size_t i = 0; i < order_.size(); ++i) {
    size_t at = i;
    while (order_[at].index != i) {
      const size_t from = std::exchange(order_[at].index, at);
      std::swap(plan.steps[at], plan.steps[from]);
      at = from;
    }
    order_[at].index = at;
  }
}

Plan Work::Finish() {
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) continue;
    plan.blocked[i].message +=
        Cat(waiting[i] == 1 ? "; 1 grant waits for it" : Cat("; ", waiting[i], " grants wait for it"));
  }
  std::sort(order_.begin(), order_.end(), [&](const StepOrder& a, const StepOrder& b) {
    if (a.phase != b.phase) return a.phase < b.phase;
    if (a.slice_rank != b.slice_rank) return a.slice_rank < b.slice_rank;
    const int resources = plan.steps[a.index].resource.compare(plan.steps[b.index].resource);
    return resources != 0 ? resources < 0 : a.index < b.index;
  });
  TakeOrder();
  const auto by_slice_and_resource = [](const auto& a, const auto& b) {
    return std::tie(a.slice, a.resource, a.message) < std::tie(b.slice, b.resource, b.message);
  };
  std::sort(plan.blocked.begin(), plan.blocked.end(), by_slice_and_resource);
  std::sort(plan.foreign.begin(), plan.foreign.end(), by_slice_and_resource);
  std::sort(plan.gone.begin(), plan.gone.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.resource, a.second.since) <
           std::tie(b.first, b.second.resource, b.second.since);
  });
  return std::move(plan);
}

}  // namespace sluice::core::diff
