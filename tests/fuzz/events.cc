// Events: a value of a record under both profiles and in both modes, with and without the prefix. First line:
// the headers as `name=value` separated by spaces; the rest is the value.
#include "common/schema/event.h"
#include "tests/fuzz/schema_pair.h"
#include "tests/fuzz/target.h"

namespace schema = sluice::schema;
using sluice::fuzz::Require;

namespace {

std::vector<schema::KafkaHeader> HeadersFrom(std::string_view line) {
  std::vector<schema::KafkaHeader> headers;
  while (!line.empty() && headers.size() < 20) {
    const size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    const size_t equals = word.find('=');
    schema::KafkaHeader header{.name = std::string(word.substr(0, equals)), .value = std::nullopt};
    if (equals != std::string_view::npos) header.value = std::string(word.substr(equals + 1));
    headers.push_back(std::move(header));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return headers;
}

schema::EventContract Contract() {
  schema::EventContract contract;
  contract.schema = sluice::fuzz::SchemaFrom(
      R"({"type":"object","required":["id"],"properties":{"id":{"type":"string"},"n":{"type":"integer","minimum":1}}})");
  contract.types = {"com.example.made"};
  contract.key = schema::KeyRule{.fields = {"/data/id"}};
  contract.tombstones = schema::Tombstones::kAllowed;
  return contract;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const schema::EventContract contract = Contract();
  const auto [first, rest] = sluice::fuzz::SplitAtLine(sluice::fuzz::TextOf(data, size));
  schema::KafkaRecord record;
  record.headers = HeadersFrom(first);
  record.value = rest;
  record.key = "a";
  size_t errors[2] = {};
  for (const schema::Profile profile :
       {schema::Profile::kNone, schema::Profile::kCloudEvents, schema::Profile::kHouse}) {
    for (const schema::KeyCheck key : {schema::KeyCheck::kFields, schema::KeyCheck::kRecord}) {
      const schema::EventReport report = schema::CheckEvent(record, contract,
                                                            {.profile = profile,
                                                             .key = key,
                                                             .undeclared = schema::Undeclared::kWarned,
                                                             .formats = schema::Formats::kAsserted});
      Require(report.errors().size() <= schema::EventReport::kMost + 1, "reports are bounded");
      for (const schema::EventError& error : report.errors()) {
        Require(!error.rule.empty() && !error.message.empty(), "a problem has a rule and a sentence");
        Require(error.pointer.empty() || error.pointer.front() == '/', "a problem has a place");
      }
      errors[static_cast<size_t>(key)] = report.errors().size();
    }
    Require(errors[1] >= errors[0], "whoever compares the key as well finds no less");
  }
  return 0;
}
