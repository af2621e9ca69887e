#include "controlplane/rpc/status.h"

#include <absl/strings/cord.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/wire/wire.h"
#include "sluice/v1/common.pb.h"

namespace sluice::controlplane {
namespace {

constexpr char kFindingsPayload[] = "type.googleapis.com/sluice.v1.FindingList";
constexpr size_t kMaxMessage = 4096;

// Callers get no detail of what is broken inside; the log has it.
bool IsInternal(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

absl::Status RefusedBy(const std::vector<core::Finding>& findings) {
  std::vector<const core::Finding*> ordered;
  for (const core::Severity severity : {core::Severity::kError, core::Severity::kWarning}) {
    for (const core::Finding& finding : findings) {
      if (finding.severity == severity) ordered.push_back(&finding);
    }
  }
  sluice::v1::FindingList list;
  list.set_total(static_cast<int32_t>(findings.size()));
  size_t bytes = 16;
  for (const core::Finding* finding : ordered) {
    sluice::v1::Finding message = wire::ToProto(*finding);
    bytes += message.ByteSizeLong() + 8;
    if (bytes > kFindingsLimit) break;
    *list.add_findings() = std::move(message);
  }
  const size_t errors =
      static_cast<size_t>(std::count_if(findings.begin(), findings.end(), [](const core::Finding& f) {
        return f.severity == core::Severity::kError;
      }));
  std::string text = fmt::format("{} problem{}; nothing was changed", errors, errors == 1 ? "" : "s");
  if (!ordered.empty()) {
    const core::Finding& first = *ordered.front();
    text += fmt::format(": {} {}: {}; {}", first.resource, first.field, first.message, first.remedy);
  }
  absl::Status status = absl::InvalidArgumentError(text);
  // From a view: Cord's template for strings is mangled differently by the compiler that packaged Abseil.
  status.SetPayload(kFindingsPayload, absl::Cord(absl::string_view(list.SerializeAsString())));
  return status;
}

std::string Cut(std::string text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + " …";
}

grpc::Status ToGrpc(const absl::Status& status, grpc::ServerContextBase& context) {
  if (status.ok()) return grpc::Status::OK;
  if (const auto findings = status.GetPayload(kFindingsPayload)) {
    context.AddTrailingMetadata(kFindingsTrailer, std::string(*findings));
  }
  if (IsInternal(status.code())) {
    return {static_cast<grpc::StatusCode>(status.code()),
            "something went wrong inside; the server's log says what"};
  }
  return {static_cast<grpc::StatusCode>(status.code()),
          Cut(std::string(status.message().data(), status.message().size()), kMaxMessage)};
}

}  // namespace sluice::controlplane
