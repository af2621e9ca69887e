#include "controlplane/store/audit_log.h"

#include <fmt/format.h>

#include <charconv>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/store/audit_body.h"
#include "controlplane/store/audit_query.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

// Rows that one page looks at, when matches are rare: in windows, so that a full page ends early.
constexpr int64_t kWindow = 4'000;
constexpr int kWindows = 10;

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

absl::StatusOr<sluice::v1::AuditEntry> ToEntry(const db::Row& row) {
  SLUICE_VALUE(entry, ParseAuditBody(row.Text(1)));
  entry.set_seq(row.Int(0));
  entry.set_actor_name(row.IsNull(2) ? entry.actor() : row.Text(2));
  return entry;
}

// Fills `page` to `limit` and one more from the rows that end at `last`; returns where to go on, 0: at the
// end.
absl::StatusOr<int64_t> FillPage(db::Connection& connection, const AuditQuery& query, int64_t last, int limit,
                                 AuditPage& page) {
  for (int i = 0; i < kWindows; ++i) {
    int64_t first = 0;
    if (!query.walks_only_matches()) {
      SLUICE_VALUE(start, query.WindowStart(connection, last, kWindow));
      first = start;
    }
    const int64_t wanted = limit - page.entries.size() + 1;
    SLUICE_VALUE(rows, query.Rows(connection, first, last, AuditQuery::Order::kLatestFirst, wanted));
    for (const db::Row& row : rows) {
      if (static_cast<int>(page.entries.size()) == limit) return row.Int(0);
      SLUICE_VALUE(entry, ToEntry(row));
      page.entries.push_back(std::move(entry));
    }
    if (first <= 1) return 0;
    last = first - 1;
  }
  return last;
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
  for (const std::string& resource : draft.resources) {
    SLUICE_TRY(connection.Execute(
        "INSERT INTO audit_resources (resource, seq) VALUES ($1, $2) ON CONFLICT (resource, seq) DO NOTHING",
        {resource, next.seq}));
  }
  head = next;
  return absl::OkStatus();
}

absl::StatusOr<AuditPage> ReadAuditPage(db::Connection& connection, const sluice::v1::AuditFilter& filter,
                                        const std::string& page_token, int limit) {
  SLUICE_VALUE(last, ParseToken(page_token, filter));
  SLUICE_VALUE(query, AuditQuery::Make(connection, filter));
  AuditPage page;
  SLUICE_VALUE(next, FillPage(connection, query, last, limit, page));
  if (next > 0) page.next_page_token = MakeToken(next, filter);
  return page;
}

absl::StatusOr<std::vector<sluice::v1::AuditEntry>> ReadAuditFrom(db::Connection& connection,
                                                                  int64_t start_seq,
                                                                  const sluice::v1::AuditFilter& filter,
                                                                  int limit) {
  SLUICE_VALUE(query, AuditQuery::Make(connection, filter));
  SLUICE_VALUE(rows, query.Rows(connection, start_seq, INT64_MAX, AuditQuery::Order::kOldestFirst, limit));
  std::vector<sluice::v1::AuditEntry> entries;
  for (const db::Row& row : rows) {
    SLUICE_VALUE(entry, ToEntry(row));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace sluice::controlplane
