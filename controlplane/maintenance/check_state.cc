// CheckDefinitions, CheckSlices and CheckHistories of check.h: what is approved, and what agents were told.
#include <fmt/format.h>

#include <set>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/maintenance/check.h"
#include "controlplane/store/changes.h"
#include "controlplane/store/progress.h"

namespace sluice::controlplane {
namespace {

constexpr int kChangesPerRead = 500;
constexpr char kRestore[] = "restore the latest backup that checks out";
constexpr char kEdited[] =
    "somebody edited the store: find out who, and restore the latest backup that checks out";

// Adds a problem and says false where `result` is an error.
template <typename T>
bool Read(const absl::StatusOr<T>& result, CheckedPart& part) {
  if (result.ok()) return true;
  part.Add(std::string(result.status().message()), kRestore);
  return false;
}

// Whether the version that `edit` released is stored with its content.
bool IsStored(db::Connection& connection, const sluice::v1::Edit& edit, int64_t revision,
              const std::string& change, CheckedPart& part) {
  const std::string kind(core::KindName(wire::KindOf(edit.resource())));
  const std::string name = wire::NameOf(edit.resource());
  auto rows = connection.Query(
      "SELECT deleted, content, change FROM definition_history WHERE kind = $1 AND name = $2 AND revision = "
      "$3",
      {kind, name, revision});
  if (!Read(rows, part)) return false;
  sluice::v1::Resource wanted = edit.resource();
  wire::StripOutput(wanted);
  const bool deleted = edit.action() == sluice::v1::Edit::ACTION_DELETE;
  const bool same = rows->size() == 1 && rows->front().Text(2) == change &&
                    (rows->front().Int(0) != 0) == deleted &&
                    rows->front().Text(1) == (deleted ? "" : wire::Serialize(wanted));
  if (!same)
    part.Add(fmt::format("{} {} at revision {} is not what {} released", kind, name, revision, change),
             kEdited);
  return true;
}

// Every edit of a released change is a stored version; returns how many, nullopt when reading fails.
std::optional<int64_t> CheckReleasedEdits(db::Connection& connection, CheckedPart& part) {
  int64_t edits = 0;
  for (int64_t before = 0;;) {
    auto page = ReadChanges(connection, {.state = sluice::v1::Change::STATE_RELEASED, .author = "", .resource = ""},
                            before, kChangesPerRead);
    if (!Read(page, part)) return std::nullopt;
    for (const StoredChange& change : page->changes) {
      sluice::internal::v1::ChangeContent content;
      if (!content.ParseFromString(change.content)) continue;  // CheckChanges says so
      for (const auto& edit : content.edits()) {
        ++edits;
        const std::string name = fmt::format("C-{}", change.id);
        if (!IsStored(connection, edit, change.release_revision, name, part)) return std::nullopt;
      }
    }
    if (page->next_before_id == 0) return edits;
    before = page->next_before_id;
  }
}

// The link that brought a history to its end. Later changes move slices to other generations, so only the
// last link can be made again.
void CheckLastLink(db::Connection& connection, const std::string& cluster, int64_t revision,
                   const std::string& hash, CheckedPart& part) {
  auto previous = connection.Query(
      "SELECT hash FROM history WHERE cluster = $1 AND revision < $2 ORDER BY revision DESC LIMIT 1",
      {cluster, revision});
  auto slices =
      connection.Query("SELECT digest, key FROM slices WHERE cluster = $1 AND generation = $2 ORDER BY key",
                       {cluster, revision});
  if (!Read(previous, part) || !Read(slices, part)) return;
  std::string text = previous->empty() ? "" : previous->front().Text(0);
  for (const db::Row& slice : *slices) text += slice.Text(0) + " " + slice.Text(1) + "\n";
  if (Sha256Hex(text) != hash) {
    part.Add(
        fmt::format("the history of {} does not end in what its slices are (revision {})", cluster, revision),
        kEdited);
  }
}

}  // namespace

CheckedPart CheckDefinitions(db::Connection& connection) {
  CheckedPart part{.name = "definitions", .problems = {}};
  const std::optional<int64_t> edits = CheckReleasedEdits(connection, part);
  auto versions = connection.Query("SELECT count(*) FROM definition_history");
  auto differing = connection.Query(
      "SELECT d.kind, d.name FROM definitions d LEFT JOIN definition_history h ON h.kind = d.kind AND "
      "h.name = d.name AND h.revision = (SELECT max(revision) FROM definition_history l WHERE "
      "l.kind = d.kind AND l.name = d.name) WHERE h.revision IS NOT d.revision OR h.content IS NOT d.content "
      "OR h.deleted IS NOT d.deleted OR h.change IS NOT d.change LIMIT 100");
  if (!edits || !Read(versions, part) || !Read(differing, part)) return part;
  part.examined = versions->front().Int(0);
  if (part.examined != *edits) {
    part.Add(fmt::format("{} versions of definitions are stored, and {} edits were released", part.examined,
                         *edits),
             kEdited);
  }
  for (const db::Row& row : *differing)
    part.Add(fmt::format("{} {} is not its own latest version", row.Text(0), row.Text(1)), kEdited);
  return part;
}

CheckedPart CheckSlices(db::Connection& connection) {
  CheckedPart part{.name = "slices", .problems = {}};
  auto state = LoadState(connection);
  if (!Read(state, part)) return part;
  auto changed = CompileAll(connection, *state);
  auto counted = connection.Query("SELECT count(*), max(generation) FROM slices WHERE gone = 0");
  if (!Read(changed, part) || !Read(counted, part)) return part;
  part.examined = counted->front().Int(0);
  if (counted->front().Int(1) > state->revision)
    part.Add(fmt::format("a slice is of generation {}, after the store's revision {}",
                         counted->front().Int(1), state->revision),
             kRestore);
  for (const SliceChange& slice : *changed) {
    part.Add(
        fmt::format("{} on {} is not what the definitions compile to", slice.address.key,
                    slice.address.cluster),
        "check with the version of the program that wrote it: a newer one compiles such slices again when "
        "it starts, and says so in the audit log; else somebody edited the store: restore a backup");
  }
  return part;
}

CheckedPart CheckHistories(db::Connection& connection) {
  CheckedPart part{.name = "histories", .problems = {}};
  const auto revision = ReadCounter(connection, "revision");
  auto ends = connection.Query(
      "SELECT h.cluster, h.revision, h.hash, (SELECT max(generation) FROM slices s WHERE s.cluster = "
      "h.cluster), "
      "(SELECT count(*) FROM history c WHERE c.cluster = h.cluster) FROM history h WHERE h.revision = "
      "(SELECT max(revision) FROM history l WHERE l.cluster = h.cluster) ORDER BY h.cluster");
  auto without = connection.Query(
      "SELECT DISTINCT cluster FROM slices WHERE cluster NOT IN (SELECT cluster FROM history)");
  if (!Read(revision, part) || !Read(ends, part) || !Read(without, part)) return part;
  for (const db::Row& row : *ends) {
    part.examined += row.Int(4);
    if (row.Int(1) > *revision || row.Int(3) != row.Int(1)) {
      part.Add(fmt::format(
                   "the history of {} ends at revision {} (its last slice changed at {}, the store is at {})",
                   row.Text(0), row.Int(1), row.Int(3), *revision),
               kRestore);
    } else {
      CheckLastLink(connection, row.Text(0), row.Int(1), row.Text(2), part);
    }
  }
  for (const db::Row& row : *without)
    part.Add(fmt::format("{} has slices and no history", row.Text(0)), kRestore);
  return part;
}

}  // namespace sluice::controlplane
