#include "agent/kafka/connection.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/kafka/files.h"
#include "common/log/log.h"

namespace sluice::agent::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};             // how soon a flipped switch is noticed
constexpr milliseconds kGrace{2000};           // librdkafka's own timeout comes first
constexpr size_t kStack = size_t{256} << 20U;  // ACL answers are copied on the stack while they are parsed

// Gives threads that are started meanwhile a bigger stack (400,000 ACLs in one answer overflow 8 MB).
class BigStacks {
 public:
  BigStacks() {
    pthread_attr_t attributes;
    pthread_getattr_default_np(&attributes);
    pthread_attr_getstacksize(&attributes, &before_);
    Set(std::max(before_, kStack));
    pthread_attr_destroy(&attributes);
  }
  ~BigStacks() { Set(before_); }

 private:
  static void Set(size_t size) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, size);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
  }
  size_t before_ = 0;
};

void OnLog(const rd_kafka_t*, int, const char* facility, const char* text) {
  log::Debug("kafka client", {{"facility", facility}, {"text", text}});
}

// That all brokers are down only sums up: what was said of each before it tells why.
void OnError(rd_kafka_t*, int error, const char* reason, void* trouble) {
  if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) static_cast<Trouble*>(trouble)->Set(reason);
}

absl::Status Invalid(std::string_view text) {
  return absl::InvalidArgumentError(absl::string_view(text.data(), text.size()));
}

// A property that may hold a secret is named in an error; its value and librdkafka's sentence about it are
// not.
absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK)
    return absl::OkStatus();
  return Invalid(
      fmt::format("librdkafka has no property '{}' or does not accept its value; correct it", name));
}

// A broker that a quota makes wait answers first and then leaves the connection unread for so long.
void OnThrottle(rd_kafka_t*, const char*, int32_t, int milliseconds, void* trouble) {
  static_cast<Trouble*>(trouble)->Throttle(std::chrono::milliseconds(milliseconds));
}

bool UsesTokens(const KafkaOptions& options) {
  for (const char* name : {"sasl.mechanism", "sasl.mechanisms"}) {
    const auto found = options.properties.find(name);
    if (found != options.properties.end() && found->second == "OAUTHBEARER") return true;
  }
  return false;
}

}  // namespace

void StopSwitch::Flip() {
  std::lock_guard lock(mutex_);
  flipped_ = true;
  changed_.notify_all();
}

bool StopSwitch::flipped() const {
  std::lock_guard lock(mutex_);
  return flipped_;
}

bool StopSwitch::Wait(milliseconds time) const {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return flipped_; });
}

void Trouble::Set(std::string text) {
  std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string Trouble::text() const {
  std::lock_guard lock(mutex_);
  return text_;
}

void Trouble::Throttle(milliseconds time) {
  std::lock_guard lock(mutex_);
  throttled_until_ = std::chrono::steady_clock::now() + time;
}

Trouble::Steady Trouble::throttled_until() const {
  std::lock_guard lock(mutex_);
  return throttled_until_;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const KafkaOptions& options,
                                                             const StopSwitch& stop) {
  std::unique_ptr<Connection> connection(new Connection(options, stop));
  if (absl::Status status = connection->Start(); !status.ok()) return status;
  return connection;
}

absl::Status Connection::Start() {
  ConfPtr conf(rd_kafka_conf_new());
  if (absl::Status status = Configure(conf.get()); !status.ok()) return status;
  std::array<char, 512> sentence{};
  const BigStacks stacks;
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), sentence.data(), sentence.size());
  if (client_ == nullptr) {
    const bool secret = options_.properties.count("sasl.oauthbearer.config") > 0;
    return Invalid(
        fmt::format("librdkafka does not accept the Kafka configuration ({}); correct it",
                    secret ? "details withheld: it holds sasl.oauthbearer.config" : sentence.data()));
  }
  (void)conf.release();  // the client's now
  if (UsesTokens(options_)) {
    const ErrorPtr error(rd_kafka_sasl_background_callbacks_enable(client_));
    if (error != nullptr)
      return ToStatus(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get()));
  }
  return absl::OkStatus();
}

absl::Status Connection::Configure(rd_kafka_conf_t* conf) {
  std::map<std::string, std::string> properties = {
      {"bootstrap.servers", options_.bootstrap_servers},
      {"client.id", "sluice-agent"},
      {"allow.auto.create.topics", "false"},
      {"topic.metadata.refresh.interval.ms", "-1"},  // nothing is produced or consumed
      {"socket.timeout.ms", std::to_string(options_.request_timeout.count())},
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.ms", "100"},
      {"reconnect.backoff.max.ms", "1000"},  // a broker that is back is met at once
      {"log.connection.close", "false"},
  };
  const auto file = [&](const char* name, const std::string& path) {
    if (!path.empty()) properties[name] = path;
  };
  file("ssl.certificate.location", options_.certificate_file);
  file("ssl.key.location", options_.key_file);
  file("ssl.ca.location", options_.ca_file);
  if (!options_.certificate_file.empty() || !options_.ca_file.empty())
    properties["security.protocol"] = "ssl";
  for (const auto& [name, value] : options_.properties) properties[name] = value;
  for (const auto& [name, value] : properties) {
    if (absl::Status status = Set(conf, name, value); !status.ok()) return status;
  }
  rd_kafka_conf_set_log_cb(conf, &OnLog);
  rd_kafka_conf_set_error_cb(conf, &OnError);
  rd_kafka_conf_set_throttle_cb(conf, &OnThrottle);
  rd_kafka_conf_set_opaque(conf, &trouble_);
  if (UsesTokens(options_)) rd_kafka_conf_enable_sasl_queue(conf, 1);
  return absl::OkStatus();
}

Connection::~Connection() {
  if (client_ != nullptr) rd_kafka_destroy(client_);
}

OptionsPtr Connection::NewOptions(rd_kafka_admin_op_t operation) const {
  OptionsPtr options(rd_kafka_AdminOptions_new(client_, operation));
  const int timeout = static_cast<int>(options_.request_timeout.count());
  (void)rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, nullptr, 0);
  return options;
}

Finished Connection::Call(
    rd_kafka_admin_op_t operation,
    const std::function<void(rd_kafka_t*, rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send) {
  const absl::Status stopped = absl::CancelledError("stopped while the request was under way");
  if (stop_.flipped()) return {nullptr, {Answer::kNotSent, absl::CancelledError("stopped"), false}};
  const QueuePtr queue(rd_kafka_queue_new(client_));
  const OptionsPtr options = NewOptions(operation);
  send(client_, options.get(), queue.get());
  const auto give_up = std::chrono::steady_clock::now() + options_.request_timeout + kGrace;
  EventPtr event;
  while (event == nullptr) {
    rd_kafka_poll(client_, 0);  // serves the error callback
    event.reset(rd_kafka_queue_poll(queue.get(), static_cast<int>(kPoll.count())));
    if (event != nullptr) break;
    if (stop_.flipped()) return {nullptr, {Answer::kUnknown, stopped, false}};
    if (std::chrono::steady_clock::now() > give_up) {
      return {nullptr, Explain({Answer::kUnknown, absl::DeadlineExceededError("no answer"), false})};
    }
  }
  Reply failure = ToReply(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
  if (failure.answer == Answer::kDone) {
    trouble_.Set("");  // and not before: librdkafka says the same trouble only once in a while
    return {std::move(event), std::move(failure)};
  }
  rd_kafka_poll(client_, 0);
  // librdkafka says so in words only, and closes the connection.
  const bool too_big = rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__BAD_MSG &&
                       trouble_.text().find("receive.message.max.bytes") != std::string::npos;
  return {nullptr, Explain(std::move(failure)), too_big};
}

Reply Connection::Explain(Reply reply) const {
  const bool connecting = reply.answer == Answer::kNotSent || reply.answer == Answer::kUnknown;
  if (!connecting) return reply;
  const std::string_view said(reply.status.message().data(), reply.status.message().size());
  const std::string trouble = trouble_.text();
  const std::string expired = ExpiredCertificate(options_);
  const std::string text =
      fmt::format("Kafka does not answer at {} ({}{}{}); {}", options_.bootstrap_servers, said,
                  trouble.empty() ? "" : "; ", trouble,
                  expired.empty() ? "check the address, its certificates and the network" : expired);
  const absl::StatusCode code =
      reply.answer == Answer::kNotSent && reply.status.code() == absl::StatusCode::kDeadlineExceeded
          ? absl::StatusCode::kUnavailable
          : reply.status.code();
  reply.status = absl::Status(code, text);
  if (!expired.empty()) reply.status.SetPayload(kReasonPayload, absl::Cord("CertificateExpired"));
  return reply;
}

milliseconds Connection::Throttled() const {
  rd_kafka_poll(client_, 0);  // serves the callback
  const auto left = trouble_.throttled_until() - std::chrono::steady_clock::now();
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left));
}

absl::StatusOr<std::vector<std::string>> Connection::ListTopics() {
  const rd_kafka_metadata_t* bare = nullptr;
  const int timeout = static_cast<int>(options_.request_timeout.count());
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_, 1, nullptr, &bare, timeout);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Explain(ToReply(code, nullptr)).status;
  const std::unique_ptr<const rd_kafka_metadata_t, void (*)(const rd_kafka_metadata_t*)> metadata(
      bare, &rd_kafka_metadata_destroy);
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(metadata->topic_cnt));
  for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
  return names;
}

}  // namespace sluice::agent::kafka
