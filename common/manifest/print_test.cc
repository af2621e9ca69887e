// What is printed can be read again, and is the same.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "common/manifest/manifest.h"
#include "common/wire/fill.h"

namespace sluice::manifest {
namespace {

using google::protobuf::util::MessageDifferencer;

absl::StatusOr<std::string> NoFile(const std::string&, size_t) { return absl::NotFoundError("no such file"); }

// Parses one printed resource and compares.
void ExpectReadBack(const std::string& printed, const sluice::v1::Resource& resource) {
  Parsed parsed = ParseManifests(printed, "printed.yaml", NoFile);
  for (const Problem& problem : parsed.problems) ADD_FAILURE() << Format(problem) << "\n" << printed;
  ASSERT_EQ(parsed.documents.size(), 1u) << printed;
  std::string report;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  EXPECT_TRUE(differencer.Compare(resource, parsed.documents[0].resource)) << report << printed;
}

TEST(Print, EveryKindIsReadBackTheSame) {
  for (int elements : {1, 2, 5}) {
    for (const sluice::v1::Resource& resource : wire::FilledResources(elements)) {
      ExpectReadBack(PrintYaml(resource), resource);
      ExpectReadBack(PrintJson(resource, Fields::kInput), resource);
    }
  }
}

TEST(Print, AnyTextIsReadBackTheSame) {
  for (const char* text : {"a",
                           "no",
                           "1.10",
                           "0777",
                           "null",
                           "~",
                           "true",
                           "",
                           " a",
                           "a ",
                           "a: b",
                           "a #b",
                           "#a",
                           "{0}|{1}",
                           "- a",
                           "a\nb",
                           "a\nb\n",
                           "a\n\nb\n",
                           "a\n\n",
                           "\na",
                           " a\nb",
                           "a \n b\n",
                           "a\n  b\n    c\n",
                           "{\n  \"x\": 1\n}\n",
                           "tab\there\nb",
                           "\"q\"",
                           "it's",
                           "group:x",
                           "x:",
                           "@a",
                           "`a",
                           "%a",
                           "!a",
                           "&a",
                           "*a",
                           "?a",
                           "|",
                           ">",
                           "2027-06-30",
                           "1e3",
                           "0x1F",
                           "Käse チーズ 🧀",
                           "a\\b",
                           "a\r\nb",
                           "---",
                           "---\na\n---\n",
                           "[a, b]",
                           "a, b",
                           "-1",
                           "-",
                           "-a",
                           "- 1",
                           "key: |\n  x\n",
                           "\xE2\x80\xA8"
                           "a\nb",
                           "=",
                           "<<"}) {
    sluice::v1::Resource resource;
    resource.mutable_customer()->set_name("c");
    resource.mutable_customer()->set_title(text);
    if (std::string_view(text).find_first_of("\n\r") == std::string_view::npos && *text != '\0') {
      (*resource.mutable_customer()->mutable_labels())[text] = text;
    }
    resource.mutable_customer()->add_presence()->add_environments(text);
    ExpectReadBack(PrintYaml(resource), resource);
    ExpectReadBack(PrintJson(resource, Fields::kInput), resource);
  }
}

TEST(Print, LeavesOutWhatTheServerWrites) {
  sluice::v1::Resource resource;
  resource.mutable_cluster()->set_name("eu-prod");
  resource.mutable_cluster()->set_etag("abc");
  resource.mutable_cluster()->mutable_meta()->set_revision(7);
  resource.mutable_cluster()->mutable_status()->set_connected(true);
  EXPECT_EQ(PrintYaml(resource), "kind: Cluster\nname: eu-prod\netag: abc\n");
  EXPECT_EQ(PrintJson(resource, Fields::kInput),
            "{\n  \"kind\": \"Cluster\",\n  \"name\": \"eu-prod\",\n  \"etag\": \"abc\"\n}");
  EXPECT_NE(PrintJson(resource, Fields::kAll).find("\"connected\": true"), std::string::npos);
}

TEST(Print, ReadsWellToPeople) {
  sluice::v1::Resource resource;
  auto* product = resource.mutable_data_product();
  product->set_name("f-and-r.demand-forecast");
  product->set_description("Daily, for each product.");
  product->set_ownership(sluice::v1::DataProduct::OWNERSHIP_BROADCASTING);
  product->add_owners("app:plan");
  product->mutable_contact()->set_channel("#fr");
  product->mutable_customers()->set_all(true);
  product->mutable_expects()->set_rate(50);
  product->mutable_expects()->set_size(2048);
  product->mutable_expects()->mutable_freshness()->set_seconds(5);
  auto* version = product->add_versions();
  version->set_major(1);
  version->set_sunset("2027-06-30");
  version->mutable_schema()->set_text("{\n  \"type\": \"object\"\n}\n");
  auto* stream = version->add_streams();
  stream->set_suffix("events");
  stream->mutable_key()->add_fields("/data/lines/*/id");
  (*stream->mutable_config())["retention.ms"] = "604800000";
  (*(*stream->mutable_overrides())["prod"].mutable_config())["min.insync.replicas"] = "2";
  EXPECT_EQ(PrintYaml(resource), R"(kind: DataProduct
name: f-and-r.demand-forecast
description: Daily, for each product.
ownership: BROADCASTING
owners: [app:plan]
contact:
  channel: "#fr"
customers:
  all: true
expects:
  rate: 50/s
  size: 2KiB
  freshness: 5s
versions:
- major: 1
  sunset: "2027-06-30"
  schema:
    text: |
      {
        "type": "object"
      }
  streams:
  - suffix: events
    key:
      fields: [/data/lines/*/id]
    config:
      retention.ms: 7d
    overrides:
      prod:
        config:
          min.insync.replicas: 2
)");
}

TEST(Print, ConfigsAreInPeoplesUnitsWhereThatIsShorterAndExact) {
  sluice::v1::Resource resource;
  auto& config = *resource.mutable_environment()->mutable_defaults()->mutable_config();
  const std::map<std::string, std::string> entries = {{"a.ms", "604800000"}, {"b.ms", "9223372036854775807"},
                                                      {"c.ms", "-1"},        {"d.bytes", "1048576"},
                                                      {"e.bytes", "7"},      {"f", "604800000"},
                                                      {"g.ms", "soon"},      {"h.ms", "0"}};
  config.insert(entries.begin(), entries.end());
  EXPECT_EQ(
      PrintYaml(resource),
      "kind: Environment\ndefaults:\n  config:\n    a.ms: 7d\n    b.ms: 9223372036854775807\n    c.ms: -1\n"
      "    d.bytes: 1MiB\n    e.bytes: 7\n    f: 604800000\n    g.ms: soon\n    h.ms: 0\n");
}

TEST(PrintJson, NumbersAreNumbersAndTimesAreRfc3339) {
  sluice::v1::Resource resource;
  resource.mutable_cluster()->mutable_limits()->set_acls(int64_t{1} << 40);
  resource.mutable_cluster()->mutable_status()->mutable_last_seen()->set_seconds(1'700'000'000);
  std::string json = PrintJson(resource, Fields::kAll);
  EXPECT_NE(json.find("\"acls\": 1099511627776"), std::string::npos) << json;
  EXPECT_NE(json.find("\"last_seen\": \"2023-11-14T22:13:20Z\""), std::string::npos) << json;
}

}  // namespace
}  // namespace sluice::manifest
