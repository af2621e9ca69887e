#include "controlplane/store/testing.h"

#include <gtest/gtest.h>

#include "common/wire/wire.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

class FaultyConnection final : public db::Connection {
 public:
  FaultyConnection(std::unique_ptr<db::Connection> real, const Faults& faults)
      : real_(std::move(real)), faults_(faults) {}
  absl::StatusOr<std::vector<db::Row>> Query(std::string_view sql,
                                             const std::vector<db::Value>& parameters) override {
    return real_->Query(sql, parameters);
  }
  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<db::Value>& parameters) override {
    return real_->Execute(sql, parameters);
  }
  absl::Status Begin() override { return real_->Begin(); }
  absl::Status Commit() override {
    return faults_.commits_fail ? absl::InternalError("injected") : real_->Commit();
  }
  absl::Status Rollback() override { return real_->Rollback(); }
  absl::Status Savepoint() override { return real_->Savepoint(); }
  absl::Status ReleaseSavepoint() override { return real_->ReleaseSavepoint(); }
  absl::Status RollbackToSavepoint() override { return real_->RollbackToSavepoint(); }
  absl::Status MakeAppendOnly(std::string_view table) override { return real_->MakeAppendOnly(table); }

 private:
  const std::unique_ptr<db::Connection> real_;
  const Faults& faults_;
};

class FaultyDatabase final : public db::Database {
 public:
  FaultyDatabase(std::unique_ptr<db::Database> real, const Faults& faults)
      : real_(std::move(real)), faults_(faults) {}
  absl::StatusOr<std::unique_ptr<db::Connection>> OpenWriter() override {
    SLUICE_VALUE(connection, real_->OpenWriter());
    return std::make_unique<FaultyConnection>(std::move(connection), faults_);
  }
  absl::StatusOr<std::unique_ptr<db::Connection>> OpenReader() override { return real_->OpenReader(); }

 private:
  const std::unique_ptr<db::Database> real_;
  const Faults& faults_;
};

}  // namespace

TestStore::TestStore() : clock(Time(std::chrono::seconds(1'800'000'000))) {
  std::string name = (std::filesystem::temp_directory_path() / "sluice-store-XXXXXX").string();
  directory_ = mkdtemp(name.data());
  Reopen();
}

TestStore::~TestStore() {
  store_.reset();
  std::filesystem::remove_all(directory_);
}

void TestStore::Reopen() {
  store_.reset();
  auto database = db::OpenSqlite(path());
  ASSERT_TRUE(database.ok()) << database.status();
  auto store = Store::Open(std::make_unique<FaultyDatabase>(*std::move(database), faults), clock);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
}

absl::StatusOr<Transaction::Released> TestStore::Release(const std::vector<core::Edit>& edits,
                                                         const std::string& change) {
  Transaction::Released released;
  std::vector<sluice::v1::Resource> resources;
  for (const core::Edit& edit : edits) resources.push_back(wire::ToProto(edit.definition));
  SLUICE_TRY(store_->Write([&](Transaction& transaction) -> absl::Status {
    SLUICE_VALUE(result, transaction.Release(edits, resources, change));
    released = result;
    return transaction.Audit({.actor = "system", .action = "change.released", .change = change});
  }));
  return released;
}

absl::Status TestStore::Report(const std::string& cluster, const sluice::v1::ReportStatusRequest& report) {
  return store_->Write([&](Transaction& transaction) { return transaction.RecordReport(cluster, report); });
}

core::Edit Put(core::Definition definition) { return {core::EditAction::kPut, std::move(definition)}; }
core::Edit Delete(core::Definition definition) { return {core::EditAction::kDelete, std::move(definition)}; }

core::Cluster MakeCluster(const std::string& region) {
  core::Cluster cluster;
  cluster.name = region + "-prod";
  cluster.region = region;
  cluster.environment = "prod";
  cluster.agents = {"spiffe://sluice/agent/" + cluster.name};
  cluster.reserved_principals = {"admin"};
  return cluster;
}

core::Customer MakeCustomer(const std::string& name, const std::vector<std::string>& regions) {
  core::Customer customer;
  customer.name = name;
  for (const std::string& region : regions)
    customer.presence.push_back({region, {"prod"}, core::Life::kActive});
  return customer;
}

core::Application MakeApplication(const std::string& name) {
  core::Application application;
  application.name = name;
  application.domain = "f-and-r";
  application.owners = {"group:" + name};
  application.principals = {{"eu-prod", name + "-eu"}, {"us-prod", name + "-us"}};
  return application;
}

core::DataProduct MakeProduct(const std::string& name) {
  core::DataProduct product;
  product.name = name;
  product.title = "Forecasts";
  product.category = "forecast";
  product.ownership = core::Ownership::kBroadcasting;
  product.owners = {"app:plan"};
  product.customers.all = true;
  core::ProductVersion& version = product.versions.emplace_back();
  version.major = 1;
  version.schema.emplace().text = R"({"type":"object","properties":{"x":{"type":"string"}}})";
  core::Stream& stream = version.streams.emplace_back();
  stream.suffix = "events";
  stream.config = {{"retention.ms", "86400000"}};
  return product;
}

core::Grant MakeGrant(const std::string& product, const std::string& application) {
  core::Grant grant;
  grant.name = product + "/" + application;
  grant.purpose = "tests";
  core::Access& access = grant.access.emplace_back();
  access.role = core::AccessRole::kConsumer;
  access.majors = {1};
  access.environments = {"prod"};
  access.customers.all = true;
  return grant;
}

std::vector<core::Edit> World() {
  core::Environment prod;
  prod.name = "prod";
  prod.order = 1;
  prod.defaults.config = {{"min.insync.replicas", "2"}};
  core::Category category;
  category.name = "forecast";
  core::Domain domain;
  domain.name = "f-and-r";
  domain.owners = {"group:fr-leads"};
  return {Put(prod),
          Put(category),
          Put(domain),
          Put(MakeCluster("eu")),
          Put(MakeCluster("us")),
          Put(MakeCustomer("acme", {"eu"})),
          Put(MakeCustomer("bravo", {"eu", "us"})),
          Put(MakeApplication("plan")),
          Put(MakeApplication("mobile")),
          Put(MakeProduct("f-and-r.forecast"))};
}

}  // namespace sluice::controlplane
