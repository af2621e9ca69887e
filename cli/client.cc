#include "cli/client.h"

#include <absl/strings/cord.h>
#include <fmt/format.h>

#include <random>

#include "cli/config.h"
#include "common/manifest/manifest.h"

namespace sluice::cli {
namespace {

constexpr char kFindingsTrailer[] = "sluice-findings-bin";  // serialized sluice.v1.FindingList
constexpr char kFindingsPayload[] = "type.googleapis.com/sluice.v1.FindingList";
constexpr int kMaxMetadata = 1 << 20;
constexpr int kMaxMessage = 64 << 20;  // a page of a thousand products with their schemas
constexpr size_t kMaxCa = 1 << 20;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLastPause{1000};
constexpr std::chrono::milliseconds kPatience{5000};  // with a server that cannot be reached

std::chrono::milliseconds Jittered(std::chrono::milliseconds pause) {
  static thread_local std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<int64_t> around(pause.count() / 2, pause.count());
  return std::chrono::milliseconds(around(random));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const sluice::internal::v1::CliContext& context) {
  grpc::SslCredentialsOptions tls;
  if (!context.ca().empty()) {
    absl::StatusOr<std::string> ca = manifest::ReadLocalFile(context.ca(), kMaxCa);
    if (!ca.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("cannot read the CA {}: {}", context.ca(), std::string(ca.status().message())));
    }
    tls.pem_root_certs = *std::move(ca);
  }
  absl::StatusOr<std::string> token = ReadToken(context);
  if (!token.ok()) return token.status();
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::SslCredentials(tls);
  if (!token->empty())
    credentials = grpc::CompositeChannelCredentials(credentials, grpc::AccessTokenCredentials(*token));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(context.endpoint(), credentials, arguments);
}

absl::Status Client::Convert(const grpc::Status& status, const grpc::ClientContext& context) const {
  if (status.ok()) return absl::OkStatus();
  std::string message = status.error_message();
  auto code = static_cast<absl::StatusCode>(status.error_code());
  if (code == absl::StatusCode::kUnavailable)
    message = fmt::format("cannot reach {}: {}", options_.name, message);
  if (code == absl::StatusCode::kDeadlineExceeded)
    message = fmt::format("{} did not answer in time", options_.name);
  absl::Status converted(code, message);
  auto [first, last] = context.GetServerTrailingMetadata().equal_range(kFindingsTrailer);
  if (first != last) {
    converted.SetPayload(kFindingsPayload,
                         absl::Cord(absl::string_view(first->second.data(), first->second.size())));
  }
  return converted;
}

absl::Status Client::Repeat(const std::function<grpc::Status(grpc::ClientContext&)>& attempt) const {
  auto start = std::chrono::steady_clock::now();
  std::chrono::milliseconds pause = kFirstPause;
  std::chrono::milliseconds waited{0};
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + options_.timeout - waited);
    grpc::Status status = attempt(context);
    std::chrono::milliseconds next = Jittered(pause);
    waited = std::max(waited + next, std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::steady_clock::now() - start));
    bool again = status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                 waited < std::min(kPatience, options_.timeout);
    if (!again) return Convert(status, context);
    options_.sleep(next);
    pause = std::min(pause * 2, kLastPause);
  }
}

sluice::v1::FindingList FindingsOf(const absl::Status& status) {
  sluice::v1::FindingList findings;
  if (auto payload = status.GetPayload(kFindingsPayload)) findings.ParseFromString(std::string(*payload));
  return findings;
}

std::string NewRequestId() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

}  // namespace sluice::cli
