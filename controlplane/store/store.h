// Store: everything the control plane knows, durable and in one order. One writer thread takes commands from
// a queue and commits many of them together (each in a savepoint); readers see committed state.
//
// Every mutation and its audit entry are one transaction. Each committed command that changes definitions
// takes the next store revision. Times are microseconds since 1970 UTC, from the clock handed to Open.
//
// Thread safety: all members of Store may be called from any thread; a Transaction only inside its command.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/core/catalog.h"
#include "common/core/slice.h"
#include "common/db/database.h"
#include "sluice/internal/v1/stored.pb.h"
#include "sluice/v1/agent.pb.h"
#include "sluice/v1/audit.pb.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

// What the approved state holds on one cluster.
struct ClusterTotals {
  int64_t slices = 0, topics = 0, partitions = 0, acls = 0, subjects = 0;
};

// Committed state at one revision. Immutable.
struct State {
  int64_t revision = 0;
  core::Catalog catalog;
  std::map<std::string, ClusterTotals> totals;       // by cluster
  core::Table<std::vector<core::Absence>> absences;  // by AbsenceKey; sorted by resource; no empty ones
};

// `eu-prod product/f-and-r.forecast/acme`.
std::string AbsenceKey(const std::string& cluster, const std::string& key);

// Metadata of a definition that the catalog does not hold.
struct DefinitionMeta {
  int64_t revision = 0;
  int64_t create_time_us = 0, update_time_us = 0;
  std::string change;
};

struct StoredChange {
  int64_t id = 0;  // 42 for `C-42`
  sluice::v1::Change::State state = sluice::v1::Change::STATE_WAITING;
  std::string content;  // serialized ChangeContent, the exact bytes under the digest
  std::string digest;   // hexadecimal
  sluice::internal::v1::ChangeRecord record;
  int64_t create_time_us = 0, update_time_us = 0;
  int64_t release_revision = 0;
};

// An entry to write; seq and time are given by the store.
struct AuditDraft {
  std::string actor;  // opaque ID: Transaction::ActorId, `agent:eu-prod`, `system`
  std::string action;
  std::vector<std::string> resources = {};  // `{kind}/{name}`
  std::string change = {};
  std::string cluster = {};
  std::string message = {};
  std::string details_json = {};  // a JSON object with what else belongs to the action; may be empty
};

// A slice as the store keeps it: content is compiled when read, generation and digest are recorded by the
// release.
struct SliceRow {
  std::string cluster, key;
  int64_t generation = 0;
  std::string digest;  // hexadecimal SHA-256 of the serialized sluice.v1.Slice
  bool gone = false;   // no longer managed
};

// What the agent last said about a slice, beside what should be.
struct SliceObservation {
  SliceRow slice;
  std::optional<sluice::v1::SliceReport> report;  // nullopt: never reported
  int64_t observed_us = 0;  // when the agent last looked and found it as reported
};

// What the agent of a cluster last said about the cluster.
struct AgentRow {
  std::string incarnation, version;
  int64_t sequence = 0, last_seen_us = 0, revision = 0;
  std::vector<sluice::v1::Condition> conditions;
  std::vector<std::string> foreign;
};

// A lost topic that a change gives up, and the slice that wants it.
struct GivenUpTopic {
  std::string cluster, slice;
  core::LostTopic topic;
};

// What is ours on a cluster, by name.
struct OwnedNames {
  std::map<std::string, std::string> topics;  // with Kafka's ID; empty while only intended, and when asking
  std::set<std::string> subjects;
};

class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual const State& state() const = 0;  // includes what this batch of commands has done so far
  virtual int64_t now_us() const = 0;
  virtual db::Connection& connection() = 0;

  // Opaque ID of a person, made on first sight.
  virtual absl::StatusOr<std::string> ActorId(const std::string& issuer, const std::string& subject,
                                              const std::string& display_name) = 0;
  virtual absl::Status Audit(const AuditDraft& entry) = 0;

  // Definitions: stores `edits` at the next revision, recompiles what they touch, records generations,
  // absences, totals and history hashes. `resources` are the protos of the edits, in the same order. Returns
  // the revision and the slices whose content changed.
  struct Released {
    int64_t revision = 0;
    std::vector<SliceRow> slices;
  };
  virtual absl::StatusOr<Released> Release(const std::vector<core::Edit>& edits,
                                           const std::vector<sluice::v1::Resource>& resources,
                                           const std::string& change) = 0;

  // States at the next revision, as absences, that lost topics are given up. ABORTED: the topic that is ours by
  // that name is not `topic.id` (any more).
  virtual absl::StatusOr<Released> GiveUp(const std::vector<GivenUpTopic>& topics,
                                          const std::string& change) = 0;

  virtual absl::StatusOr<int64_t> NextChangeId() = 0;
  virtual absl::Status PutChange(const StoredChange& change) = 0;  // inserts or replaces
  virtual absl::StatusOr<StoredChange> GetChange(int64_t id) = 0;
  // Waiting changes that edit any of `resources` (`{kind}/{name}`), other than `except`.
  virtual absl::StatusOr<std::vector<int64_t>> WaitingChangesOf(const std::vector<std::string>& resources,
                                                                int64_t except) = 0;

  // Request IDs, kept 7 days. `response` is whatever the handler answers a repetition with.
  virtual absl::StatusOr<std::optional<std::string>> RecallRequest(
      const std::string& actor, const std::string& method, const std::string& request_id,
      const std::string& payload_digest) = 0;  // ALREADY_EXISTS: another payload
  virtual absl::Status RememberRequest(const std::string& actor, const std::string& method,
                                       const std::string& request_id, const std::string& payload_digest,
                                       const std::string& response) = 0;

  // Agents. `gone` absences are forgotten when their slice was looked at, at a generation >= since: the slice
  // changes by that, at a revision of its own. FAILED_PRECONDITION: the incarnation is unknown or a number
  // was skipped, and it is no full report. A repeated number changes nothing. Slices that the store does not
  // know (any more) are ignored.
  virtual absl::Status RecordReport(const std::string& cluster,
                                    const sluice::v1::ReportStatusRequest& report) = 0;
  // The agent of `cluster` opened its stream. Not audited.
  virtual absl::Status RecordStream(const std::string& cluster, const std::string& agent_version) = 0;
};

struct AuditPage {
  std::vector<sluice::v1::AuditEntry> entries;
  std::string next_page_token;
};

// Which changes to list; what is left empty is no condition.
struct ChangeFilter {
  std::optional<sluice::v1::Change::State> state;
  std::string author;    // opaque ID of the actor
  std::string resource;  // `{kind}/{name}` that a waiting change edits; no other change is listed then
};

struct ChangePage {
  std::vector<StoredChange> changes;
  int64_t next_before_id = 0;  // 0: last page
};

class Store {
 public:
  // Migrates, loads the state, recompiles slices that an older version of the program compiled differently,
  // starts the writer.
  static absl::StatusOr<std::unique_ptr<Store>> Open(std::unique_ptr<db::Database> database, Clock& clock);
  virtual ~Store() = default;  // finishes queued commands

  // The last committed state.
  virtual std::shared_ptr<const State> Current() const = 0;

  // Runs `command` in a transaction and returns when its effects are durable. A command that releases or puts
  // a change without an audit entry is refused (INTERNAL). A status other than OK rolls the command back and
  // is returned; UNAVAILABLE or RESOURCE_EXHAUSTED when the commit itself failed (then nothing of it
  // happened).
  virtual absl::Status Write(const std::function<absl::Status(Transaction&)>& command) = 0;

  // Reads.
  virtual absl::StatusOr<sluice::v1::Resource> GetDefinition(core::Kind kind,
                                                             const std::string& name) = 0;  // NOT_FOUND
  // Both with meta filled in and the revision as etag. In the order of names, after `after_name`; for grants
  // of one product or application by the catalog, not here.
  virtual absl::StatusOr<std::vector<sluice::v1::Resource>> ListDefinitions(core::Kind kind,
                                                                            const std::string& after_name,
                                                                            int limit) = 0;
  virtual absl::StatusOr<StoredChange> GetChange(int64_t id) = 0;  // NOT_FOUND
  // Latest first, ids below `before_id` (0: from the latest).
  virtual absl::StatusOr<ChangePage> ListChanges(const ChangeFilter& filter, int64_t before_id, int limit) = 0;
  // Latest first. INVALID_ARGUMENT: a page token that was made for another filter. A page may be short though
  // more follow.
  virtual absl::StatusOr<AuditPage> ListAudit(const sluice::v1::AuditFilter& filter,
                                              const std::string& page_token, int limit) = 0;
  // Entries with seq >= start_seq, oldest first.
  virtual absl::StatusOr<std::vector<sluice::v1::AuditEntry>> ReadAudit(int64_t start_seq,
                                                                        const sluice::v1::AuditFilter& filter,
                                                                        int limit) = 0;
  virtual int64_t LastAuditSeq() const = 0;  // of the last commit; 0: none
  virtual absl::StatusOr<std::string> ActorName(
      const std::string& actor_id) = 0;  // display name; the ID where it was forgotten
  virtual absl::StatusOr<std::string> FindActor(const std::string& issuer,
                                                const std::string& subject) = 0;  // empty: never seen

  // Slices and what agents said about them. Keys with `key_prefix`, in the order of (cluster, key); empty
  // cluster: all registered clusters. Without gone ones.
  virtual absl::StatusOr<std::vector<SliceObservation>> ListSlices(const std::string& cluster,
                                                                   const std::string& key_prefix) = 0;
  // Slices of a cluster whose generation is above `after_generation`, gone ones included, in the order of
  // (generation, key); with `after_key` those after (after_generation, after_key). At most `limit`.
  virtual absl::StatusOr<std::vector<SliceRow>> SlicesChangedSince(const std::string& cluster,
                                                                   int64_t after_generation,
                                                                   const std::string& after_key = "",
                                                                   int64_t limit = 1'000'000) = 0;
  // The slice with its absences as of `state`, serialized sluice.v1.Slice whose SHA-256 is the row's digest
  // at that revision; NOT_FOUND when gone. Reads nothing but `state`.
  virtual absl::StatusOr<std::string> SliceBytes(const State& state, const std::string& cluster,
                                                 const std::string& key) = 0;
  // The history hash of a cluster at `revision` (the last entry at or below it); empty: no entry.
  virtual absl::StatusOr<std::string> HistoryHash(const std::string& cluster, int64_t revision) = 0;
  virtual absl::StatusOr<std::optional<AgentRow>> GetAgent(const std::string& cluster) = 0;
  // What the agent of a cluster reported as made by it, in the order of names, after `after_name`.
  virtual absl::StatusOr<std::vector<sluice::v1::OwnedTopic>> OwnedTopics(
      const std::string& cluster, const std::string& after_name = "", int64_t limit = 1'000'000) = 0;
  virtual absl::StatusOr<std::vector<std::string>> OwnedSubjects(const std::string& cluster,
                                                                 const std::string& after_name = "",
                                                                 int64_t limit = 1'000'000) = 0;
  // Kafka's ID of one such topic; empty: none, or only intended.
  virtual absl::StatusOr<std::string> OwnedTopicId(const std::string& cluster, const std::string& topic) = 0;
  // Slices of a cluster after `after_key`, in the order of keys, without gone ones.
  virtual absl::StatusOr<std::vector<SliceRow>> SlicesAfter(const std::string& cluster,
                                                            const std::string& after_key, int64_t limit) = 0;
  // Of the names asked for those that the cluster's agent made, or set out to make.
  virtual absl::StatusOr<OwnedNames> OwnedAmong(const std::string& cluster, const OwnedNames& asked) = 0;
  // {slices, slices in sync} by cluster.
  virtual absl::StatusOr<std::map<std::string, std::pair<int64_t, int64_t>>> SyncCounts() = 0;

  // Calls `wake` (quickly, from the writer thread) after each commit until the returned handle is destroyed.
  virtual std::shared_ptr<void> OnCommit(std::function<void()> wake) = 0;

  // Path-independent health: OK when the last commit succeeded.
  virtual absl::Status Health() const = 0;
};

}  // namespace sluice::controlplane
