// What a change of a schema asks for, through the handlers: who must agree, what is shown and kept.
#include <algorithm>

#include "controlplane/services/changes/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Change;

core::DataProduct WithSchema(const std::string& text, int32_t meaning = 0) {
  core::DataProduct product = MakeProduct(kProduct);
  product.versions[0].schema->text = text;
  product.versions[0].schema->meaning = meaning;
  return product;
}

core::Grant Using(const std::string& application, const std::vector<std::string>& fields) {
  core::Grant grant = MakeGrant(kProduct, application);
  grant.access[0].uses.fields = fields;
  return grant;
}

std::vector<std::string> Roles(const Change& change) {
  std::vector<std::string> roles;
  for (const v1::Requirement& requirement : change.requirements()) roles.push_back(requirement.role());
  return roles;
}

constexpr char kMore[] = R"({"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}}})";
constexpr char kOtherType[] = R"({"type":"object","properties":{"x":{"type":"integer"}}})";

class SchemaChanges : public Changes {
 protected:
  SchemaChanges() {
    EXPECT_EQ(Propose(olga, Proposal({MakeApplication("analytics")})).state(), Change::STATE_RELEASED);
    EXPECT_EQ(Propose(pia, Proposal({Using("mobile", {"/data/x"})})).state(), Change::STATE_RELEASED);
    EXPECT_EQ(Propose(pia, Proposal({Using("analytics", {"/data/z", "/id"})})).state(),
              Change::STATE_RELEASED);
  }
  Change Preview(const Caller& caller, v1::ProposeChangeRequest request) {
    request.set_validate_only(true);
    return Propose(caller, request);
  }
  const Caller ann = MakeCaller("ann", {"analytics"});
};

TEST_F(SchemaChanges, WhatHurtsNobodyIsReleasedAtOnceAndSaysWhoGoesOn) {
  const Change change = Propose(pia, Proposal({WithSchema(kMore)}));
  EXPECT_EQ(change.state(), Change::STATE_RELEASED);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_COMPATIBLE);
  EXPECT_THAT(change.affected(), IsEmpty());
  const Change kept = Read(change.name());
  ASSERT_THAT(kept.schema_changes(), SizeIs(1)) << "as it was when it was released";
  const v1::SchemaChange& schema = kept.schema_changes(0);
  EXPECT_EQ(schema.resource(), "dataproduct/f-and-r.forecast");
  EXPECT_EQ(schema.major(), 1);
  EXPECT_EQ(schema.class_(), v1::CHANGE_CLASS_COMPATIBLE);
  EXPECT_EQ(schema.consumers_total(), 2);
  EXPECT_EQ(schema.consumers_broken(), 0);
  ASSERT_THAT(schema.impacts(), SizeIs(2));
  EXPECT_EQ(schema.impacts(0).effect(), v1::SchemaImpact::EFFECT_NONE);
  EXPECT_THAT(schema.verdicts(), SizeIs(4));
  ASSERT_THAT(schema.edits(), SizeIs(1));
  EXPECT_EQ(schema.edits(0).field(), "/data/y");
  EXPECT_THAT(schema.predictions(), SizeIs(2));
}

TEST_F(SchemaChanges, OnlyThoseWhoUseTheFieldAreAsked) {
  const Change change = Propose(pia, Proposal({OtherSchema()}));
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_COORDINATED);
  EXPECT_THAT(Roles(change), ElementsAre("owner of mobile"));
  EXPECT_THAT(change.affected(), ElementsAre("app:mobile"));
  EXPECT_EQ(Approve(ann, change).status().code(), absl::StatusCode::kPermissionDenied);
  auto approved = Approve(mo, change);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), Change::STATE_RELEASED);
}

TEST_F(SchemaChanges, WhoDeclaresTheFieldMeanwhileIsAskedBeforeTheRelease) {
  const Change change = Propose(pia, Proposal({OtherSchema()}));
  ASSERT_THAT(Roles(change), ElementsAre("owner of mobile"));
  ASSERT_EQ(Propose(ann, Proposal({Using("analytics", {"/data/x"})})).state(), Change::STATE_RELEASED);
  auto approved = Approve(mo, change);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), Change::STATE_WAITING);
  approved = Approve(ann, change);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), Change::STATE_RELEASED);
}

TEST_F(SchemaChanges, WhatBreaksNeedsAJustificationTheBoardAndAnotherOwner) {
  v1::ProposeChangeRequest request = Proposal({WithSchema(kOtherType)});
  EXPECT_EQ(ProposeChange(As(pia), request).status().code(), absl::StatusCode::kInvalidArgument);
  request.set_justification("the field was always a number");
  const Change change = Propose(pia, request);
  EXPECT_EQ(change.state(), Change::STATE_WAITING);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_BREAKING);
  EXPECT_THAT(Roles(change), ElementsAre("review board", "owner of f-and-r.forecast"));
  ASSERT_THAT(change.schema_changes(), SizeIs(1));
  const v1::SchemaChange& schema = change.schema_changes(0);
  EXPECT_EQ(schema.consumers_broken(), 1);
  EXPECT_EQ(schema.consumers_total(), 2);
  for (const v1::SchemaImpact& impact : schema.impacts()) {
    const bool broken = impact.application() == "mobile";
    EXPECT_EQ(impact.effect(), broken ? v1::SchemaImpact::EFFECT_BREAKS : v1::SchemaImpact::EFFECT_NONE);
    EXPECT_EQ(impact.witness().empty(), !broken) << impact.application();
  }
  ASSERT_FALSE(schema.breaks().empty());
  EXPECT_THAT(schema.breaks(0).witness(), HasSubstr("\"x\""));
  const auto refusal = std::find_if(change.findings().begin(), change.findings().end(),
                                    [](const auto& finding) { return finding.rule() == "registry-refuses"; });
  ASSERT_NE(refusal, change.findings().end()) << "registries refuse it, which is told";
  EXPECT_EQ(refusal->field(), "versions[0].schema.text");
  EXPECT_EQ(refusal->severity(), v1::SEVERITY_WARNING);

  EXPECT_EQ(Approve(mo, change).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Approve(pia, change).status().code(), absl::StatusCode::kPermissionDenied) << "its author";
  ASSERT_TRUE(Approve(rita, change).ok());
  auto last = Approve(pete, change);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->state(), Change::STATE_RELEASED);
}

TEST_F(SchemaChanges, AChangeOfMeaningIsBreakingAndPartOfTheDigest) {
  v1::ProposeChangeRequest request =
      Proposal({WithSchema(MakeProduct(kProduct).versions[0].schema->text, 1)});
  request.set_justification("grams from now on");
  const Change change = Propose(pia, request);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_BREAKING);
  EXPECT_THAT(Roles(change), ElementsAre("review board", "owner of f-and-r.forecast"));
  request = Proposal({WithSchema(MakeProduct(kProduct).versions[0].schema->text, 2)});
  request.set_justification("grams from now on");
  request.set_change(change.name());
  const Change edited = Propose(pia, request);
  EXPECT_NE(edited.digest(), change.digest());
  ASSERT_TRUE(Approve(rita, edited).ok());
  ASSERT_TRUE(Approve(pete, edited).ok());
  EXPECT_EQ(store->Current()->catalog.products.Find(kProduct)->versions[0].schema->meaning, 2);
  auto falls = ProposeChange(As(pia), Proposal({WithSchema(kMore, 1)}));
  EXPECT_EQ(falls.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SchemaChanges, APreviewSaysWhatTheChangeWillSay) {
  for (const core::DataProduct& product : {WithSchema(kMore), OtherSchema(), WithSchema(kOtherType)}) {
    v1::ProposeChangeRequest request = Proposal({product});
    request.set_justification("a test");
    const Change preview = Preview(mo, request);
    const Change change = Propose(mo, request);
    ASSERT_EQ(change.state(), Change::STATE_WAITING);
    ASSERT_THAT(preview.schema_changes(), SizeIs(1));
    ASSERT_THAT(change.schema_changes(), SizeIs(1));
    EXPECT_EQ(wire::Serialize(preview.schema_changes(0)), wire::Serialize(change.schema_changes(0)));
    EXPECT_EQ(Roles(preview), Roles(change));
    EXPECT_EQ(preview.class_(), change.class_());
  }
}

TEST_F(SchemaChanges, WaitingChangesAreFoundByTheProductThatTheyEdit) {
  const Change waiting = Propose(mo, Proposal({OtherSchema()}));
  const Change other = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  ASSERT_EQ(other.state(), Change::STATE_WAITING);
  v1::ListChangesRequest request;
  request.set_resource("dataproduct/f-and-r.forecast");
  auto found = ListChanges(As(mo), request);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_THAT(found->changes(), SizeIs(1));
  EXPECT_EQ(found->changes(0).name(), waiting.name());
  EXPECT_THAT(found->changes(0).schema_changes(), IsEmpty()) << "lists are short";
  ASSERT_TRUE(Approve(pia, waiting).ok());
  EXPECT_THAT(ListChanges(As(mo), request)->changes(), IsEmpty()) << "released";
  request.set_resource("dataproduct/f-and-r.orders");
  request.set_state(Change::STATE_RELEASED);
  EXPECT_THAT(ListChanges(As(mo), request)->changes(), IsEmpty()) << "it waits";
  request.set_resource(std::string(2000, 'x'));
  EXPECT_EQ(ListChanges(As(mo), request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sluice::controlplane
