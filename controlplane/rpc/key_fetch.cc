// FetchKeys and CheckKeyUrl of key_source.h.
#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <mutex>

#include "controlplane/rpc/key_source.h"

namespace sluice::controlplane {
namespace {

constexpr long kConnectMs = 5'000, kWholeMs = 10'000;

struct Answer {
  std::string body;
  bool too_big = false;
};

size_t OnData(const char* data, size_t one, size_t count, void* user) {
  Answer& answer = *static_cast<Answer*>(user);
  if (answer.body.size() + one * count > kMaxKeySetBytes) {
    answer.too_big = true;
    return 0;
  }
  answer.body.append(data, one * count);
  return one * count;
}

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

void Prepare(CURL* curl, const KeyUrl& from, Answer& answer, char* sentence) {
  curl_easy_setopt(curl, CURLOPT_URL, from.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // the configured host alone is trusted
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kWholeMs);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, sentence);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnData);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, nullptr);  // nothing to unpack: what is sent is what counts
  if (!from.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, from.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
}

}  // namespace

absl::Status CheckKeyUrl(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  const bool good = url.size() > kScheme.size() && url.compare(0, kScheme.size(), kScheme) == 0 &&
                    url[kScheme.size()] != '/' && url.find_first_of(" \t\r\n@") == std::string::npos;
  if (good) return absl::OkStatus();
  // Not repeated: it may hold a password.
  return absl::InvalidArgumentError(
      "tokens.jwks_url is an https:// address without credentials, because whoever can change the answer can "
      "be "
      "anybody");
}

absl::StatusOr<std::shared_ptr<const KeySet>> FetchKeys(const KeyUrl& from) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  if (curl == nullptr) return absl::UnavailableError("no memory for a request");
  Answer answer;
  std::array<char, CURL_ERROR_SIZE> sentence{};
  Prepare(curl.get(), from, answer, sentence.data());
  const CURLcode code = curl_easy_perform(curl.get());
  if (answer.too_big) return absl::InvalidArgumentError(fmt::format("{} is larger than 1 MiB", from.url));
  if (code != CURLE_OK) {
    return absl::UnavailableError(fmt::format(
        "the key set cannot be fetched from {} ({}); check the address, tokens.jwks_ca and the network",
        from.url, sentence[0] != '\0' ? sentence.data() : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return absl::UnavailableError(
        fmt::format("{} answers with HTTP status {} (200 wanted); check tokens.jwks_url", from.url, status));
  }
  return KeySet::Parse(answer.body, from.url);
}

}  // namespace sluice::controlplane
