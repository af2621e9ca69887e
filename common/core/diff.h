// Diff: desired state, observed state and what is ours in; an ordered plan with a reason for each step out. The only place
// that decides what happens to Kafka and the registry; executors never reorder or drop steps on their own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/slice.h"

namespace sluice::core {

struct ObservedTopic {
  std::string id;  // Kafka's topic ID, as Kafka's tools print it
  int32_t partitions = 0;
  int32_t replication_factor = 0;
  SharedConfig overrides;  // source DYNAMIC_TOPIC_CONFIG only
  bool operator==(const ObservedTopic&) const = default;
};

struct ObservedSubject {
  SharedText level;             // own level; empty: none set
  int32_t versions = 0;         // how many there are
  bool registered = false;      // the desired schema is one of them (lookup)
  bool latest = false;          // and it is the latest one
  SharedText latest_schema;     // previews only: the latest text itself, which then decides; empty: the two flags decide
  bool operator==(const ObservedSubject&) const = default;
};

// What was seen. nullopt: could not be looked at; nothing is concluded from it and no step is made that needs it.
struct Observed {
  std::optional<std::map<std::string, ObservedTopic>> topics;
  std::optional<std::set<Acl>> acls;
  std::optional<std::map<std::string, ObservedSubject>> subjects;
  int32_t brokers = 0;  // 0: unknown
};

// A topic that the agent created (id known) or set out to create (id empty).
struct OwnedTopic {
  std::string id;
  bool operator==(const OwnedTopic&) const = default;
};

// The journal: what is ours besides what slices name. ACLs and config keys are ours once a slice names them.
struct Ours {
  std::map<std::string, OwnedTopic> topics;  // by name
  std::set<std::string> subjects;            // subjects that we registered the first version of, or set out to
};

// In the order of DESIGN ("Order"): the phases run one after the other.
enum class Phase : uint8_t {
  kLoosenLevel,   // registry: level when new or loosened
  kRegister,      // registry: schema
  kTightenLevel,  // registry: level when tightened, after the schema
  kCreateTopic,
  kAlterTopic,    // configs set and returned to defaults, partitions grown
  kGrant,         // ACLs added
  kRevoke,        // ACLs taken away
};

enum class StepKind : uint8_t { kSetLevel, kRegisterSchema, kCreateTopic, kSetConfig, kResetConfig, kGrowPartitions, kCreateAcl, kDeleteAcl };

struct Step {
  Phase phase = Phase::kCreateTopic;
  StepKind kind = StepKind::kCreateTopic;
  SharedText slice;     // key
  SharedText resource;  // topic, subject, or Describe(acl)
  // Filled as `kind` needs.
  Topic topic;           // kCreateTopic; kGrowPartitions: name and partitions
  SharedText key;       // kSetConfig, kResetConfig
  Acl acl;               // kCreateAcl, kDeleteAcl
  Subject subject;       // kSetLevel, kRegisterSchema
  SharedText before;    // for people; empty: nothing was there
  SharedText after;     // for people and kSetConfig's value
  SharedText reason;
  SharedText after_subject;  // take this step only if no step for this subject failed in this run; empty: always
};

// Why a slice, or one resource of it, is not simply made so.
struct Block {
  std::string slice;
  std::string resource;  // `topic X`, `subject X`
  std::string reason;    // `Exists`, `TopicLost`, `ReplicationFactor`, `PartitionsShrink`, `NameCollision`, `RegistryUnreachable`, `KafkaUnreachable`, `NotLatest`
  std::string message;
  bool operator==(const Block&) const = default;
};

// Something foreign that concerns a governed resource or is notable.
struct Foreign {
  std::string slice;     // whose resource it opens or closes; empty: nobody's
  std::string resource;  // `topic X`, `acl …`, `config K of topic T`
  bool excess = false;   // it opens a governed resource (ALLOW), so the slice is not in sync
  std::string message;
  bool operator==(const Foreign&) const = default;
};

struct Plan {
  std::vector<Step> steps;       // by phase, then slice, then resource
  std::vector<Block> blocked;    // by slice, then resource
  std::vector<Foreign> foreign;  // by slice, then resource
  std::vector<std::pair<std::string, Absence>> gone;  // slice and absence that the observation confirms gone
  // Topics that become ours by being there: name, ID to journal. Their creation was only intended, or a LostTopic accepts
  // them. To be journalled before `gone` is told.
  std::map<std::string, std::string> recognised;
  // Of topics that this plan creates in place of lost ones: name, ID that the journal holds. To be taken off it with the
  // intent, and put back if the creation is refused.
  std::map<std::string, std::string> given_up;
};

struct DiffOptions {
  std::string cluster;                        // name, for commands in messages; empty: left out
  std::set<std::string> reserved_principals;  // users; their ACLs are exempt
  // Names that were looked at. nullopt: everything. Else the observation covers only these topics, subjects, groups and
  // transactional ids (ACL resources), and what is foreign elsewhere is not concluded.
  std::optional<std::set<std::string>> scope;
};

// Rules that the comments above leave open:
// - A block withholds what depends on it: no config, ACL or subject step for a topic that is Exists or TopicLost, no ACL
//   step for one that cannot be created, no write grant for a subject that is blocked. Its message counts what waits.
// - A LostTopic is gone once the journal holds another ID, the lost topic is there again, or nobody wants it any more. One
//   that accepts an ID makes nothing: where neither that topic nor the lost one is there, it stays TopicLost.
// - Revocations wait for nothing: they run whenever the ACLs were observed.
// - Foreign topics and subjects are listed without a slice; names that begin with `__` are the broker's own.
//
// Every step that leads from `observed` to `desired`. Laws (tests/property): Diff of a state with itself is empty; applying a
// plan and diffing again leaves only blocked steps; what no slice or absence names never appears in a step; presence in
// any slice beats an absence. Costs O(n log n) in what is desired and observed.
Plan Diff(const std::vector<Slice>& desired, const Observed& observed, const Ours& ours, const DiffOptions& options);

// The state that `slices` describe, as if observed after everything was applied, with everything ours: plans of changes
// are Diff(after, ObservedFrom(before), OursFrom(before)).
Observed ObservedFrom(const std::vector<Slice>& slices);
Ours OursFrom(const std::vector<Slice>& slices);

// A model of a cluster for previews and laws: `observed` and `ours` after `steps` succeeded.
void ApplyToModel(const std::vector<Step>& steps, Observed& observed, Ours& ours);

}  // namespace sluice::core
