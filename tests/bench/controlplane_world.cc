#include "tests/bench/controlplane_world.h"

#include <utility>

#include "common/wire/wire.h"

namespace sluice::bench {
namespace {

controlplane::Caller MakeCaller(const std::string& subject, std::vector<std::string> groups,
                                std::set<core::Role> roles) {
  controlplane::Caller caller;
  caller.issuer = "https://issuer.example";
  caller.subject = subject;
  caller.display_name = subject;
  caller.groups = std::move(groups);
  caller.roles = std::move(roles);
  return caller;
}

std::unique_ptr<controlplane::Store> OpenStore(const std::string& path, Clock& clock) {
  return Must(controlplane::Store::Open(Must(db::OpenSqlite(path)), clock));
}

}  // namespace

void Must(const absl::Status& status) {
  if (!status.ok()) Fail(std::string(status.message()));
}

void Release(controlplane::Store& store, const std::vector<core::Edit>& edits) {
  std::vector<sluice::v1::Resource> resources;
  for (const core::Edit& edit : edits) resources.push_back(wire::ToProto(edit.definition));
  Must(store.Write([&](controlplane::Transaction& transaction) -> absl::Status {
    auto released = transaction.Release(edits, resources, "C-0");
    if (!released.ok()) return released.status();
    return transaction.Audit({.actor = "system", .action = "world.made"});
  }));
}

sluice::v1::ProposeChangeRequest Proposal(const std::vector<core::Edit>& edits) {
  sluice::v1::ProposeChangeRequest request;
  for (const core::Edit& edit : edits)
    *request.add_edits()->mutable_resource() = wire::ToProto(edit.definition);
  return request;
}

World::World(int products)
    : store_(OpenStore(path(), clock_)),
      dependencies_{*store_,
                    clock_,
                    metrics_,
                    streams_,
                    {{core::Role::kReviewBoard, {"group:board"}},
                     {core::Role::kDataProductsTeam, {"group:data-products"}},
                     {core::Role::kPlatformOperator, {"group:platform"}},
                     {core::Role::kAuditor, {"group:audit"}}},
                    [](const std::string&) { return true; },
                    "1.0.0"},
      owner_(MakeCaller("owner", {"planning"}, {})),
      board_(MakeCaller("board", {"board", "fr-leads"}, {core::Role::kReviewBoard})) {
  Release(*store_, Ground());
  for (int i = 0; i < products; ++i) Release(*store_, ProductEdits(i, /*schema=*/false));
}

}  // namespace sluice::bench
