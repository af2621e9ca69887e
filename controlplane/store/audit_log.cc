#include "controlplane/store/audit_log.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/store/audit_body.h"
#include "controlplane/store/audit_query.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

// Binds a token to its filter, so that a page of one list is not continued in another.
std::string FilterMark(const sluice::v1::AuditFilter& filter) {
  return Sha256Hex(wire::Serialize(filter)).substr(0, 16);
}

std::string MakeToken(int64_t last, const sluice::v1::AuditFilter& filter) {
  return fmt::format("{:x}-{}", last, FilterMark(filter));
}

// The position that the page starts at.
absl::StatusOr<int64_t> ParseToken(const std::string& token, const sluice::v1::AuditFilter& filter) {
  if (token.empty()) return INT64_MAX;
  int64_t last = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), last, 16);
  if (error != std::errc() || last < 1 || std::string_view(end) != "-" + FilterMark(filter)) {
    return absl::InvalidArgumentError(
        "a page token continues the list that it came from, with the same filter (this one does not); start "
        "without a token");
  }
  return last;
}

absl::StatusOr<std::vector<sluice::v1::AuditEntry>> ReadEntries(db::Connection& connection,
                                                                const std::vector<int64_t>& positions) {
  std::vector<sluice::v1::AuditEntry> entries;
  for (const int64_t position : positions) {
    SLUICE_VALUE(rows, connection.Query(
                           "SELECT a.body, p.display_name FROM audit a LEFT JOIN actors p ON p.id = a.actor "
                           "WHERE a.seq = $1",
                           {position}));
    if (rows.empty()) return absl::DataLossError("an audit entry is missing; restore a backup");
    SLUICE_VALUE(entry, ParseAuditBody(rows.front().Text(0)));
    entry.set_seq(position);
    entry.set_actor_name(rows.front().IsNull(1) ? entry.actor() : rows.front().Text(1));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

absl::StatusOr<AuditHead> ReadAuditHead(db::Connection& connection) {
  SLUICE_VALUE(rows, connection.Query("SELECT seq, time_us FROM audit ORDER BY seq DESC LIMIT 1"));
  return rows.empty() ? AuditHead() : AuditHead{rows.front().Int(0), rows.front().Int(1)};
}

absl::Status AppendAudit(db::Connection& connection, const AuditDraft& draft, int64_t time_us,
                         AuditHead& head) {
  const AuditHead next = {head.seq + 1, std::max(time_us, head.time_us)};
  SLUICE_VALUE(body, MakeAuditBody(draft, next.time_us));
  SLUICE_TRY(
      connection.Execute("INSERT INTO audit (seq, time_us, actor, action, change, cluster, body) VALUES ($1, "
                         "$2, $3, $4, $5, $6, $7)",
                         {next.seq, next.time_us, draft.actor, draft.action, draft.change, draft.cluster,
                          db::Bytes{std::move(body)}}));
  for (const std::string& resource : std::set<std::string>(draft.resources.begin(), draft.resources.end())) {
    SLUICE_TRY(connection.Execute(
        "INSERT INTO audit_about (resource, seq, actor, action, cluster, change) VALUES ($1, $2, $3, $4, "
        "$5, $6)",
        {resource, next.seq, draft.actor, draft.action, draft.cluster, draft.change}));
  }
  head = next;
  return absl::OkStatus();
}

absl::StatusOr<AuditPage> ReadAuditPage(db::Connection& connection, const sluice::v1::AuditFilter& filter,
                                        const std::string& page_token, int limit) {
  SLUICE_VALUE(last, ParseToken(page_token, filter));
  SLUICE_VALUE(query, AuditQuery::Make(connection, filter));
  SLUICE_VALUE(found, query.Latest(connection, last, static_cast<size_t>(limit)));
  AuditPage page;
  SLUICE_VALUE(entries, ReadEntries(connection, found.positions));
  page.entries = std::move(entries);
  if (found.next > 0) page.next_page_token = MakeToken(found.next, filter);
  return page;
}

absl::StatusOr<std::vector<sluice::v1::AuditEntry>> ReadAuditFrom(db::Connection& connection,
                                                                  int64_t start_seq,
                                                                  const sluice::v1::AuditFilter& filter,
                                                                  int limit) {
  SLUICE_VALUE(query, AuditQuery::Make(connection, filter));
  SLUICE_VALUE(positions, query.Oldest(connection, start_seq, static_cast<size_t>(limit)));
  return ReadEntries(connection, positions);
}

}  // namespace sluice::controlplane
