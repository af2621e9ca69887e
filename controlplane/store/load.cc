#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/core/compile.h"
#include "controlplane/store/definitions.h"
#include "controlplane/store/progress.h"
#include "controlplane/store/slice_rows.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

using Rows = std::map<std::string, SliceRow>;  // of one cluster, by key

// Compares what a cluster's slices are with what is recorded. Holds the slices of one product at a time.
class ClusterCheck {
 public:
  ClusterCheck(const State& state, const std::string& name, Rows rows, std::vector<SliceChange>& changed)
      : state_(state),
        name_(name),
        cluster_(state.catalog.clusters.Find(name)),
        rows_(std::move(rows)),
        changed_(changed) {}

  ClusterTotals Run() {
    if (cluster_ != nullptr) CheckCompiled();
    // What is recorded and compiled no more: absences only, or gone.
    while (!rows_.empty()) {
      if (rows_.begin()->second.gone) {
        rows_.erase(rows_.begin());
        continue;
      }
      core::Slice slice;
      slice.key = rows_.begin()->first;
      if (AbsencesOf(state_, {name_, slice.key}).empty()) {
        changed_.push_back({.address = {name_, slice.key}, .gone = true});
        rows_.erase(rows_.begin());
      } else {
        Check(std::move(slice));
      }
    }
    return totals_;
  }

 private:
  void CheckCompiled() {
    for (const auto& application : state_.catalog.applications.entries()) {
      if (auto slice = core::CompileApplication(state_.catalog, application.name, *cluster_))
        Check(*std::move(slice));
    }
    const std::string ending = "/" + cluster_->environment;
    for (const auto& release : state_.catalog.releases.entries()) {
      if (!std::string_view(release.name).ends_with(ending)) continue;
      const std::string product = release.name.substr(0, release.name.size() - ending.size());
      for (core::Slice& slice : core::CompileProduct(state_.catalog, product, *cluster_))
        Check(std::move(slice));
    }
  }

  void Check(core::Slice slice) {
    slice.absences = AbsencesOf(state_, {name_, slice.key});
    Count(slice, Counted::kIn, totals_);
    std::string digest = DigestOf(slice);
    const auto row = rows_.find(slice.key);
    const bool same = row != rows_.end() && !row->second.gone && row->second.digest == digest;
    if (row != rows_.end()) rows_.erase(row);
    if (!same) changed_.push_back({.address = {name_, slice.key}, .digest = std::move(digest)});
  }

  const State& state_;
  const std::string& name_;
  const core::Cluster* const cluster_;
  Rows rows_;  // not compared yet
  std::vector<SliceChange>& changed_;
  ClusterTotals totals_;
};

absl::StatusOr<std::set<std::string>> ClusterNames(db::Connection& connection, const State& state) {
  std::set<std::string> names;
  for (const auto& cluster : state.catalog.clusters.entries()) names.insert(cluster.name);
  SLUICE_VALUE(rows, connection.Query("SELECT DISTINCT cluster FROM slices"));
  for (const db::Row& row : rows) names.insert(row.Text(0));
  return names;
}

absl::Status RecordRecompiled(db::Connection& connection, const std::vector<SliceChange>& changed,
                              int64_t now_us, State& state, AuditHead& audit) {
  ++state.revision;
  SLUICE_TRY(connection.Begin());
  SLUICE_TRY(WriteSlices(connection, changed, state.revision, ""));
  SLUICE_TRY(WriteCounter(connection, "revision", state.revision));
  const AuditDraft draft = {
      .actor = "system",
      .action = "slices.recompiled",
      .message = fmt::format("this version of the program compiles {} slices differently", changed.size()),
      .details_json = fmt::format(R"({{"revision":{},"slices":{}}})", state.revision, changed.size())};
  SLUICE_TRY(AppendAudit(connection, draft, now_us, audit));
  return connection.Commit();
}

}  // namespace

absl::Status WriteCounter(db::Connection& connection, const std::string& name, int64_t value) {
  return connection.Execute("UPDATE counters SET value = $2 WHERE name = $1", {name, value}).status();
}

absl::StatusOr<int64_t> ReadCounter(db::Connection& connection, const std::string& name) {
  SLUICE_VALUE(rows, connection.Query("SELECT value FROM counters WHERE name = $1", {name}));
  if (rows.empty()) return absl::DataLossError("the store lacks its counters; restore a backup");
  return rows.front().Int(0);
}

absl::StatusOr<State> LoadState(db::Connection& connection) {
  State state;
  SLUICE_VALUE(revision, ReadCounter(connection, "revision"));
  SLUICE_VALUE(catalog, LoadCatalog(connection));
  SLUICE_VALUE(absences, LoadAbsences(connection));
  state.revision = revision;
  state.catalog = std::move(catalog);
  state.absences = std::move(absences);
  return state;
}

absl::StatusOr<std::vector<SliceChange>> CompileAll(db::Connection& connection, State& state) {
  SLUICE_VALUE(names, ClusterNames(connection, state));
  std::vector<SliceChange> changed;
  for (const std::string& name : names) {
    SLUICE_VALUE(slices, ReadSlices(connection, name, -1, "", INT64_MAX));
    Rows rows;
    for (SliceRow& row : slices) rows.emplace(row.key, std::move(row));
    state.totals[name] = ClusterCheck(state, name, std::move(rows), changed).Run();
  }
  std::sort(changed.begin(), changed.end(),
            [](const SliceChange& a, const SliceChange& b) { return a.address < b.address; });
  return changed;
}

absl::StatusOr<Progress> LoadProgress(db::Connection& connection, const Clock& clock) {
  Progress progress;
  SLUICE_VALUE(last_change, ReadCounter(connection, "change"));
  SLUICE_VALUE(audit, ReadAuditHead(connection));
  SLUICE_VALUE(loaded, LoadState(connection));
  progress.last_change = last_change;
  progress.audit = audit;
  auto state = std::make_shared<State>(std::move(loaded));
  SLUICE_VALUE(changed, CompileAll(connection, *state));
  if (!changed.empty())
    SLUICE_TRY(RecordRecompiled(connection, changed, MicrosNow(clock), *state, progress.audit));
  progress.state = std::move(state);
  return progress;
}

}  // namespace sluice::controlplane
