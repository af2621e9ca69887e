// Reads of the whole approved state of a cluster, and of where a product's values come from, on the real
// store.
#include "common/crypto/sha256.h"
#include "controlplane/services/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Approved : public ServicesTest {
 protected:
  std::vector<v1::ApprovedSlice> All(const std::string& cluster, int page_size) {
    v1::ListApprovedSlicesRequest request;
    request.set_cluster(cluster);
    request.set_page_size(page_size);
    std::vector<v1::ApprovedSlice> slices;
    do {
      const auto page = ListApprovedSlices(As(auditor), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return slices;
      EXPECT_LE(page->slices_size(), page_size);
      slices.insert(slices.end(), page->slices().begin(), page->slices().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return slices;
  }

  absl::StatusCode CodeFor(const Caller& caller, const std::string& cluster) {
    v1::ListApprovedSlicesRequest request;
    request.set_cluster(cluster);
    return ListApprovedSlices(As(caller), request).status().code();
  }
};

TEST_F(Approved, EveryPageSizeTellsTheSameInTheOrderOfKeys) {
  const std::vector<v1::ApprovedSlice> slices = All("eu-prod", 100);
  std::vector<std::string> keys;
  for (const v1::ApprovedSlice& slice : slices) keys.push_back(slice.slice().key());
  EXPECT_THAT(keys, ElementsAre("application/mobile", "application/plan", kAcmeSlice, kBravoSlice));
  const std::vector<v1::ApprovedSlice> one_by_one = All("eu-prod", 1);
  ASSERT_THAT(one_by_one, SizeIs(slices.size()));
  for (size_t i = 0; i < slices.size(); ++i) {
    EXPECT_EQ(wire::Serialize(slices[i]), wire::Serialize(one_by_one[i]));
    EXPECT_EQ(slices[i].digest(), Sha256Hex(wire::Serialize(slices[i].slice())));
    EXPECT_EQ(slices[i].generation(), 1);
  }
}

TEST_F(Approved, OnlyOperatorsAndAuditors) {
  EXPECT_EQ(CodeFor(auditor, "eu-prod"), absl::StatusCode::kOk);
  EXPECT_EQ(CodeFor(olga, "eu-prod"), absl::StatusCode::kOk);
  for (const Caller& caller : {nobody, pia, dora, rita, dana}) {
    EXPECT_EQ(CodeFor(caller, "eu-prod"), absl::StatusCode::kPermissionDenied) << caller.subject;
    EXPECT_EQ(CodeFor(caller, "ghost"), absl::StatusCode::kPermissionDenied) << caller.subject;
  }
  EXPECT_EQ(CodeFor(auditor, "ghost"), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeFor(auditor, ""), absl::StatusCode::kInvalidArgument);
}

TEST_F(Approved, WhatTheAgentMadeIsOwnedByItsSliceOnItsClusterOnly) {
  v1::ReportStatusRequest report;
  report.set_cluster("eu-prod");
  report.set_incarnation("one");
  report.set_sequence(1);
  report.set_full(true);
  report.add_owned()->set_name(kAcmeTopic);
  report.mutable_owned(0)->set_topic_id("abc");
  report.add_owned()->set_name("bravo.f-and-r.forecast.forecast.events");  // only intended
  report.add_owned()->set_name("forgotten");
  report.add_owned_subjects(std::string(kAcmeTopic) + "-value");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  const std::vector<v1::ApprovedSlice> slices = All("eu-prod", 100);
  ASSERT_THAT(slices, SizeIs(4));
  EXPECT_THAT(slices[1].owned_topics(), IsEmpty());
  ASSERT_THAT(slices[2].owned_topics(), SizeIs(1));
  EXPECT_EQ(slices[2].owned_topics(0).topic_id(), "abc");
  EXPECT_THAT(slices[2].owned_subjects(), ElementsAre(std::string(kAcmeTopic) + "-value"));
  ASSERT_THAT(slices[3].owned_topics(), SizeIs(1));
  EXPECT_EQ(slices[3].owned_topics(0).topic_id(), "");
  EXPECT_THAT(slices[3].owned_subjects(), IsEmpty());
  for (const v1::ApprovedSlice& slice : All("us-prod", 100)) EXPECT_THAT(slice.owned_topics(), IsEmpty());
}

TEST_F(Approved, AbsencesBelongToTheSliceAndGoneSlicesAreNotListed) {
  ASSERT_TRUE(store.Release({Put(MakeGrant("f-and-r.forecast", "mobile"))}, "C-1").ok());
  ASSERT_TRUE(store.Release({Delete(MakeGrant("f-and-r.forecast", "mobile"))}, "C-2").ok());
  const std::vector<v1::ApprovedSlice> slices = All("eu-prod", 100);
  ASSERT_THAT(slices, SizeIs(4));
  ASSERT_THAT(slices[2].slice().absences(), SizeIs(1));
  EXPECT_EQ(slices[2].slice().absences(0).change(), "C-2");
  EXPECT_GT(slices[2].generation(), 1);
}

TEST_F(Approved, ReservedPrincipalsAreTold) {
  core::Cluster cluster = MakeCluster("eu");
  cluster.reserved_principals = {"admin", "mirror"};
  ASSERT_TRUE(store.Release({Put(cluster)}).ok());
  v1::ListApprovedSlicesRequest request;
  request.set_cluster("eu-prod");
  const auto page = ListApprovedSlices(As(auditor), request);
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->reserved_principals(), ElementsAre("admin", "mirror"));
  EXPECT_EQ(page->revision(), store->Current()->revision);
}

TEST_F(Approved, EverybodyMayHaveAProductExplained) {
  core::DataProduct product = MakeProduct("f-and-r.forecast");
  product.versions[0].streams[0].overrides["prod"].config["retention.ms"] = "5";
  ASSERT_TRUE(store.Release({Put(product)}).ok());
  v1::ExplainProductRequest request;
  request.set_name("f-and-r.forecast");
  const auto response = ExplainProduct(As(nobody), request);
  ASSERT_TRUE(response.ok()) << response.status();
  int found = 0;
  for (const v1::ExplainedValue& value : response->values()) {
    if (value.field() != "versions[0].streams[0].config.retention.ms") continue;
    ++found;
    EXPECT_EQ(value.environment(), "prod");
    EXPECT_EQ(value.value(), "5");
    EXPECT_EQ(value.origin(), "override for prod");
  }
  EXPECT_EQ(found, 1);
  request.set_name("f-and-r.ghost");
  EXPECT_EQ(ExplainProduct(As(nobody), request).status().code(), absl::StatusCode::kNotFound);
  request.set_name("");
  EXPECT_EQ(ExplainProduct(As(nobody), request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sluice::controlplane
