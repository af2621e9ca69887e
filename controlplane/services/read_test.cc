// Reads of definitions with their status, lookups and the audit log, on the real store.
#include "controlplane/services/audit.h"
#include "controlplane/services/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kProduct[] = "f-and-r.forecast";

class Reads : public ServicesTest {
 protected:
  v1::DataProduct Product(v1::ProductView view = v1::PRODUCT_VIEW_BASIC) {
    v1::GetDataProductRequest request;
    request.set_name(kProduct);
    request.set_view(view);
    auto product = GetDataProduct(As(nobody), request);
    EXPECT_TRUE(product.ok()) << product.status();
    return *product;
  }

  int64_t Generation(const std::string& cluster, const std::string& key) {
    auto slices = store->ListSlices(cluster, key);
    EXPECT_TRUE(slices.ok() && slices->size() == 1);
    return slices->front().slice.generation;
  }

  // The agent of eu-prod says that acme's slice is in `state` and bravo's in sync.
  void Report(v1::SyncState state, const std::string& message) {
    v1::ReportStatusRequest report;
    report.set_cluster("eu-prod");
    report.set_incarnation("one");
    report.set_sequence(1);
    report.set_full(true);
    for (const char* key : {kAcmeSlice, kBravoSlice}) {
      v1::SliceReport& slice = *report.add_slices();
      slice.set_key(key);
      slice.set_generation(Generation("eu-prod", key));
      slice.set_applied_generation(slice.generation());
      slice.set_state(v1::SYNC_STATE_IN_SYNC);
    }
    v1::SliceReport& acme = *report.mutable_slices(0);
    acme.set_state(state);
    if (!message.empty()) {
      v1::Condition& condition = *acme.add_conditions();
      condition.set_type("Blocked");
      condition.set_status(v1::Condition::STATUS_TRUE);
      condition.set_resource(std::string("topic ") + kAcmeTopic);
      condition.set_message(message);
    }
    report.add_foreign("topic strangers");
    report.set_foreign_observed(true);
    const absl::Status status = store.Report("eu-prod", report);
    EXPECT_TRUE(status.ok()) << status;
  }
};

TEST_F(Reads, DefinitionsHaveEtagsAndMetadata) {
  v1::GetDomainRequest request;
  request.set_name("f-and-r");
  const auto domain = GetDomain(As(nobody), request);
  ASSERT_TRUE(domain.ok()) << domain.status();
  EXPECT_THAT(domain->owners(), ElementsAre("group:fr-leads"));
  EXPECT_EQ(domain->meta().revision(), 1);
  EXPECT_EQ(domain->meta().change(), "C-0");
  EXPECT_EQ(domain->etag(), "1");
}

TEST_F(Reads, WhatIsNotThereIsNotFoundAndBadNamesAreRefused) {
  v1::GetDomainRequest request;
  request.set_name("nothing");
  EXPECT_EQ(GetDomain(As(nobody), request).status().code(), absl::StatusCode::kNotFound);
  for (const std::string& name : {std::string(), std::string(513, 'x')}) {
    request.set_name(name);
    EXPECT_EQ(GetDomain(As(nobody), request).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(Reads, EveryKindIsListed) {
  const Context context = As(nobody);
  EXPECT_THAT(ListEnvironments(context, {})->environments(), SizeIs(1));
  EXPECT_THAT(ListCategories(context, {})->categories(), SizeIs(1));
  EXPECT_THAT(ListDomains(context, {})->domains(), SizeIs(1));
  EXPECT_THAT(ListCustomers(context, {})->customers(), SizeIs(2));
  EXPECT_THAT(ListApplications(context, {})->applications(), SizeIs(2));
  EXPECT_THAT(ListClusters(context, {})->clusters(), SizeIs(2));
  EXPECT_THAT(ListDataProducts(context, {})->data_products(), SizeIs(1));
  EXPECT_THAT(ListGrants(context, {})->grants(), IsEmpty());
}

TEST_F(Reads, PagesGoOnByName) {
  std::vector<core::Edit> more;
  for (int i = 0; i < 5; ++i)
    more.push_back(Put(core::Category{.name = "c" + std::to_string(i), .title = ""}));
  ASSERT_TRUE(store.Release(more).ok());
  v1::ListCategoriesRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto page = ListCategories(As(nobody), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Category& category : page->categories()) names.push_back(category.name());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("c0", "c1", "c2", "c3", "c4", "forecast"));
  EXPECT_EQ(pages, 3);
  request.set_page_size(-1);
  EXPECT_EQ(ListCategories(As(nobody), request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Reads, GrantsAreFilteredByProductAndApplication) {
  ASSERT_TRUE(store
                  .Release({Put(MakeProduct("f-and-r.forecast2")), Put(MakeGrant(kProduct, "mobile")),
                            Put(MakeGrant(kProduct, "plan")), Put(MakeGrant("f-and-r.forecast2", "mobile"))})
                  .ok());
  auto names = [&](const std::string& product, const std::string& application) {
    v1::ListGrantsRequest request;
    request.set_product(product);
    request.set_application(application);
    request.set_page_size(1);
    std::vector<std::string> found;
    do {
      const auto page = ListGrants(As(nobody), request);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const v1::Grant& grant : page->grants()) found.push_back(grant.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return found;
  };
  EXPECT_THAT(names(kProduct, ""), ElementsAre("f-and-r.forecast/mobile", "f-and-r.forecast/plan"));
  EXPECT_THAT(names("", "mobile"),
              UnorderedElementsAre("f-and-r.forecast/mobile", "f-and-r.forecast2/mobile"));
  EXPECT_THAT(names("f-and-r.forecast2", "plan"), IsEmpty());
}

TEST_F(Reads, AProductIsPendingUntilItsAgentsReport) {
  const v1::DataProduct product = Product();
  ASSERT_THAT(product.status(), SizeIs(2));
  const v1::ProductStatus& eu = product.status(0);
  EXPECT_EQ(eu.cluster(), "eu-prod");
  EXPECT_EQ(eu.region(), "eu");
  EXPECT_EQ(eu.state(), v1::SYNC_STATE_PENDING);
  EXPECT_EQ(eu.slice_count(), 2);
  EXPECT_EQ(eu.topic_count(), 2);
  EXPECT_EQ(eu.subject_count(), 2);
  EXPECT_FALSE(eu.has_observed_time());
  EXPECT_THAT(eu.slices(), IsEmpty());
}

TEST_F(Reads, TheWorstSliceDecides) {
  Report(v1::SYNC_STATE_BLOCKED, "it exists already");
  const v1::DataProduct product = Product(v1::PRODUCT_VIEW_FULL);
  const v1::ProductStatus& eu = product.status(0);
  EXPECT_EQ(eu.state(), v1::SYNC_STATE_BLOCKED);
  EXPECT_EQ(eu.attention(), std::string("topic ") + kAcmeTopic + ": it exists already");
  EXPECT_TRUE(eu.has_observed_time());
  ASSERT_THAT(eu.slices(), SizeIs(2));
  EXPECT_THAT(eu.slices(0).topics(), ElementsAre(kAcmeTopic));
  EXPECT_EQ(eu.slices(1).state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(product.status(1).state(), v1::SYNC_STATE_PENDING);
}

TEST_F(Reads, AReportOfAnOlderGenerationIsPending) {
  Report(v1::SYNC_STATE_IN_SYNC, "");
  EXPECT_EQ(Product().status(0).state(), v1::SYNC_STATE_IN_SYNC);
  core::DataProduct changed = MakeProduct(kProduct);
  changed.versions[0].streams[0].config["retention.ms"] = "1000000";
  ASSERT_TRUE(store.Release({Put(changed)}).ok());
  EXPECT_EQ(Product().status(0).state(), v1::SYNC_STATE_PENDING);
  EXPECT_EQ(Product().status(0).attention(), "its agent has not applied it yet");
}

TEST_F(Reads, ClustersShowWhatTheirAgentsSaid) {
  Report(v1::SYNC_STATE_BLOCKED, "it exists already");
  v1::GetClusterRequest request;
  request.set_name("eu-prod");
  const auto cluster = GetCluster(As(nobody), request);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const v1::ClusterStatus& status = cluster->status();
  EXPECT_TRUE(status.connected());
  EXPECT_TRUE(status.has_last_seen());
  EXPECT_EQ(status.partitions(), 2);
  EXPECT_EQ(status.slices_in_sync(), 1);
  EXPECT_GE(status.slices(), 2);
  EXPECT_THAT(status.foreign(), ElementsAre("topic strangers"));
  request.set_name("us-prod");
  const auto other = GetCluster(As(nobody), request);
  EXPECT_FALSE(other->status().connected());
  EXPECT_FALSE(other->status().has_last_seen());
}

TEST_F(Reads, ApplicationsHaveTheirOwnSlicesOnly) {
  ASSERT_TRUE(store.Release({Put(MakeGrant(kProduct, "mobile"))}).ok());
  core::Application longer = MakeApplication("mobile-2");
  ASSERT_TRUE(store.Release({Put(longer)}).ok());
  v1::GetApplicationRequest request;
  request.set_name("mobile");
  const auto application = GetApplication(As(nobody), request);
  ASSERT_TRUE(application.ok()) << application.status();
  ASSERT_THAT(application->status(), SizeIs(2));
  for (const v1::SliceStatus& slice : application->status()) EXPECT_EQ(slice.key(), "application/mobile");
}

TEST_F(Reads, WhoKnowsTopicsSubjectsPrincipalsAndGroups) {
  ASSERT_TRUE(store.Release({Put(MakeGrant(kProduct, "mobile"))}, "C-9").ok());
  auto who = [&](const std::string& name) {
    v1::WhoRequest request;
    request.set_name(name);
    const auto response = Who(As(nobody), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::WhoResponse();
  };
  const v1::WhoResponse topic = who(kAcmeTopic);
  ASSERT_THAT(topic.results(), SizeIs(1));
  EXPECT_EQ(topic.results(0).type(), "topic");
  EXPECT_EQ(topic.results(0).product(), kProduct);
  EXPECT_EQ(topic.results(0).customer(), "acme");
  EXPECT_EQ(topic.results(0).major(), 1);
  EXPECT_THAT(topic.results(0).owners(), ElementsAre("app:plan"));
  EXPECT_THAT(topic.results(0).consumers(), ElementsAre("mobile"));
  EXPECT_THAT(topic.results(0).producers(), IsEmpty());
  EXPECT_EQ(topic.results(0).last_change(), "C-0");
  EXPECT_THAT(topic.results(0).status(), SizeIs(1));
  EXPECT_EQ(who(std::string(kAcmeTopic) + "-value").results(0).type(), "subject");
  const v1::WhoResponse principal = who("User:mobile-eu");
  ASSERT_THAT(principal.results(), SizeIs(1));
  EXPECT_EQ(principal.results(0).application(), "mobile");
  EXPECT_EQ(principal.results(0).cluster(), "eu-prod");
  EXPECT_THAT(principal.results(0).access(), ElementsAre("f-and-r.forecast CONSUMER"));
  EXPECT_THAT(who("mobile.workers").results(), SizeIs(2));  // a group, and a transactional id
}

TEST_F(Reads, WhoDoesNotGuess) {
  for (const char* name :
       {"nobody", "acme.f-and-r.forecast.forecast.other", "ghost.f-and-r.forecast.forecast.events",
        "acme.f-and-r.forecast.forecast.v1.events", "acme.f-and-r.other.forecast.events"}) {
    v1::WhoRequest request;
    request.set_name(name);
    EXPECT_EQ(Who(As(nobody), request).status().code(), absl::StatusCode::kNotFound) << name;
  }
}

class AuditReads : public Reads {
 protected:
  AuditReads() {
    Propose(pia, Proposal({core::Category{.name = "by-pia", .title = ""}}));
    Propose(mo, Proposal({core::Category{.name = "by-mo", .title = ""}}));
  }

  std::vector<std::string> Messages(const Caller& caller, const v1::AuditFilter& filter = {}) {
    v1::ListAuditEntriesRequest request;
    *request.mutable_filter() = filter;
    const auto response = ListAuditEntries(As(caller), request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> names;
    for (const v1::AuditEntry& entry : response->entries())
      names.push_back(entry.action() + " " + entry.actor_name());
    return names;
  }
};

TEST_F(AuditReads, HoldersOfRolesSeeEverything) {
  for (const Caller& caller : {auditor, olga, dana, rita}) {
    EXPECT_THAT(Messages(caller), ElementsAre("change.proposed Display mo", "change.proposed Display pia",
                                              HasSubstr("released")));
  }
}

TEST_F(AuditReads, OthersSeeWhatTheyDidThemselves) {
  EXPECT_THAT(Messages(pia), ElementsAre("change.proposed Display pia"));
  EXPECT_THAT(Messages(nobody), IsEmpty());
  v1::AuditFilter others;
  others.set_actor("Display mo");
  EXPECT_THAT(Messages(pia, others), IsEmpty());
  EXPECT_THAT(Messages(auditor, others), ElementsAre("change.proposed Display mo"));
}

// A display name is no identity: somebody who takes another's sees nothing of theirs.
TEST_F(AuditReads, NamesAuthorizeNothing) {
  Caller impostor = nobody;
  impostor.display_name = "Display pia";
  v1::AuditFilter filter;
  filter.set_actor("Display pia");
  EXPECT_THAT(Messages(impostor, filter), IsEmpty());
}

TEST_F(AuditReads, FiltersByChange) {
  v1::AuditFilter filter;
  filter.set_change("C-2");
  EXPECT_THAT(Messages(auditor, filter), ElementsAre("change.proposed Display mo"));
  filter.set_change(std::string(600, 'x'));
  v1::ListAuditEntriesRequest request;
  *request.mutable_filter() = filter;
  EXPECT_EQ(ListAuditEntries(As(auditor), request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sluice::controlplane
