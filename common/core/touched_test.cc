// What an edit touches, exactly. That nothing is forgotten is a law (compile_properties_test.cc).
#include <gtest/gtest.h>

#include "common/core/compile.h"
#include "common/core/compile_golden.h"

namespace sluice::core {
namespace {

constexpr char kCatalog[] =
    "environment dev order=1\n"
    "environment prod order=4\n"
    "cluster eu-dev eu dev\n"
    "cluster eu-prod eu prod\n"
    "cluster us-prod us prod\n"
    "customer acme eu:dev,prod\n"
    "customer bolt us:prod\n"
    "application a eu-prod=sa-a\n"
    "application b\n"
    "product d.p c *\n  version 1 schema={}\n  stream events\n"
    "product d.q c acme\n  version 1 schema={}\n  stream events\n"
    "grant d.p/a\n  consumer 1 prod\n"
    "grant d.q/a\n  consumer 1 dev,prod\n"
    "grant d.q/b\n  consumer 1 prod\n";

class Touch : public testing::Test {
 protected:
  // What putting `definition` touches, as `cluster key` lines.
  std::vector<std::string> Put(const Definition& definition) { return Of({{EditAction::kPut, definition}}); }
  std::vector<std::string> Delete(const Definition& definition) {
    return Of({{EditAction::kDelete, definition}});
  }

  std::vector<std::string> Of(const std::vector<Edit>& edits) {
    std::vector<std::string> lines;
    for (const SliceAddress& address : Touched(before_, Apply(before_, edits, 2), edits)) {
      lines.push_back(Cat(address.cluster, " ", address.key));
    }
    return lines;
  }

  template <typename T>
  T Get(const std::string& name) {
    return *before_.Of<T>().Find(name);
  }

  const Catalog before_ = golden::CatalogReader().Read(golden::Lines(kCatalog));
};

using Keys = std::vector<std::string>;

TEST_F(Touch, AProductTouchesItsSlicesEverywhere) {
  DataProduct product = Get<DataProduct>("d.p");
  product.versions[0].streams[0].config["retention.ms"] = "1";
  EXPECT_EQ(Put(product),
            (Keys{"eu-dev product/d.p/acme", "eu-prod product/d.p/acme", "us-prod product/d.p/bolt"}));
}

TEST_F(Touch, WordsForPeopleTouchNothing) {
  DataProduct product = Get<DataProduct>("d.p");
  product.description = "new";
  product.owners = {"group:x"};
  EXPECT_EQ(Put(product), Keys{});
  Grant grant = Get<Grant>("d.p/a");
  grant.purpose = "new";
  grant.access[0].uses.fields = {"/data/x"};
  EXPECT_EQ(Put(grant), Keys{});
  Customer customer = Get<Customer>("acme");
  customer.title = "new";
  EXPECT_EQ(Put(customer), Keys{});
  Application application = Get<Application>("a");
  application.owners = {"group:x"};
  EXPECT_EQ(Put(application), Keys{});
  Cluster cluster = Get<Cluster>("eu-prod");
  cluster.reserved_principals = {"x"};
  EXPECT_EQ(Put(cluster), Keys{});
  EXPECT_EQ(Put(Domain{.name = "d", .title = "", .owners = {}}), Keys{});
  EXPECT_EQ(Put(Category{.name = "c", .title = ""}), Keys{});
}

TEST_F(Touch, AGrantTouchesTheEnvironmentsThatItNames) {
  Grant grant = Get<Grant>("d.q/a");
  grant.access[0].role = AccessRole::kProducer;
  EXPECT_EQ(Put(grant), (Keys{"eu-dev product/d.q/acme", "eu-prod product/d.q/acme"}));
  EXPECT_EQ(Delete(Get<Grant>("d.p/a")), (Keys{"eu-prod product/d.p/acme", "us-prod product/d.p/bolt"}));
}

TEST_F(Touch, AGrantForOneCustomerTouchesThatOne) {
  Grant grant;
  grant.name = "d.p/b";
  Access& access = grant.access.emplace_back();
  access.role = AccessRole::kConsumer;
  access.majors = {1};
  access.environments = {"prod"};
  access.customers.names = {"bolt", "nobody"};
  EXPECT_EQ(Put(grant), Keys{"us-prod product/d.p/bolt"});
}

TEST_F(Touch, APrincipalTouchesItsApplicationAndWhatThatIsGranted) {
  Application application = Get<Application>("a");
  application.principals.push_back({"us-prod", "sa-us"});
  EXPECT_EQ(Put(application), (Keys{"us-prod application/a", "us-prod product/d.p/bolt"}));
  Application first = Get<Application>("b");
  first.principals.push_back({"eu-prod", "sa-b"});
  EXPECT_EQ(Put(first), (Keys{"eu-prod application/b", "eu-prod product/d.q/acme"}));
}

TEST_F(Touch, GroupsTouchTheApplicationOnly) {
  Application application = Get<Application>("a");
  application.groups.also = {"legacy"};
  EXPECT_EQ(Put(application), Keys{"eu-prod application/a"});
}

TEST_F(Touch, ACustomerThatMovesInTouchesItsSlicesThere) {
  Customer customer = Get<Customer>("bolt");
  customer.presence.push_back({"eu", {"prod"}, Life::kActive});
  EXPECT_EQ(Put(customer), Keys{"eu-prod product/d.p/bolt"});
  customer = Get<Customer>("acme");
  customer.presence[0].state = Life::kRetired;
  EXPECT_EQ(Put(customer), (Keys{"eu-dev product/d.p/acme", "eu-dev product/d.q/acme",
                                 "eu-prod product/d.p/acme", "eu-prod product/d.q/acme"}));
}

TEST_F(Touch, DefaultsTouchTheProductsOfAnEnvironment) {
  Environment environment = Get<Environment>("dev");
  environment.title = "Development";
  EXPECT_EQ(Put(environment), Keys{});
  environment.defaults.partitions = 2;
  EXPECT_EQ(Put(environment), (Keys{"eu-dev product/d.p/acme", "eu-dev product/d.q/acme"}));
}

TEST_F(Touch, AnotherLastEnvironmentTouchesBoth) {
  Environment environment = Get<Environment>("dev");
  environment.order = 9;
  EXPECT_EQ(Put(environment).size(), 5u);
}

TEST_F(Touch, ANewClusterTouchesAllThatWillBeThere) {
  Cluster cluster = Get<Cluster>("eu-prod");
  cluster.name = "eu2-prod";
  EXPECT_EQ(Put(cluster), (Keys{"eu2-prod product/d.p/acme", "eu2-prod product/d.q/acme"}));
}

}  // namespace
}  // namespace sluice::core
