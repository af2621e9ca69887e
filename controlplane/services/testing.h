// A control plane without its server for tests of handlers: the real store on a directory of its own, people
// with roles. Test only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/wire/wire.h"
#include "controlplane/services/context.h"
#include "controlplane/services/handlers.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {

inline Caller MakeCaller(const std::string& subject, const std::vector<std::string>& groups,
                         const std::set<core::Role>& roles = {}) {
  Caller caller;
  caller.issuer = "https://issuer.example";
  caller.subject = subject;
  caller.display_name = "Display " + subject;
  caller.groups = groups;
  caller.roles = roles;
  return caller;
}

class ServicesTest : public ::testing::Test {
 protected:
  // The world of store/testing.h is there at the start, released without a change.
  ServicesTest() { EXPECT_TRUE(store.Release(World(), "C-0").ok()); }

  Context As(const Caller& caller) { return {dependencies, caller}; }

  static sluice::v1::Edit PutEdit(const core::Definition& definition, const std::string& etag = "") {
    sluice::v1::Edit edit;
    *edit.mutable_resource() = wire::ToProto(definition);
    wire::SetEtag(*edit.mutable_resource(), etag);
    return edit;
  }
  static sluice::v1::Edit DeleteEdit(const core::Definition& definition) {
    sluice::v1::Edit edit = PutEdit(definition);
    edit.set_action(sluice::v1::Edit::ACTION_DELETE);
    return edit;
  }
  static sluice::v1::ProposeChangeRequest Proposal(const std::vector<core::Definition>& definitions) {
    sluice::v1::ProposeChangeRequest request;
    for (const core::Definition& definition : definitions) *request.add_edits() = PutEdit(definition);
    return request;
  }

  // The one change that came out; the test fails when there is another number of them.
  sluice::v1::Change Propose(const Caller& caller, const sluice::v1::ProposeChangeRequest& request) {
    auto response = ProposeChange(As(caller), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    EXPECT_EQ(response->changes_size(), 1);
    return response->changes_size() == 1 ? response->changes(0) : sluice::v1::Change();
  }
  absl::StatusOr<sluice::v1::Change> Approve(const Caller& caller, const sluice::v1::Change& change) {
    sluice::v1::ApproveChangeRequest request;
    request.set_name(change.name());
    request.set_digest(change.digest());
    return ApproveChange(As(caller), request);
  }
  sluice::v1::Change Read(const std::string& name) {
    sluice::v1::GetChangeRequest request;
    request.set_name(name);
    auto change = GetChange(As(auditor), request);
    EXPECT_TRUE(change.ok()) << change.status();
    return change.ok() ? *change : sluice::v1::Change();
  }

  // Actions of the audit log, oldest first, of one change or of all.
  std::vector<std::string> Actions(const std::string& change = "") {
    sluice::v1::AuditFilter filter;
    filter.set_change(change);
    auto entries = store->ReadAudit(1, filter, 1000);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<std::string> actions;
    for (const auto& entry : *entries) actions.push_back(entry.action());
    return actions;
  }

  // Everything that a refused request must leave as it was.
  struct Snapshot {
    int64_t revision = 0;
    size_t entries = 0;
    size_t changes = 0;
    std::string contents;
    bool operator==(const Snapshot&) const = default;
  };
  Snapshot Look() {
    Snapshot snapshot{
        .revision = store->Current()->revision, .entries = Actions().size(), .changes = 0, .contents = ""};
    auto page = store->ListChanges({}, 0, 1000);
    EXPECT_TRUE(page.ok());
    snapshot.changes = page->changes.size();
    for (const StoredChange& change : page->changes) {
      snapshot.contents += std::to_string(change.state) + change.digest + wire::Serialize(change.record);
    }
    return snapshot;
  }

  TestStore store;
  metrics::Metrics metrics{metrics::Program::kControlPlane};
  OpenStreams streams;
  Dependencies dependencies{*store,
                            store.clock,
                            metrics,
                            streams,
                            {{core::Role::kReviewBoard, {"group:ii-sig"}},
                             {core::Role::kDataProductsTeam, {"group:data-products"}},
                             {core::Role::kPlatformOperator, {"group:platform"}},
                             {core::Role::kAuditor, {"group:audit"}}},
                            [](const std::string& cluster) { return cluster == "eu-prod"; },
                            "1.2.3"};

  const Caller pia = MakeCaller("pia", {"plan"});        // owns application plan, so the products of plan
  const Caller pete = MakeCaller("pete", {"plan"});      // a colleague of hers
  const Caller mo = MakeCaller("mo", {"mobile"});        // owns application mobile
  const Caller dora = MakeCaller("dora", {"fr-leads"});  // Domain Owner
  const Caller rita = MakeCaller("rita", {"ii-sig"}, {core::Role::kReviewBoard});
  const Caller dana = MakeCaller("dana", {"data-products"}, {core::Role::kDataProductsTeam});
  const Caller olga = MakeCaller("olga", {"platform"}, {core::Role::kPlatformOperator});
  const Caller auditor = MakeCaller("arno", {"audit"}, {core::Role::kAuditor});
  const Caller nobody = MakeCaller("nora", {"others"});
};

}  // namespace sluice::controlplane
