// What librdkafka's and Kafka's error codes mean to us.
#include <fmt/format.h>

#include "agent/kafka/rd.h"

namespace sluice::agent::kafka {
namespace {

absl::StatusCode CodeOf(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return absl::StatusCode::kDeadlineExceeded;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
    case RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS:
      return absl::StatusCode::kUnavailable;
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return absl::StatusCode::kResourceExhausted;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return absl::StatusCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return absl::StatusCode::kAlreadyExists;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID:
    case RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return absl::StatusCode::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_INVALID_PRINCIPAL_TYPE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
      return absl::StatusCode::kFailedPrecondition;
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return absl::StatusCode::kUnimplemented;
    case RD_KAFKA_RESP_ERR__DESTROY:
      return absl::StatusCode::kCancelled;
    default:
      return absl::StatusCode::kInternal;
  }
}

// Whether it failed before the request was sent. librdkafka says so in words only: `Failed while` or `Timed out`, and
// what it was doing (rd_kafka_admin_state_desc). Other words would make an outcome unknown that was none, which is safe.
bool NeverSent(std::string_view sentence) {
  constexpr std::string_view kBegins[] = {"Failed while ", "Timed out "};
  constexpr std::string_view kBefore[] = {"waiting for controller", "waiting for broker", "waiting for a valid list",
                                          "constructing request", "initializing"};
  for (const std::string_view begin : kBegins) {
    if (sentence.substr(0, begin.size()) != begin) continue;
    const std::string_view doing = sentence.substr(begin.size());
    for (const std::string_view state : kBefore) {
      if (doing.substr(0, state.size()) == state) return true;
    }
  }
  return false;
}

Answer AnswerOf(rd_kafka_resp_err_t code, std::string_view sentence) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Answer::kDone;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__DESTROY:
      return NeverSent(sentence) ? Answer::kNotSent : Answer::kUnknown;
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN:
      return Answer::kUnknown;
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return Answer::kNotSent;
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return Answer::kRetry;
    default:
      return CodeOf(code) == absl::StatusCode::kUnavailable ? Answer::kRetry : Answer::kRefused;
  }
}

}  // namespace

absl::Status ToStatus(rd_kafka_resp_err_t code, std::string_view sentence) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  if (sentence.empty()) sentence = rd_kafka_err2str(code);
  const std::string text = fmt::format("{}: {}", rd_kafka_err2name(code), sentence);
  return absl::Status(CodeOf(code), absl::string_view(text.data(), text.size()));
}

absl::Status ToStatus(const rd_kafka_error_t* error) {
  return error == nullptr ? absl::OkStatus()
                          : ToStatus(rd_kafka_error_code(error), rd_kafka_error_string(error));
}

Reply ToReply(const rd_kafka_error_t* error) {
  if (error == nullptr) return {Answer::kDone, absl::OkStatus(), false};
  return ToReply(rd_kafka_error_code(error), rd_kafka_error_string(error));
}

Reply ToReply(rd_kafka_resp_err_t code, const char* sentence) {
  const std::string_view text = sentence == nullptr ? std::string_view() : std::string_view(sentence);
  return Reply{AnswerOf(code, text), ToStatus(code, text), code == RD_KAFKA_RESP_ERR_POLICY_VIOLATION};
}

}  // namespace sluice::agent::kafka
