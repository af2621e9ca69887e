// A small world for tests of the store and of what reads it: two clusters (eu-prod, us-prod), customers acme
// (eu) and bravo (eu and us), applications plan (produces) and mobile (consumes), the product
// f-and-r.forecast. Test only.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "controlplane/store/store.h"

namespace sluice::controlplane {

// A database whose commits fail while `commits_fail` is set.
struct Faults {
  bool commits_fail = false;
};

class TestStore {
 public:
  TestStore();
  ~TestStore();
  void Reopen();
  void Close() { store_.reset(); }
  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  std::string path() const { return (directory_ / "store.db").string(); }

  // Releases in a command with one audit entry; returns what the store says.
  absl::StatusOr<Transaction::Released> Release(const std::vector<core::Edit>& edits,
                                                const std::string& change = "C-1");
  absl::Status Report(const std::string& cluster, const sluice::v1::ReportStatusRequest& report);

  FakeClock clock;
  Faults faults;

 private:
  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
};

core::Edit Put(core::Definition definition);
core::Edit Delete(core::Definition definition);

std::vector<core::Edit> World();                       // everything below but grants
core::Cluster MakeCluster(const std::string& region);  // `eu` makes eu-prod
core::Customer MakeCustomer(const std::string& name, const std::vector<std::string>& regions);
core::Application MakeApplication(const std::string& name);  // principals `{name}-eu`, `{name}-us`
core::DataProduct MakeProduct(const std::string& name);
core::Grant MakeGrant(const std::string& product, const std::string& application);  // CONSUMER everywhere

inline constexpr char kAcmeSlice[] = "product/f-and-r.forecast/acme";
inline constexpr char kBravoSlice[] = "product/f-and-r.forecast/bravo";
inline constexpr char kAcmeTopic[] = "acme.f-and-r.forecast.forecast.events";

}  // namespace sluice::controlplane
