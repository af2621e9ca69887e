// CheckAudit and CheckChanges of check.h: what was done, and that it was written down once.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <map>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/maintenance/check.h"
#include "controlplane/store/audit_body.h"
#include "controlplane/store/changes.h"
#include "controlplane/store/progress.h"

namespace sluice::controlplane {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kRowsPerRead = 2000;
constexpr char kRestore[] = "restore the latest backup that checks out";

struct Entries {
  int64_t proposed = 0, released = 0;
};

// A row of the audit table: seq, time_us, actor, action, change, cluster, body.
void CheckEntry(const db::Row& row, CheckedPart& part) {
  const auto entry = ParseAuditBody(row.Text(6));
  if (!entry.ok()) {
    part.Add(fmt::format("entry {} cannot be read", row.Int(0)), kRestore);
    return;
  }
  const bool same = entry->actor() == row.Text(2) && entry->action() == row.Text(3) &&
                    entry->change() == row.Text(4) && entry->cluster() == row.Text(5) &&
                    TimeUtil::TimestampToMicroseconds(entry->time()) == row.Int(1);
  if (!same) {
    part.Add(fmt::format("entry {} is found under something else than its bytes say", row.Int(0)),
             "somebody edited the store: find out who, and restore the latest backup that checks out");
  }
}

// Counts entries of changes; false: the log cannot be read.
bool CountEntries(db::Connection& connection, std::map<std::string, Entries>& entries, CheckedPart& part) {
  auto rows = connection.Query(
      "SELECT change, SUM(action = 'change.proposed'), SUM(action = 'change.released') FROM audit "
      "WHERE change <> '' GROUP BY change");
  if (!rows.ok()) {
    part.Add(std::string(rows.status().message()), kRestore);
    return false;
  }
  for (const db::Row& row : *rows) entries[row.Text(0)] = {row.Int(1), row.Int(2)};
  return true;
}

void CheckChange(const StoredChange& change, const Entries& entries, CheckedPart& part) {
  const std::string name = fmt::format("C-{}", change.id);
  if (Sha256Hex(change.content) != change.digest) {
    part.Add(fmt::format("the content of {} does not match its digest", name),
             "somebody edited the store: find out who, and restore the latest backup that checks out");
  }
  sluice::internal::v1::ChangeContent content;
  if (!content.ParseFromString(change.content) || content.name() != name)
    part.Add(fmt::format("the content of {} cannot be read, or is another change's", name), kRestore);
  const bool released = change.state == sluice::v1::Change::STATE_RELEASED;
  if (released != (change.release_revision > 0))
    part.Add(fmt::format("{} is {} with the release revision {}", name,
                         sluice::v1::Change::State_Name(change.state), change.release_revision),
             kRestore);
  if (entries.released != (released ? 1 : 0))
    part.Add(fmt::format("{} has {} audit entries of its release ({} wanted)", name, entries.released,
                         released ? 1 : 0),
             kRestore);
  if (entries.proposed < 1) part.Add(fmt::format("{} has no audit entry of its proposal", name), kRestore);
}

}  // namespace

CheckedPart CheckAudit(db::Connection& connection) {
  CheckedPart part{.name = "audit", .problems = {}};
  int64_t seq = 0, time_us = INT64_MIN;
  for (bool more = true; more;) {
    auto rows = connection.Query(
        "SELECT seq, time_us, actor, action, change, cluster, body FROM audit WHERE seq > $1 ORDER BY seq "
        "LIMIT $2",
        {seq, kRowsPerRead});
    if (!rows.ok()) {
      part.Add(std::string(rows.status().message()), kRestore);
      return part;
    }
    for (const db::Row& row : *rows) {
      ++part.examined;
      if (row.Int(0) != seq + 1)
        part.Add(fmt::format("entries {} to {} are missing", seq + 1, row.Int(0) - 1), kRestore);
      if (row.Int(1) < time_us)
        part.Add(fmt::format("entry {} is older than the one before", row.Int(0)), kRestore);
      seq = row.Int(0);
      time_us = row.Int(1);
      CheckEntry(row, part);
    }
    more = static_cast<int64_t>(rows->size()) == kRowsPerRead;
  }
  return part;
}

CheckedPart CheckChanges(db::Connection& connection) {
  CheckedPart part{.name = "changes", .problems = {}};
  std::map<std::string, Entries> entries;
  if (!CountEntries(connection, entries, part)) return part;
  for (int64_t before = 0;;) {
    auto page = ReadChanges(connection, {}, before, kRowsPerRead);
    if (!page.ok()) {
      part.Add(std::string(page.status().message()), kRestore);
      return part;
    }
    for (const StoredChange& change : page->changes) {
      ++part.examined;
      const auto found = entries.find(fmt::format("C-{}", change.id));
      CheckChange(change, found == entries.end() ? Entries() : found->second, part);
      if (found != entries.end()) entries.erase(found);
    }
    if (page->next_before_id == 0) break;
    before = page->next_before_id;
  }
  for (const auto& [name, counted] : entries) {
    if (counted.released + counted.proposed > 0)
      part.Add(fmt::format("the audit log tells of {}, which is not there", name), kRestore);
  }
  const auto last = ReadCounter(connection, "change");
  auto highest = connection.Query("SELECT max(id) FROM changes");
  if (last.ok() && highest.ok() && !highest->empty() && highest->front().Int(0) > *last)
    part.Add(fmt::format("C-{} is above the counter of changes ({})", highest->front().Int(0), *last),
             kRestore);
  return part;
}

}  // namespace sluice::controlplane
