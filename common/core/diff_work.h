// The workspace of one Diff: what is wanted, sorted for merging with what was observed, and the plan as it
// grows. Internal to diff*.cc. Keeps pointers into the inputs of Diff.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/core/diff.h"

namespace sluice::core::diff {

inline constexpr size_t kNone = static_cast<size_t>(-1);

enum class TopicState {
  kUnknown,   // could not be looked at
  kOurs,      // exists and is ours
  kCreating,  // will be created by this plan
  kHeld,      // cannot be created; see block
  kAlien,     // exists or existed as something else than ours; see block
};

struct WantedTopic {
  const Topic* topic = nullptr;
  size_t slice = 0;
  TopicState state = TopicState::kUnknown;
  size_t block = kNone;
};

enum class SubjectState {
  kUnknown,      // could not be looked at, or its topic is alien or unknown
  kRegistered,   // the wanted schema is there
  kRegistering,  // will be registered by this plan
  kHeld,         // see block
};

struct WantedSubject {
  const Subject* subject = nullptr;
  size_t slice = 0;
  SubjectState state = SubjectState::kUnknown;
  const WantedTopic* topic = nullptr;  // the topic whose values it describes; nullptr: none is wanted
  size_t block = kNone;
};

struct WantedAcl {
  const Acl* acl = nullptr;
  size_t slice = 0;
};

// An absence; `T` is its resource.
template <typename T>
struct Absent {
  const T* resource = nullptr;
  size_t slice = 0;
  const Absence* absence = nullptr;
};

struct Work {
  Work(const std::vector<Slice>& desired, const Observed& observed, const Ours& ours,
       const DiffOptions& options);

  bool InScope(std::string_view name) const { return !options.scope || scope_.contains(name); }
  WantedTopic* FindTopic(std::string_view name);
  WantedSubject* FindSubject(std::string_view name);
  bool Wants(const Acl& acl) const;

  // The new step; `resource` is for people and orders steps of one phase and slice. The reference lives until
  // the next call.
  Step& AddStep(Phase phase, StepKind kind, size_t slice, SharedText resource, SharedText reason);
  // Returns its index, for Wait.
  size_t AddBlock(size_t slice, std::string resource, std::string reason, std::string message);
  // The block of a slice whose cluster or registry could not be looked at; one a slice.
  void BlockUnreachableKafka(size_t slice);
  size_t BlockUnreachableRegistry(size_t slice);
  // One more grant waits for the block to go away.
  void Wait(size_t block) { ++waiting[block]; }
  void AddForeign(size_t slice, std::string resource, bool excess, std::string message);
  void AddGone(size_t slice, const Absence& absence);

  // The plan, sorted.
  Plan Finish();

  const std::vector<Slice>& desired;
  const Observed& observed;
  const Ours& ours;
  const DiffOptions& options;

  // In scope; by name, by ACL.
  std::vector<WantedTopic> topics;
  std::vector<WantedSubject> subjects;
  std::vector<WantedAcl> acls;
  std::vector<Absent<Acl>> absent_acls;
  std::vector<Absent<AbsentConfig>> absent_configs;
  std::vector<Absent<LostTopic>> lost_topics;

  Plan plan;
  std::vector<size_t> waiting;         // grants that wait, by index of block
  std::vector<size_t> kafka_block;     // by slice: its KafkaUnreachable; kNone
  std::vector<size_t> registry_block;  // by slice: its RegistryUnreachable; kNone

 private:
  void IndexSlice(size_t slice);
  void SortIndex();
  void LinkSubjects();
  void TakeOrder();

  struct StepOrder {
    Phase phase;
    size_t slice_rank;
    size_t index;
  };
  std::unordered_set<std::string_view> scope_;
  std::vector<size_t> rank_;  // place of a slice in the order of keys
  std::vector<StepOrder> order_;
};

// Walks a sorted map or set beside a sorted list of names: finds each name in constant time over the whole
// walk.
template <typename Sorted>
class Beside {
 public:
  explicit Beside(const Sorted& sorted) : at_(sorted.begin()), end_(sorted.end()) {}

  // The element called `name`, nullptr if there is none. Names must come in ascending order.
  const typename Sorted::value_type* Find(const std::string& name) {
    while (at_ != end_ && NameOf(*at_) < name) ++at_;
    return at_ != end_ && NameOf(*at_) == name ? &*at_ : nullptr;
  }

 private:
  static const std::string& NameOf(const std::string& name) { return name; }
  template <typename T>
  static const std::string& NameOf(const std::pair<const std::string, T>& named) {
    return named.first;
  }

  typename Sorted::const_iterator at_, end_;
};

// Each takes its part; in this order.
void DiffTopics(Work& work);
void DiffSubjects(Work& work);
void DiffAcls(Work& work);  // also what is foreign among ACLs

// Foreign ACLs, each with the slices whose resources it concerns.
void ReportForeignAcls(Work& work, const std::vector<const Acl*>& foreign);

}  // namespace sluice::core::diff
