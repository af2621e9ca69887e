// Validate against testdata/validate/*.test. An expectation is `ok` (nothing at all), or one line for each
// finding:
//   error|warning RULE FIELD [: text of the message] [=> text of the remedy]
// FIELD is `-` for the whole resource, `#1 FIELD` for the second edit. Findings that no line expects fail the
// case.
#include "common/core/validate.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/testing/golden.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

struct Expected {
  std::string severity, rule, field, message, remedy;
  size_t edit = 0;
};

std::string TakeUntil(std::string_view separator, std::string& text) {
  const size_t at = text.find(separator);
  std::string head = text.substr(0, at);
  text = at == std::string::npos ? "" : text.substr(at + separator.size());
  return head;
}

Expected Parse(std::string line) {
  Expected expected;
  std::string head = TakeUntil(" => ", line);
  expected.remedy = line;
  std::string place = TakeUntil(" : ", head);
  expected.message = head;
  expected.severity = TakeUntil(" ", place);
  expected.rule = TakeUntil(" ", place);
  if (!place.empty() && place[0] == '#') expected.edit = std::stoul(TakeUntil(" ", place).substr(1));
  expected.field = place == "-" ? "" : place;
  return expected;
}

std::string Show(const Finding& finding) {
  return Cat(finding.severity == Severity::kError ? "error " : "warning ", finding.rule, " ",
             finding.edit == 0 ? "" : Cat("#", finding.edit, " "),
             finding.field.empty() ? "-" : finding.field, " : ", finding.message, " => ", finding.remedy);
}

bool Fits(const Expected& expected, const Finding& finding) {
  return (expected.severity == "error") == (finding.severity == Severity::kError) &&
         expected.rule == finding.rule && expected.edit == finding.edit && expected.field == finding.field &&
         finding.message.find(expected.message) != std::string::npos &&
         finding.remedy.find(expected.remedy) != std::string::npos;
}

void Check(const GoldenCase& golden) {
  SCOPED_TRACE(Cat(golden.place, ": ", golden.name));
  std::vector<Finding> findings =
      Validate(golden.before, Apply(golden.before, golden.edits, 2), golden.edits);
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.message.empty()) << Show(finding);
    EXPECT_FALSE(finding.remedy.empty()) << Show(finding);
    EXPECT_EQ(finding.resource, ResourceName(golden.edits.at(finding.edit).definition));
  }
  ASSERT_FALSE(golden.expected.empty()) << "say 'ok' or what is expected";
  for (const std::string& line : golden.expected) {
    if (line == "ok") continue;
    const Expected expected = Parse(line);
    const auto at = std::find_if(findings.begin(), findings.end(),
                                 [&](const Finding& finding) { return Fits(expected, finding); });
    if (at == findings.end()) {
      ADD_FAILURE() << "missing: " << line;
    } else {
      findings.erase(at);
    }
  }
  for (const Finding& finding : findings) ADD_FAILURE() << "unexpected: " << Show(finding);
}

class ValidateGolden : public testing::TestWithParam<const char*> {};

TEST_P(ValidateGolden, Cases) {
  const std::vector<GoldenCase> cases =
      ReadGoldenCases(Cat("validate/", std::string_view(GetParam()), ".test"));
  EXPECT_GE(cases.size(), 10u);
  for (const GoldenCase& golden : cases) Check(golden);
}

INSTANTIATE_TEST_SUITE_P(Files, ValidateGolden,
                         testing::Values("platform", "tenants", "products", "streams", "schemas", "kept",
                                         "grants", "deletions"),
                         [](const auto& info) { return std::string(info.param); });

// The world itself is valid, so a case fails for what it changes and for nothing else.
TEST(Validate, TheWorldIsValid) {
  const Catalog world = GoldenWorld();
  std::vector<Edit> edits;
  const auto add = [&](const auto& table) {
    for (const auto& entry : table.entries()) edits.push_back({EditAction::kPut, *entry.value});
  };
  add(world.environments), add(world.categories), add(world.domains), add(world.customers),
      add(world.applications);
  add(world.clusters), add(world.products);
  for (const Finding& finding : Validate(world, world, edits)) ADD_FAILURE() << Show(finding);
  for (const Finding& finding : Validate(Catalog(), world, edits)) ADD_FAILURE() << Show(finding);
}

TEST(Validate, FindingsComeInTheOrderOfEditsAndFields) {
  Domain bad_owners{.name = "f-and-r", .title = "", .owners = {}};
  for (int i = 0; i < 12; ++i) bad_owners.owners.push_back("nobody" + std::to_string(i));
  const std::vector<Edit> edits = {{EditAction::kPut, bad_owners},
                                   {EditAction::kPut, Category{.name = "Bad", .title = ""}}};
  std::vector<std::string> places;
  for (const Finding& finding : Validate({}, Apply({}, edits, 1), edits))
    places.push_back(Cat(finding.edit, " ", finding.field));
  ASSERT_EQ(places.size(), 13u);
  EXPECT_EQ(places[2], "0 owners[2]");
  EXPECT_EQ(places[10], "0 owners[10]");
  EXPECT_EQ(places[12], "1 name");
}

TEST(Validate, FindingsOfOneEditAreBounded) {
  DataProduct product;
  product.name = "f-and-r.big";
  for (int v = 0; v < 50; ++v) {
    ProductVersion version;
    for (int s = 0; s < 20; ++s) version.streams.emplace_back().suffix = "UPPER";
    product.versions.push_back(version);
  }
  const std::vector<Edit> edits = {{EditAction::kPut, product}};
  EXPECT_EQ(Validate({}, Apply({}, edits, 1), edits).size(), 1000u);
}

}  // namespace
}  // namespace sluice::core
