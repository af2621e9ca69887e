// 500 subjects registered from an empty registry, beside the same HTTP calls over one kept connection.
#include <curl/curl.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "agent/registry/http.h"
#include "agent/registry/messages.h"
#include "tests/bench/agent_run.h"
#include "tests/bench/bench.h"
#include "tests/bench/directory.h"
#include "tests/bench/estate.h"
#include "tests/bench/kafka_benchmarks.h"
#include "tests/bench/raw_kafka.h"

namespace sluice::bench {
namespace {

constexpr int kSubjects = 500;

size_t Swallow(const char*, size_t one, size_t size, void*) { return one * size; }

// One connection, kept open.
class RawRegistry {
 public:
  explicit RawRegistry(const agent::RegistryOptions& options) : url_(options.url), curl_(curl_easy_init()) {
    headers_ = curl_slist_append(headers_, "Content-Type: application/vnd.schemaregistry.v1+json");
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Swallow);
  }
  ~RawRegistry() {
    curl_easy_cleanup(curl_);
    curl_slist_free_all(headers_);
  }
  void Send(const char* method, const std::string& path, const std::string& body) {
    curl_easy_setopt(curl_, CURLOPT_URL, (url_ + path).c_str());
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    long code = 0;
    const CURLcode sent = curl_easy_perform(curl_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &code);
    if (sent != CURLE_OK || code >= 300)
      Fail(fmt::format("{} {}: {} {}", method, path, curl_easy_strerror(sent), code));
  }

 private:
  const std::string url_;
  CURL* curl_;
  curl_slist* headers_ = nullptr;
};

void DeleteSubjects(const Estate& estate) {
  RawRegistry registry(Registry());
  for (const core::Subject& subject : estate.Subjects()) {
    const std::string path = "/subjects/" + agent::registry::Encode(subject.name);
    registry.Send("DELETE", path, "");
  }
}

}  // namespace

void Subjects(Report& report) {
  const Estate all = MakeEstate("s", kSubjects, WithSubjects::kYes);
  Estate estate;  // the subjects alone
  for (const core::Slice& slice : all.slices) {
    core::Slice bare;
    bare.key = slice.key;
    bare.subjects = slice.subjects;
    estate.slices.push_back(std::move(bare));
  }
  Pairs answered;
  double seen = 0;
  const auto ours = [&] {
    const Directory directory;
    WriteCache(estate, directory.path());
    const auto began = std::chrono::steady_clock::now();
    AgentRun agent(directory.path(), std::chrono::hours(24), /*registry=*/true);
    agent.RunOnce();
    answered.ours.push_back(
        std::chrono::duration<double>(agent.registry_requests().LastMutation() - began).count());
    agent.Start();
    agent.WaitInSync();
    seen = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    DeleteSubjects(estate);
    return 0.0;
  };
  const auto raw = [&] {
    answered.baseline.push_back(Seconds([&] {
      RawRegistry registry(Registry());
      for (const core::Subject& subject : estate.Subjects())
        registry.Send("PUT", "/config/" + agent::registry::Encode(subject.name),
                      agent::registry::LevelBody(subject.level));
      for (const core::Subject& subject : estate.Subjects())
        registry.Send("POST", "/subjects/" + agent::registry::Encode(subject.name) + "/versions",
                      agent::registry::SchemaBody(subject));
    }));
    DeleteSubjects(estate);
    return 0.0;
  };
  (void)report.Interleave(ours, raw);
  report.Add(TimesAtMost("500 subjects with a level each, empty registry, last answer", answered, "s", 1.2));
  report.Add(Shown("the same, until all were looked at again", seen, "s"));
}

}  // namespace sluice::bench
