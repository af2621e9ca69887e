#include "agent/registry/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <utility>

namespace sluice::agent::registry {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2000};
constexpr int kTriesOfInternalErrors = 3;
constexpr std::chrono::seconds kMostQuiet{300};  // a server that wants more is asked all the same
constexpr size_t kMaxHeader = 2000;              // of the headers that are looked at

struct Transfer {
  std::string body;
  std::string date;
  bool too_big = false;
  const std::atomic<bool>* stopped = nullptr;
};

size_t OnData(const char* data, size_t one, size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (transfer.body.size() + size * one > kMaxResponse) {
    transfer.too_big = true;
    return 0;
  }
  transfer.body.append(data, size * one);
  return size * one;
}

size_t OnHeader(const char* data, size_t one, size_t size, void* user) {
  constexpr std::string_view kDate = "date:";
  const std::string_view line(data, size * one);
  const bool is_date = line.size() > kDate.size() && line.size() < kMaxHeader &&
                       std::equal(
                           kDate.begin(), kDate.end(), line.begin(),
                           [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  if (is_date) {
    const size_t begin = line.find_first_not_of(" \t", kDate.size());
    const size_t end = line.find_last_not_of(" \t\r\n");
    if (begin != std::string_view::npos && end >= begin)
      static_cast<Transfer*>(user)->date = line.substr(begin, end - begin + 1);
  }
  return size * one;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stopped->load() ? 1 : 0;
}

void InitializeOnce() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// Whether the same request may succeed later. Some servers say 500 to what they will never take.
bool IsTrouble(const absl::StatusOr<Response>& response, int tries) {
  if (!response.ok())
    return absl::IsUnavailable(response.status()) || absl::IsDeadlineExceeded(response.status());
  if (response->code == 500) return tries < kTriesOfInternalErrors;
  return response->code == 429 || (response->code > 501 && response->code < 600);
}

// Failures after which the server may have done what it was asked.
bool MayHaveArrived(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string Encode(const std::string& segment) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : segment) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return encoded;
}

// One easy handle with its connection.
class Http::Handle {
 public:
  Handle(const RegistryOptions& options, std::string stamp, const std::atomic<bool>& stopped);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  absl::StatusOr<Response> Send(const RegistryOptions& options, const Request& request, const Secret& secret);
  const std::string& stamp() const { return stamp_; }  // of the TLS files that it began with

 private:
  void Prepare(const Request& request, const std::string& url);
  void Show(const Secret& secret);
  Response Answer();
  absl::Status Failed(const RegistryOptions& options, CURLcode code) const;

  CURL* curl_;
  const std::string stamp_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> sentence_{};
  Transfer transfer_;
};

Http::Handle::Handle(const RegistryOptions& options, std::string stamp, const std::atomic<bool>& stopped)
    : curl_(curl_easy_init()), stamp_(std::move(stamp)) {
  transfer_.stopped = &stopped;
  for (const char* header : {"Content-Type: application/vnd.schemaregistry.v1+json",
                             "Accept: application/vnd.schemaregistry.v1+json, application/json", "Expect:"}) {
    headers_ = curl_slist_append(headers_, header);
  }
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, sentence_.data());
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &OnData);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &transfer_);
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &transfer_);
  curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, &transfer_);
  curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(options.request_timeout.count()));
  curl_easy_setopt(curl_, CURLOPT_TCP_KEEPALIVE, 1L);
  const auto file = [&](CURLoption option, const std::string& path) {
    if (!path.empty()) curl_easy_setopt(curl_, option, path.c_str());
  };
  file(CURLOPT_CAINFO, options.ca_file);
  file(CURLOPT_SSLCERT, options.certificate_file);
  file(CURLOPT_SSLKEY, options.key_file);
}

Http::Handle::~Handle() {
  curl_easy_cleanup(curl_);
  curl_slist_free_all(headers_);
}

void Http::Handle::Prepare(const Request& request, const std::string& url) {
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.body.empty()) {
    curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl_, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
  }
  transfer_.body.clear();
  transfer_.date.clear();
  transfer_.too_big = false;
  sentence_[0] = '\0';
}

void Http::Handle::Show(const Secret& secret) {
  const bool bearer = !secret.token.empty(), basic = !secret.username.empty();
  if (!bearer && !basic) return;
  curl_easy_setopt(curl_, CURLOPT_HTTPAUTH, bearer ? CURLAUTH_BEARER : CURLAUTH_BASIC);
  if (bearer) {
    curl_easy_setopt(curl_, CURLOPT_XOAUTH2_BEARER, secret.token.c_str());
  } else {
    curl_easy_setopt(curl_, CURLOPT_USERNAME, secret.username.c_str());
    curl_easy_setopt(curl_, CURLOPT_PASSWORD, secret.password.c_str());
  }
}

Response Http::Handle::Answer() {
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  curl_off_t after = 0;
  curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &after);
  const char* location = nullptr;
  curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &location);
  Response response;
  response.code = static_cast<int>(status);
  response.body = std::move(transfer_.body);
  response.location = location == nullptr ? "" : std::string(location).substr(0, kMaxHeader);
  response.date = std::move(transfer_.date);
  response.retry_after = std::min(std::chrono::seconds(std::max<curl_off_t>(after, 0)), kMostQuiet);
  return response;
}

absl::StatusOr<Response> Http::Handle::Send(const RegistryOptions& options, const Request& request,
                                            const Secret& secret) {
  Prepare(request, options.url + request.path);
  Show(secret);
  const CURLcode code = curl_easy_perform(curl_);
  if (code != CURLE_OK) return Failed(options, code);
  return Answer();
}

absl::Status Http::Handle::Failed(const RegistryOptions& options, CURLcode code) const {
  if (code == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError("stopped");
  if (transfer_.too_big) {
    return absl::ResourceExhaustedError(fmt::format("an answer of {} is over {} MiB; nothing of it was used",
                                                    options.url, kMaxResponse >> 20U));
  }
  const std::string text = fmt::format(
      "the registry does not answer at {} ({}); check the address, its certificates and the network",
      options.url, sentence_[0] != '\0' ? sentence_.data() : curl_easy_strerror(code));
  curl_off_t connected = 0;
  curl_easy_getinfo(curl_, CURLINFO_PRETRANSFER_TIME_T, &connected);
  const bool sent = connected > 0 && MayHaveArrived(code);
  return sent ? absl::DeadlineExceededError(text) : absl::UnavailableError(text);
}

Http::Http(RegistryOptions options) : options_(std::move(options)), credentials_(options_) {
  InitializeOnce();
}
Http::~Http() = default;

std::string Http::TlsStamp() const {
  return fmt::format("{} {} {}", StampOf(options_.ca_file), StampOf(options_.certificate_file),
                     StampOf(options_.key_file));
}

std::unique_ptr<Http::Handle> Http::Take() {
  std::string stamp = TlsStamp();
  {
    std::lock_guard lock(mutex_);
    if (stamp != tls_stamp_) idle_.clear();  // their connections show what was rotated away
    tls_stamp_ = stamp;
    if (!idle_.empty()) {
      std::unique_ptr<Handle> handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  return std::make_unique<Handle>(options_, std::move(stamp), stopped_);
}

void Http::Return(std::unique_ptr<Handle> handle) {
  std::lock_guard lock(mutex_);
  if (handle->stamp() == tls_stamp_) idle_.push_back(std::move(handle));
}

absl::StatusOr<Response> Http::SendOnce(const Request& request, const Secret& secret) {
  std::unique_ptr<Handle> handle = Take();
  absl::StatusOr<Response> response = handle->Send(options_, request, secret);
  Return(std::move(handle));
  return response;
}

absl::StatusOr<Response> Http::SendKnown(const Request& request) {
  const absl::StatusOr<Secret> secret = credentials_.Get();
  if (!secret.ok()) return secret.status();
  absl::StatusOr<Response> response = SendOnce(request, *secret);
  if (!response.ok() || response->code != 401) return response;
  const absl::StatusOr<Secret> again = credentials_.GetAgain();
  return again.ok() && *again != *secret ? SendOnce(request, *again) : std::move(response);
}

// Whether the time that the server asked for is over.
absl::Status Http::LeftAlone() {
  std::lock_guard lock(mutex_);
  const auto left = std::chrono::ceil<std::chrono::seconds>(quiet_until_ - Clock::now());
  if (left.count() <= 0) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("the registry at {} asked to be left alone for {} s more", options_.url, left.count()));
}

absl::StatusOr<Response> Http::Do(const Request& request, Effort effort) {
  if (absl::Status quiet = LeftAlone(); !quiet.ok()) return quiet;
  std::minstd_rand random(std::random_device{}());
  const Clock::time_point give_up =
      Clock::now() + (effort == Effort::kPatient ? options_.retry_time : milliseconds(0));
  milliseconds pause = kFirstPause;
  bool sent = false;  // at least once it may have arrived
  for (int tries = 1;; ++tries) {
    if (stopped_) return absl::CancelledError("stopped");
    absl::StatusOr<Response> response = SendKnown(request);
    sent = sent || (!response.ok() && absl::IsDeadlineExceeded(response.status()));
    const double jitter = std::uniform_real_distribution<double>(0.5, 1.5)(random);
    const milliseconds asked = response.ok() ? milliseconds(response->retry_after) : milliseconds(0);
    const auto wait = std::max(std::chrono::duration_cast<milliseconds>(pause * jitter), asked);
    const bool trouble = IsTrouble(response, tries);
    if (!trouble || Clock::now() + wait >= give_up || !Pause(wait)) {
      if (trouble && asked.count() > 0) {
        std::lock_guard lock(mutex_);
        quiet_until_ = Clock::now() + asked;
      }
      const bool unknown = sent && !response.ok() && absl::IsUnavailable(response.status());
      return unknown ? absl::DeadlineExceededError(response.status().message()) : response;
    }
    pause = std::min(pause * 2, kLongestPause);
  }
}

bool Http::Pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stop_.wait_for(lock, time, [this] { return stopped_.load(); });
}

void Http::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  stop_.notify_all();
}

}  // namespace sluice::agent::registry
