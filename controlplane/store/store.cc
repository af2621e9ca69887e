// Store on SQL: the writer's thread for commands, pooled connections for reads, the last state for everybody.
#include "controlplane/store/store.h"

#include <atomic>

#include "common/wire/wire.h"
#include "controlplane/store/actors.h"
#include "controlplane/store/approved.h"
#include "controlplane/store/audit_log.h"
#include "controlplane/store/changes.h"
#include "controlplane/store/definitions.h"
#include "controlplane/store/migrations.h"
#include "controlplane/store/reader_pool.h"
#include "controlplane/store/reports.h"
#include "controlplane/store/slice_rows.h"
#include "controlplane/store/subscribers.h"
#include "controlplane/store/try.h"
#include "controlplane/store/writer.h"

namespace sluice::controlplane {
namespace {

// As large as writes are: the end of a full disk still takes a page or two.
constexpr size_t kProbeBytes = 256 * 1024;

absl::Status WriteProbe(Transaction& transaction) {
  SLUICE_TRY(transaction.connection().Execute(
      "CREATE TABLE IF NOT EXISTS probe (id BIGINT PRIMARY KEY, filler BYTEA NOT NULL)"));
  return transaction.connection()
      .Execute("INSERT INTO probe (id, filler) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET filler = $1",
               {db::Bytes{std::string(kProbeBytes, '\0')}})
      .status();
}

class SqlStore final : public Store {
 public:
  SqlStore(std::unique_ptr<db::Database> database, std::unique_ptr<db::Connection> connection,
           Progress progress, const Clock& clock)
      : database_(std::move(database)),
        readers_(*database_),
        state_(progress.state),
        last_audit_(progress.audit.seq),
        writer_(std::move(connection), std::move(progress), clock,
                [this](const Progress& p) { Publish(p); }) {}

  std::shared_ptr<const State> Current() const override {
    std::lock_guard lock(state_mutex_);
    return state_;
  }
  absl::Status Write(const std::function<absl::Status(Transaction&)>& command) override {
    return writer_.Write(command);
  }

  absl::StatusOr<sluice::v1::Resource> GetDefinition(core::Kind kind, const std::string& name) override {
    return readers_.With([&](db::Connection& c) { return ReadDefinition(c, kind, name); });
  }
  absl::StatusOr<std::vector<sluice::v1::Resource>> ListDefinitions(core::Kind kind,
                                                                    const std::string& after_name,
                                                                    int limit) override {
    return readers_.With([&](db::Connection& c) { return ReadDefinitions(c, kind, after_name, limit); });
  }
  absl::StatusOr<StoredChange> GetChange(int64_t id) override {
    return readers_.With([&](db::Connection& c) { return ReadChange(c, id); });
  }
  absl::StatusOr<ChangePage> ListChanges(const ChangeFilter& filter, int64_t before_id, int limit) override {
    return readers_.With([&](db::Connection& c) { return ReadChanges(c, filter, before_id, limit); });
  }
  absl::StatusOr<AuditPage> ListAudit(const sluice::v1::AuditFilter& filter, const std::string& page_token,
                                      int limit) override {
    return readers_.With([&](db::Connection& c) { return ReadAuditPage(c, filter, page_token, limit); });
  }
  absl::StatusOr<std::vector<sluice::v1::AuditEntry>> ReadAudit(int64_t start_seq,
                                                                const sluice::v1::AuditFilter& filter,
                                                                int limit) override {
    return readers_.With([&](db::Connection& c) { return ReadAuditFrom(c, start_seq, filter, limit); });
  }
  int64_t LastAuditSeq() const override { return last_audit_; }
  absl::StatusOr<std::string> ActorName(const std::string& actor_id) override {
    return readers_.With([&](db::Connection& c) { return ReadActorName(c, actor_id); });
  }
  absl::StatusOr<std::string> FindActor(const std::string& issuer, const std::string& subject) override {
    return readers_.With([&](db::Connection& c) { return ReadActor(c, issuer, subject); });
  }

  absl::StatusOr<std::vector<SliceObservation>> ListSlices(const std::string& cluster,
                                                           const std::string& key_prefix) override {
    return readers_.With([&](db::Connection& c) { return ListSlicesOn(c, cluster, key_prefix); });
  }
  absl::StatusOr<std::vector<SliceRow>> SlicesChangedSince(const std::string& cluster,
                                                           int64_t after_generation,
                                                           const std::string& after_key,
                                                           int64_t limit) override {
    return readers_.With(
        [&](db::Connection& c) { return ReadSlices(c, cluster, after_generation, after_key, limit); });
  }
  absl::StatusOr<std::string> SliceBytes(const State& state, const std::string& cluster,
                                         const std::string& key) override {
    const auto slice = SliceOf(state, {cluster, key});
    if (!slice)
      return absl::NotFoundError("there is no slice " + key + " on " + cluster + "; it is no longer managed");
    return wire::Serialize(wire::ToProto(*slice));
  }
  absl::StatusOr<std::string> HistoryHash(const std::string& cluster, int64_t revision) override {
    return readers_.With([&](db::Connection& c) { return ReadHistoryHash(c, cluster, revision); });
  }
  absl::StatusOr<std::optional<AgentRow>> GetAgent(const std::string& cluster) override {
    return readers_.With([&](db::Connection& c) { return ReadAgent(c, cluster); });
  }
  absl::StatusOr<std::vector<sluice::v1::OwnedTopic>> OwnedTopics(const std::string& cluster,
                                                                  const std::string& after_name,
                                                                  int64_t limit) override {
    return readers_.With([&](db::Connection& c) { return ReadOwnedTopics(c, cluster, after_name, limit); });
  }
  absl::StatusOr<std::vector<std::string>> OwnedSubjects(const std::string& cluster,
                                                         const std::string& after_name,
                                                         int64_t limit) override {
    return readers_.With([&](db::Connection& c) { return ReadOwnedSubjects(c, cluster, after_name, limit); });
  }
  absl::StatusOr<std::string> OwnedTopicId(const std::string& cluster, const std::string& topic) override {
    return readers_.With([&](db::Connection& c) { return ReadOwnedTopicId(c, cluster, topic); });
  }
  absl::StatusOr<std::vector<SliceRow>> SlicesAfter(const std::string& cluster, const std::string& after_key,
                                                    int64_t limit) override {
    return readers_.With([&](db::Connection& c) { return ReadSlicesAfter(c, cluster, after_key, limit); });
  }
  absl::StatusOr<OwnedNames> OwnedAmong(const std::string& cluster, const OwnedNames& asked) override {
    return readers_.With([&](db::Connection& c) { return ReadOwnedAmong(c, cluster, asked); });
  }
  absl::StatusOr<std::map<std::string, std::pair<int64_t, int64_t>>> SyncCounts() override {
    return readers_.With([&](db::Connection& c) { return ReadSyncCounts(c); });
  }

  std::shared_ptr<void> OnCommit(std::function<void()> wake) override {
    return subscribers_.Add(std::move(wake));
  }
  absl::Status Health() const override {
    if (writer_.Health().ok()) return absl::OkStatus();
    // Nobody may be sent here to write while this is not healthy: only a commit of our own tells when it is
    // again.
    writer_.Write(WriteProbe).IgnoreError();
    return writer_.Health();
  }

 private:
  void Publish(const Progress& progress) {
    {
      std::lock_guard lock(state_mutex_);
      state_ = progress.state;
    }
    last_audit_ = progress.audit.seq;
    subscribers_.WakeAll();
  }

  absl::StatusOr<std::vector<SliceObservation>> ListSlicesOn(db::Connection& connection,
                                                             const std::string& cluster,
                                                             const std::string& key_prefix) {
    if (!cluster.empty()) return ReadObservations(connection, cluster, key_prefix);
    std::vector<SliceObservation> all;
    const std::shared_ptr<const State> state = Current();
    for (const auto& entry : state->catalog.clusters.entries()) {
      SLUICE_VALUE(slices, ReadObservations(connection, entry.name, key_prefix));
      std::move(slices.begin(), slices.end(), std::back_inserter(all));
    }
    return all;
  }

  const std::unique_ptr<db::Database> database_;
  ReaderPool readers_;
  mutable std::mutex state_mutex_;
  std::shared_ptr<const State> state_;  // guarded by state_mutex_
  std::atomic<int64_t> last_audit_;
  Subscribers subscribers_;
  mutable Writer writer_;  // last: its thread uses the others
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(std::unique_ptr<db::Database> database, Clock& clock) {
  SLUICE_VALUE(connection, database->OpenWriter());
  SLUICE_TRY(db::Migrate(*connection, Migrations()));
  SLUICE_TRY(connection->MakeAppendOnly("audit"));
  SLUICE_VALUE(progress, LoadProgress(*connection, clock));
  return std::make_unique<SqlStore>(std::move(database), std::move(connection), std::move(progress), clock);
}

}  // namespace sluice::controlplane
