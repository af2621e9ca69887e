// SqlTransaction: one command's view of the writer's connection and progress.
#pragma once

#include "controlplane/store/progress.h"
#include "controlplane/store/slice_changes.h"

namespace sluice::controlplane {

class SqlTransaction final : public Transaction {
 public:
  SqlTransaction(db::Connection& connection, Progress& progress, int64_t now_us)
      : connection_(connection), progress_(progress), now_us_(now_us) {}

  // What a command must have done before it may be committed: no mutation without an audit entry.
  absl::Status Check() const;

  const State& state() const override { return *progress_.state; }
  int64_t now_us() const override { return now_us_; }
  db::Connection& connection() override { return connection_; }
  absl::StatusOr<std::string> ActorId(const std::string& issuer, const std::string& subject,
                                      const std::string& display_name) override;
  absl::Status Audit(const AuditDraft& entry) override;
  absl::StatusOr<Released> Release(const std::vector<core::Edit>& edits,
                                   const std::vector<sluice::v1::Resource>& resources,
                                   const std::string& change) override;
  absl::StatusOr<Released> GiveUp(const std::vector<GivenUpTopic>& topics,
                                  const std::string& change) override;
  absl::StatusOr<int64_t> NextChangeId() override;
  absl::Status PutChange(const StoredChange& change) override;
  absl::StatusOr<StoredChange> GetChange(int64_t id) override;
  absl::StatusOr<std::vector<int64_t>> WaitingChangesOf(const std::vector<std::string>& resources,
                                                        int64_t except) override;
  absl::StatusOr<std::optional<std::string>> RecallRequest(const std::string& actor,
                                                           const std::string& method,
                                                           const std::string& request_id,
                                                           const std::string& payload_digest) override;
  absl::Status RememberRequest(const std::string& actor, const std::string& method,
                               const std::string& request_id, const std::string& payload_digest,
                               const std::string& response) override;
  absl::Status RecordReport(const std::string& cluster,
                            const sluice::v1::ReportStatusRequest& report) override;
  absl::Status RecordStream(const std::string& cluster, const std::string& agent_version) override;

 private:
  absl::Status Forget(const std::string& cluster,
                      const std::vector<std::pair<std::string, core::Absence>>& gone);
  // Writes the slices, the revision, and takes the next state.
  absl::Status Record(SliceChanges changes, const std::string& change);

  db::Connection& connection_;
  Progress& progress_;
  const int64_t now_us_;
  bool mutated_ = false;
  bool audited_ = false;
};

}  // namespace sluice::controlplane
