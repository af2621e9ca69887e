// approve, inbox, get, describe, audit against a control plane that answers as the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/testing.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;

TEST(Approve, WithoutATerminalWantsTheWholeDigest) {
  Bench bench;
  v1::ApproveChangeRequest sent;
  bench.server.approve = [&](grpc::ServerContext*, const v1::ApproveChangeRequest& request,
                             v1::Change* change) {
    sent = request;
    *change = Waiting();
    change->set_state(v1::Change::STATE_RELEASED);
    return grpc::Status::OK;
  };
  EXPECT_EQ(bench.Run({"approve", "C-41"}, "y\n").code, kInvalid);
  EXPECT_EQ(bench.Run({"approve", "C-41", "--digest", "aaaa"}).code, kInvalid);
  EXPECT_EQ(sent.name(), "");
  Ran ran = bench.Run({"approve", "C-41", "--digest", std::string(64, 'b')});
  EXPECT_EQ(ran.code, kDone);
  EXPECT_EQ(ran.out, "C-41 approved, released\n");
  EXPECT_EQ(sent.digest(), std::string(64, 'b'));
}

TEST(Approve, OnATerminalShowsAsksAndSendsTheDigestOfWhatItShowed) {
  Bench bench;
  bench.in_is_terminal = true;
  v1::ApproveChangeRequest sent;
  bench.server.get_change = [](grpc::ServerContext*, const v1::GetChangeRequest&, v1::Change* change) {
    *change = Waiting();
    return grpc::Status::OK;
  };
  bench.server.approve = [&](grpc::ServerContext*, const v1::ApproveChangeRequest& request,
                             v1::Change* change) {
    sent = request;
    *change = Waiting();
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"approve", "C-41"}, "n\n");
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_EQ(sent.name(), "");
  ran = bench.Run({"approve", "C-41"}, "y\n");
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Approve C-41 as review board? [y/N] C-41 approved; still needs "
                                 "group:ii-sig and group:fr-leads\n"));
  EXPECT_THAT(ran.out, HasSubstr("+ topic acme.f-and-r.forecast.demand-forecast.events"));
  EXPECT_EQ(sent.digest(), std::string(64, 'a'));
}

TEST(Inbox, IsATableOrNames) {
  Bench bench;
  bench.server.list_changes = [](grpc::ServerContext*, const v1::ListChangesRequest& request,
                                 v1::ListChangesResponse* response) {
    EXPECT_TRUE(request.needs_me());
    *response->add_changes() = Waiting();
    response->mutable_changes(0)->mutable_update_time()->set_seconds(1'795'305'600 - 50 * 3600);
    return grpc::Status::OK;
  };
  EXPECT_EQ(bench.Run({"inbox"}).out,
            "NEEDS YOU  AS            WHAT                         SINCE\n"
            "C-41       review board  f-and-r.demand-forecast new  2 d\n");
  EXPECT_EQ(bench.Run({"inbox", "-o", "name"}).out, "C-41\n");
}

v1::DataProduct Product(const std::string& name) {
  v1::DataProduct product;
  product.set_name(name);
  product.set_etag("e1");
  product.set_ownership(v1::DataProduct::OWNERSHIP_BROADCASTING);
  product.add_owners("app:plan");
  product.add_versions()->set_major(1);
  for (const char* region : {"eu", "us"}) {
    v1::ProductStatus* status = product.add_status();
    status->set_cluster(std::string(region) + "-prod");
    status->set_region(region);
    status->set_state(region[0] == 'e' ? v1::SYNC_STATE_BLOCKED : v1::SYNC_STATE_IN_SYNC);
    if (region[0] == 'e') status->set_attention("RF 3 > 1 broker");
  }
  return product;
}

TEST(Get, ListsEveryPageAsATable) {
  Bench bench;
  bench.products.list = [](grpc::ServerContext*, const v1::ListDataProductsRequest& request,
                           v1::ListDataProductsResponse* response) {
    bool first = request.page_token().empty();
    *response->add_data_products() = Product(first ? "a.first" : "b.second");
    if (first) response->set_next_page_token("next");
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"get", "products"});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_EQ(ran.out,
            "NAME      OWNERSHIP     OWNERS    VERSIONS  EU       US       ATTENTION\n"
            "a.first   BROADCASTING  app:plan  1         blocked  in sync  eu-prod: RF 3 > 1 broker\n"
            "b.second  BROADCASTING  app:plan  1         blocked  in sync  eu-prod: RF 3 > 1 broker\n");
  EXPECT_EQ(bench.Run({"get", "dp", "-o", "name"}).out, "a.first\nb.second\n");
  EXPECT_THAT(bench.Run({"get", "products", "-o", "yaml"}).out,
              HasSubstr("---\nkind: DataProduct\nname: b.second\netag: e1\n"));
}

TEST(Get, OneIsAnObjectInJsonWithItsStatus) {
  Bench bench;
  bench.products.get = [](grpc::ServerContext*, const v1::GetDataProductRequest& request,
                          v1::DataProduct* product) {
    if (request.name() != "a.b")
      return grpc::Status(grpc::StatusCode::NOT_FOUND, "no product " + request.name());
    *product = Product("a.b");
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"get", "product", "a.b", "-o", "json"});
  EXPECT_THAT(ran.out, testing::StartsWith("{\n  \"kind\": \"DataProduct\",\n  \"name\": \"a.b\""));
  EXPECT_THAT(ran.out, HasSubstr("\"state\": \"BLOCKED\""));
  ran = bench.Run({"get", "product", "a.x", "a.b", "-o", "name"});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_EQ(ran.out, "a.b\n");
  EXPECT_EQ(ran.err, "error: no product a.x\n");
  EXPECT_THAT(bench.Run({"describe", "product", "a.b"}).out,
              HasSubstr("status\n  eu-prod (eu, )  blocked: RF 3 > 1 broker"));
  EXPECT_THAT(bench.Run({"get", "prodcts"}).err, HasSubstr("did you mean products?"));
}

v1::AuditEntry Entry(int64_t seq) {
  v1::AuditEntry entry;
  entry.set_seq(seq);
  entry.mutable_time()->set_seconds(1'795'305'600 + seq);
  entry.set_actor("p-1");
  entry.set_actor_name("Ann");
  entry.set_action("change.approved");
  entry.set_message("approved C-" + std::to_string(seq));
  return entry;
}

TEST(AuditQuery, PagesUpToTheLimitAndFilters) {
  Bench bench;
  bench.audit.list = [](grpc::ServerContext*, const v1::ListAuditEntriesRequest& request,
                        v1::ListAuditEntriesResponse* response) {
    EXPECT_EQ(request.filter().change(), "C-1");
    EXPECT_EQ(request.filter().start_time().seconds(), 1'795'305'600 - 2 * 86400);
    EXPECT_EQ(request.page_size(), request.page_token().empty() ? 2 : 1);
    *response->add_entries() = Entry(request.page_token().empty() ? 9 : 8);
    response->set_next_page_token("more");
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"audit", "query", "--change", "C-1", "--since", "2d", "--limit", "2"});
  EXPECT_EQ(ran.out,
            "SEQ  TIME (UTC)           WHO  ACTION           WHAT\n"
            "9    2026-11-22 00:00:09  Ann  change.approved  approved C-9\n"
            "8    2026-11-22 00:00:08  Ann  change.approved  approved C-8\n");
  EXPECT_EQ(bench.Run({"audit", "query", "--since", "yesterday"}).code, kInvalid);
}

TEST(AuditTail, GoesOnBehindTheLastEntryWhenTheControlPlaneRestarts) {
  Bench bench;
  bench.audit.list = [](grpc::ServerContext*, const v1::ListAuditEntriesRequest&,
                        v1::ListAuditEntriesResponse* response) {
    *response->add_entries() = Entry(10);
    *response->add_entries() = Entry(9);
    return grpc::Status::OK;
  };
  std::vector<int64_t> starts;
  bench.audit.tail = [&](const v1::TailAuditEntriesRequest& request,
                         grpc::ServerWriter<v1::TailAuditEntriesResponse>* writer) {
    starts.push_back(request.start_seq());
    v1::TailAuditEntriesResponse response;
    *response.mutable_entry() = Entry(request.start_seq());
    writer->Write(response);
    return starts.size() < 3 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting")
                             : grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no auditor any more");
  };
  Ran ran = bench.Run({"audit", "tail"});
  EXPECT_EQ(ran.code, kDenied);
  EXPECT_THAT(starts, testing::ElementsAre(11, 12, 13));
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 5);
  EXPECT_THAT(ran.out, testing::StartsWith(
                           "2026-11-22 00:00:09  change.approved     Ann               approved C-9\n"));
}

}  // namespace
}  // namespace sluice::cli
