// Every method has a rule, and every rule a method.
#include "controlplane/rpc/rules.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "sluice/v1/agent.pb.h"
#include "sluice/v1/audit.pb.h"
#include "sluice/v1/change.pb.h"
#include "sluice/v1/lookup.pb.h"

namespace sluice::controlplane {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

// Every file of the public API; the test fails for one that is not linked, so that none is overlooked.
std::vector<const google::protobuf::FileDescriptor*> Files() {
  std::vector<const google::protobuf::FileDescriptor*> files;
  const std::filesystem::path root = std::filesystem::path(SLUICE_SOURCE_DIR) / "proto";
  for (const auto& entry : std::filesystem::directory_iterator(root / "sluice" / "v1")) {
    if (entry.path().extension() != ".proto") continue;
    const std::string name = std::filesystem::relative(entry.path(), root).string();
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name << " is not linked";
    if (file != nullptr) files.push_back(file);
  }
  return files;
}

// Input types by method.
std::map<std::string, std::string> Methods() {
  std::map<std::string, std::string> methods;
  for (const auto* file : Files()) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        methods["/" + service->full_name() + "/" + service->method(j)->name()] =
            service->method(j)->input_type()->full_name();
      }
    }
  }
  return methods;
}

TEST(Rules, EveryMethodHasOneAndEveryOneAMethod) {
  // Messages keep the linker from leaving their files out.
  sluice::v1::ReportStatusRequest agent;
  sluice::v1::AuditFilter audit;
  sluice::v1::Change change;
  sluice::v1::WhoRequest lookup;
  std::map<std::string, std::string> methods = Methods();
  ASSERT_GT(methods.size(), 20u);
  std::set<std::string_view> seen;
  for (const MethodRule& rule : MethodRules()) {
    EXPECT_TRUE(seen.insert(rule.method).second) << rule.method << " has two rules";
    if (rule.rule == Rule::kOpen) {
      EXPECT_THAT(std::string(rule.method), StartsWith("/grpc.")) << "nothing of ours is open";
      continue;
    }
    EXPECT_EQ(methods.erase(std::string(rule.method)), 1u) << rule.method << " is no method";
  }
  EXPECT_THAT(methods, IsEmpty()) << "methods without a rule";
}

// The Gate finds a unary method by the type of its request.
TEST(Rules, EveryMethodHasARequestOfItsOwn) {
  std::map<std::string, std::string> by_request;
  for (const auto& [method, request] : Methods()) {
    EXPECT_TRUE(by_request.emplace(request, method).second) << method << " and " << by_request[request];
  }
}

TEST(Rules, AgentsAndPeopleHaveNoMethodInCommon) {
  for (const MethodRule& rule : MethodRules()) {
    if (rule.rule == Rule::kOpen) continue;
    const bool of_agents = rule.method.rfind("/sluice.v1.AgentService/", 0) == 0;
    EXPECT_EQ(rule.rule == Rule::kAgent, of_agents) << rule.method;
  }
}

TEST(Rules, WhatIsNotInTheTableIsDenied) {
  EXPECT_EQ(FindRule("/sluice.v1.DomainService/DeleteDomain"), nullptr);
  EXPECT_EQ(FindRule(""), nullptr);
  EXPECT_EQ(FindRule("/sluice.v1.DomainService/GetDomainX"), nullptr);
}

}  // namespace
}  // namespace sluice::controlplane
