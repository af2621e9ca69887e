// audit query, audit tail: what happened.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <charconv>
#include <ostream>

#include "cli/commands.h"
#include "cli/output.h"
#include "common/core/text.h"
#include "common/manifest/manifest.h"
#include "common/wire/wire.h"
#include "sluice/v1/audit.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Stub = v1::AuditService::Stub;
using google::protobuf::Timestamp;

constexpr int kPage = 1000;
constexpr size_t kWhatWidth = 240;  // a sentence with two topic names in it
constexpr int kMaxReconnects = 60;  // in a row, a second apart
constexpr int kBefore = 10;         // entries that tail shows from before

// `2d` ago, `2026-11-22` (UTC), or RFC 3339.
absl::StatusOr<Timestamp> ParseTime(const std::string& text, Time now) {
  Timestamp time;
  if (std::optional<int64_t> ago = wire::ParseDurationMs(text)) {
    auto at = now - std::chrono::milliseconds(*ago);
    return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(at.time_since_epoch().count());
  }
  if (google::protobuf::util::TimeUtil::FromString(text.size() == 10 ? text + "T00:00:00Z" : text, &time))
    return time;
  return absl::InvalidArgumentError(fmt::format(
      "{} is no time; write it like 2d (ago), 2026-11-22 or 2026-11-22T05:16:00Z", core::Quote(text)));
}

absl::StatusOr<v1::AuditFilter> FilterOf(const AuditOptions& options, Time now) {
  v1::AuditFilter filter;
  filter.set_change(options.change);
  filter.set_resource(options.resource);
  filter.set_actor(options.actor);
  filter.set_action(options.action);
  filter.set_cluster(options.cluster);
  if (!options.since.empty()) {
    absl::StatusOr<Timestamp> time = ParseTime(options.since, now);
    if (!time.ok()) return time.status();
    *filter.mutable_start_time() = *time;
  }
  if (!options.until.empty()) {
    absl::StatusOr<Timestamp> time = ParseTime(options.until, now);
    if (!time.ok()) return time.status();
    *filter.mutable_end_time() = *time;
  }
  return filter;
}

// Latest first, at most `limit`.
absl::StatusOr<std::vector<v1::AuditEntry>> List(Client& client, const v1::AuditFilter& filter, int limit) {
  std::vector<v1::AuditEntry> entries;
  v1::ListAuditEntriesRequest request;
  *request.mutable_filter() = filter;
  while (static_cast<int>(entries.size()) < limit) {
    request.set_page_size(std::min(kPage, limit - static_cast<int>(entries.size())));
    auto page = client.Call(&Stub::ListAuditEntries, request);
    if (!page.ok()) return page.status();
    entries.insert(entries.end(), page->entries().begin(), page->entries().end());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return entries;
}

std::string What(const v1::AuditEntry& entry) {
  std::string what = entry.message().empty() ? Joined(entry.resources()) : entry.message();
  return entry.cluster().empty() ? what : fmt::format("{}: {}", entry.cluster(), what);
}

std::string Actor(const v1::AuditEntry& entry) {
  return entry.actor_name().empty() ? entry.actor() : entry.actor_name();
}

void PrintEntry(Session& session, const v1::AuditEntry& entry) {
  std::ostream& out = session.terminal.out;
  if (session.options.format == Format::kJson) {
    out << manifest::PrintJson(entry, manifest::Fields::kAll) << std::endl;
  } else {
    out << fmt::format("{}  {}  {}  {}", TimeText(entry.time()), Padded(entry.action(), 18),
                       Padded(Actor(entry), 16), What(entry))
        << std::endl;
  }
}

// Reads one stream to its end; `request` then starts behind the last entry that came.
absl::Status ReadStream(Session& session, Client& client, v1::TailAuditEntriesRequest& request, bool& some) {
  Stub stub(client.channel());
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::TailAuditEntriesResponse>> stream =
      stub.TailAuditEntries(&context, request);
  v1::TailAuditEntriesResponse response;
  while (stream->Read(&response)) {
    PrintEntry(session, response.entry());
    request.set_start_seq(response.entry().seq() + 1);
    some = true;
  }
  return client.Convert(stream->Finish(), context);
}

// A control plane that restarts is waited for; nothing is left out and nothing comes twice.
ExitCode Follow(Session& session, Client& client, v1::TailAuditEntriesRequest request) {
  for (int failures = 0; failures < kMaxReconnects; ++failures) {
    bool some = false;
    absl::Status status = ReadStream(session, client, request, some);
    if (!status.ok() && !absl::IsUnavailable(status)) return Fail(session, status);
    if (some) failures = 0;
    session.sleep(std::chrono::seconds(1));
  }
  return Fail(session, absl::UnavailableError("the control plane cannot be reached any more"));
}

}  // namespace

ExitCode AuditQuery(Session& session, const AuditOptions& options) {
  absl::StatusOr<v1::AuditFilter> filter = FilterOf(options, session.clock.Now());
  if (!filter.ok()) return Fail(session, filter.status());
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  absl::StatusOr<std::vector<v1::AuditEntry>> entries = List(**client, *filter, options.limit);
  if (!entries.ok()) return Fail(session, entries.status());
  if (session.options.format == Format::kName) {
    for (const v1::AuditEntry& entry : *entries) session.terminal.out << entry.seq() << "\n";
    return kDone;
  }
  if (session.options.format != Format::kTable) {
    std::vector<const google::protobuf::Message*> messages;
    for (const v1::AuditEntry& entry : *entries) messages.push_back(&entry);
    session.terminal.out << PrintAll(messages, session.options.format, Amount::kList);
    return kDone;
  }
  Table table({"SEQ", "TIME (UTC)", "WHO", "ACTION", "WHAT"});
  for (const v1::AuditEntry& entry : *entries) {
    table.Add({std::to_string(entry.seq()), TimeText(entry.time()), Actor(entry), entry.action(),
               Shortened(What(entry), kWhatWidth)});
  }
  session.terminal.out << (table.empty() ? "no entries\n" : table.Render(session.terminal.color));
  return kDone;
}

ExitCode AuditTail(Session& session, const AuditOptions& options) {
  absl::StatusOr<v1::AuditFilter> filter = FilterOf(options, session.clock.Now());
  if (!filter.ok()) return Fail(session, filter.status());
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  absl::StatusOr<std::vector<v1::AuditEntry>> before = List(**client, *filter, kBefore);
  if (!before.ok()) return Fail(session, before.status());
  v1::TailAuditEntriesRequest request;
  *request.mutable_filter() = *filter;
  for (auto entry = before->rbegin(); entry != before->rend(); ++entry) PrintEntry(session, *entry);
  if (!before->empty()) request.set_start_seq(before->front().seq() + 1);
  return Follow(session, **client, request);
}

}  // namespace sluice::cli
