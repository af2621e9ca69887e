// Assess against testdata/assess/*.test. Expectations of a case:
//   by user:ann group:plan-team           an author (more lines: more authors; default: user:stranger)
//   roles none                            the server's configuration gives roles to nobody
//   class ACCESS                          required
//   needs RULE | ROLE | group:a user:b    every requirement, in any order; nobody: `| -`
//   affects mobile, plan                  applications; left out: none
//   because TEXT                          part of a reason
//   justification                         the change needs one
//   schema CLASS 1 of 3                   of the one schema that changes: consumers that break, and all of
//   them impact mobile breaks : TEXT           breaks, undecided, concerned or none, and part of the reason;
//   with `schema` everybody edit KIND /data/field                 one of the differences refused
//   confluent-strict : TEXT       a refusal to come, as warning; with `schema` every one
#include "common/core/assess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "common/core/testing/golden.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

const std::map<std::string, ChangeClass> kClasses = {
    {"CONFIG", ChangeClass::kConfig},           {"OPERATION", ChangeClass::kOperation},
    {"ONBOARDING", ChangeClass::kOnboarding},   {"ACCESS", ChangeClass::kAccess},
    {"COMPATIBLE", ChangeClass::kCompatible},   {"NEW_PRODUCT", ChangeClass::kNewProduct},
    {"COORDINATED", ChangeClass::kCoordinated}, {"DELETION", ChangeClass::kDeletion},
    {"BREAKING", ChangeClass::kBreaking}};

RoleHolders Roles() {
  return {{Role::kReviewBoard, {"group:ii-sig"}},
          {Role::kDataProductsTeam, {"group:dp-team"}},
          {Role::kPlatformOperator, {"group:platform"}},
          {Role::kAuditor, {"group:audit"}}};
}

std::vector<std::string> Words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Person ParsePerson(const std::string& line) {
  Person person;
  for (const std::string& word : Words(line)) {
    if (word.rfind("user:", 0) == 0) person.subject = word.substr(5);
    if (word.rfind("group:", 0) == 0) person.groups.push_back(word.substr(6));
  }
  return person;
}

struct Expected {
  std::vector<Person> authors;
  RoleHolders roles = Roles();
  std::optional<ChangeClass> change_class;
  std::vector<std::string> needs, because;
  std::vector<std::string> affects;
  bool justification = false;
  std::vector<std::string> schema, impacts, edits, refusals;
};

Expected Parse(const std::vector<std::string>& lines) {
  Expected expected;
  for (const std::string& line : lines) {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = word.size() < line.size() ? line.substr(word.size() + 1) : "";
    if (word == "by")
      expected.authors.push_back(ParsePerson(rest));
    else if (word == "roles")
      expected.roles.clear();
    else if (word == "class")
      expected.change_class = kClasses.at(rest);
    else if (word == "needs")
      expected.needs.push_back(rest);
    else if (word == "because")
      expected.because.push_back(rest);
    else if (word == "justification")
      expected.justification = true;
    else if (word == "schema")
      expected.schema.push_back(rest);
    else if (word == "impact")
      expected.impacts.push_back(rest);
    else if (word == "edit")
      expected.edits.push_back(rest);
    else if (word == "refused")
      expected.refusals.push_back(rest);
    else if (word == "affects") {
      std::string names = rest;
      std::replace(names.begin(), names.end(), ',', ' ');
      expected.affects = Words(names);
    } else {
      ADD_FAILURE() << "no such expectation: " << line;
    }
  }
  if (expected.authors.empty()) expected.authors.push_back({"stranger", {}});
  return expected;
}

std::string Show(const Requirement& requirement) {
  std::string text = Cat(requirement.rule, " | ", requirement.role, " |");
  for (const std::string& person : requirement.any_of) text += " " + person;
  return requirement.any_of.empty() ? text + " -" : text;
}

std::string ClassName(ChangeClass change_class) {
  for (const auto& [name, value] : kClasses) {
    if (value == change_class) return name;
  }
  return "?";
}

// `expected` lines are `subject : part of the text`, in any order; every one of `got` has its line.
void CheckLines(const std::vector<std::string>& expected,
                std::vector<std::pair<std::string, std::string>> got) {
  for (const std::string& line : expected) {
    const size_t colon = line.find(" : ");
    const std::string subject = line.substr(0, colon);
    const std::string text = colon == std::string::npos ? "" : line.substr(colon + 3);
    const auto at =
        std::find_if(got.begin(), got.end(), [&](const auto& one) { return one.first == subject; });
    if (at == got.end()) {
      ADD_FAILURE() << "missing: " << line;
      continue;
    }
    EXPECT_THAT(at->second, HasSubstr(text));
    got.erase(at);
  }
  for (const auto& [subject, text] : got) ADD_FAILURE() << "not expected: " << subject << " : " << text;
}

void CheckSchema(const Expected& expected, const Assessment& assessment) {
  if (expected.schema.empty()) return;
  ASSERT_EQ(assessment.schema_changes.size(), 1u);
  const SchemaChange& change = assessment.schema_changes[0];
  EXPECT_EQ(Cat(ClassName(change.change_class), " ", change.consumers_broken, " of ", change.consumers_total),
            expected.schema[0]);
  static const std::map<SchemaImpact::Effect, std::string> kEffects = {
      {SchemaImpact::Effect::kNone, "none"},
      {SchemaImpact::Effect::kBreaks, "breaks"},
      {SchemaImpact::Effect::kUndecided, "undecided"},
      {SchemaImpact::Effect::kConcerned, "concerned"}};
  std::vector<std::pair<std::string, std::string>> impacts, refusals;
  for (const SchemaImpact& impact : change.impacts) {
    impacts.emplace_back(Cat(impact.application, " ", kEffects.at(impact.effect)), impact.reason);
    EXPECT_EQ(impact.reason.empty(), impact.effect == SchemaImpact::Effect::kNone) << impact.application;
  }
  CheckLines(expected.impacts, impacts);
  for (const Finding& warning : assessment.warnings) {
    EXPECT_EQ(warning.rule, "registry-refuses");
    EXPECT_EQ(warning.severity, Severity::kWarning);
    const size_t kind = warning.message.find("kind ") + 5;
    refusals.emplace_back(warning.message.substr(kind, warning.message.find(' ', kind) - kind),
                          warning.message + " => " + warning.remedy);
  }
  CheckLines(expected.refusals, refusals);
  std::vector<std::string> edits;
  for (const SchemaEdit& edit : change.edits) edits.push_back(Cat(edit.kind, " ", edit.field));
  for (const std::string& edit : expected.edits) EXPECT_THAT(edits, testing::Contains(edit));
}

void Check(const GoldenCase& golden) {
  SCOPED_TRACE(Cat(golden.place, ": ", golden.name));
  const Expected expected = Parse(golden.expected);
  const Assessment assessment = Assess(golden.before, Apply(golden.before, golden.edits, 2), golden.edits,
                                       expected.authors, {expected.roles});
  ASSERT_TRUE(expected.change_class.has_value()) << "say the class";
  EXPECT_EQ(assessment.change_class, *expected.change_class);
  std::vector<std::string> needs;
  for (const Requirement& requirement : assessment.required) {
    needs.push_back(Show(requirement));
    EXPECT_FALSE(requirement.reason.empty());
    EXPECT_FALSE(requirement.resource.empty());
    EXPECT_EQ(requirement.any_of.empty(), requirement.reason.find("names nobody") != std::string::npos)
        << requirement.reason;
  }
  EXPECT_THAT(needs, UnorderedElementsAreArray(expected.needs));
  EXPECT_EQ(assessment.affected, expected.affects);
  EXPECT_EQ(assessment.needs_justification, expected.justification);
  std::string reasons;
  for (const std::string& reason : assessment.reasons) reasons += reason + "\n";
  for (const std::string& because : expected.because) EXPECT_THAT(reasons, HasSubstr(because));
  CheckSchema(expected, assessment);
}

class AssessGolden : public testing::TestWithParam<const char*> {};

TEST_P(AssessGolden, Cases) {
  const std::vector<GoldenCase> cases =
      ReadGoldenCases(Cat("assess/", std::string_view(GetParam()), ".test"));
  EXPECT_GE(cases.size(), 10u);
  for (const GoldenCase& golden : cases) Check(golden);
}

INSTANTIATE_TEST_SUITE_P(Files, AssessGolden,
                         testing::Values("platform", "access", "products", "schemas", "versions"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Owners, ApplicationsStandForTheirOwners) {
  const Catalog world = GoldenWorld();
  EXPECT_THAT(ExpandOwners({"user:ann", "app:plan", "app:ghost", "group:plan-team", "app:mobile"}, world),
              ElementsAre("user:ann", "group:plan-team", "group:mobile-team"));
}

TEST(Owners, APersonIsOneByNameOrGroup) {
  const Catalog world = GoldenWorld();
  EXPECT_TRUE(IsOneOf({"ann", {}}, {"user:ann"}, world));
  EXPECT_TRUE(IsOneOf({"bob", {"plan-team"}}, {"app:plan"}, world));
  EXPECT_FALSE(IsOneOf({"plan-team", {"ann"}}, {"app:plan", "user:ann"}, world));
  EXPECT_FALSE(IsOneOf({"", {""}}, {"user:", "group:"}, world));
  EXPECT_FALSE(IsOneOf({"ann", {"plan"}}, {"app:plan"}, world));
}

}  // namespace
}  // namespace sluice::core
