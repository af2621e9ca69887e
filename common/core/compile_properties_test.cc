// Laws of Compile and Touched, on random catalogs. A failure prints its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "common/core/authorizer.h"
#include "common/core/compile.h"
#include "common/core/names.h"
#include "common/core/random_catalog.h"

namespace sluice::core {
namespace {

using testing_random::Random;
constexpr uint32_t kSeeds = 300;

template <typename Check>
void ForEachCatalog(const Check& check) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    check(random, testing_random::RandomCatalog(random));
    if (testing::Test::HasFailure()) return;
  }
}

template <typename Check>
void ForEachCluster(const Catalog& catalog, const Check& check) {
  for (const Entry<Cluster>& entry : catalog.clusters.entries()) check(*entry.value);
}

TEST(CompileLaws, EveryResourceHasOneSlice) {
  ForEachCatalog([](Random&, const Catalog& catalog) {
    ForEachCluster(catalog, [&](const Cluster& cluster) {
      std::set<std::string> keys, topics, subjects;
      std::set<Acl> acls;
      for (const Slice& slice : Compile(catalog, cluster)) {
        EXPECT_TRUE(keys.insert(slice.key).second) << slice.key;
        for (const Topic& topic : slice.topics) EXPECT_TRUE(topics.insert(topic.name).second) << topic.name;
        for (const Subject& subject : slice.subjects)
          EXPECT_TRUE(subjects.insert(subject.name).second) << subject.name;
        for (const Acl& acl : slice.acls) EXPECT_TRUE(acls.insert(acl).second) << Describe(acl);
      }
    });
  });
}

TEST(CompileLaws, SlicesAreTheSameTogetherAndAlone) {
  ForEachCatalog([](Random&, const Catalog& catalog) {
    ForEachCluster(catalog, [&](const Cluster& cluster) {
      std::string last;
      for (const Slice& slice : Compile(catalog, cluster)) {
        EXPECT_LT(last, slice.key);
        last = slice.key;
        EXPECT_EQ(CompileKey(catalog, slice.key, cluster), slice) << slice.key;
      }
    });
  });
}

// Every combination of names that are alike, in both ways of writing version 1.
TEST(CompileLaws, TwoInputsNeverMakeOneTopicName) {
  std::map<std::string, std::string> made;
  const std::vector<std::string> segments = {"a", "b", "a-b", "a-", "v1", "v2", "x"};
  for (const std::string& customer : segments) {
    for (const std::string& domain : segments) {
      for (const std::string& category : segments) {
        for (const std::string& name : segments) {
          DataProduct product;
          product.name = Cat(domain, ".", name);
          product.category = category;
          // A product is written in one of the two ways, for good.
          product.major_in_name =
              (name.size() + domain.size()) % 2 == 0 ? MajorInName::kAlways : MajorInName::kFromV2;
          for (int major = 1; major <= 3; ++major) {
            for (const std::string& suffix : segments) {
              if (LooksLikeMajor(suffix)) continue;
              const std::string input =
                  Cat(customer, "|", domain, "|", category, "|", name, "|", major, "|", suffix);
              const auto [at, is_new] = made.emplace(TopicName(customer, product, major, suffix), input);
              EXPECT_TRUE(is_new) << at->first << " from " << at->second << " and " << input;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(made.size(), 30000u);
}

// What the grants say, read directly: may this user of `application` do `operation` on this stream?
struct Question {
  const Catalog& catalog;
  const Cluster& cluster;
  const DataProduct& product;
  const Customer& customer;
  const ProductVersion& version;
  const Stream& stream;
};

bool LivesThere(const Question& q) {
  bool lives = false;
  for (const Presence& presence : q.customer.presence) {
    const std::set<std::string> environments(presence.environments.begin(), presence.environments.end());
    if (presence.region == q.cluster.region && environments.contains(q.cluster.environment)) {
      lives |= presence.state == Life::kActive;
    }
  }
  return lives;
}

bool IsLastEnvironment(const Question& q) {
  const Environment& mine = *q.catalog.environments.Find(q.cluster.environment);
  std::vector<std::string> above;
  for (const auto& entry : q.catalog.environments.entries()) {
    if (entry.value->order > mine.order) above.push_back(entry.name);
    if (entry.value->order == mine.order && entry.name < mine.name)
      above.push_back(entry.name);  // ties: the first name
  }
  return above.empty();
}

bool Declared(const Question& q, const std::string& application, Operation operation) {
  if (operation == Operation::kDescribe) {
    return Declared(q, application, Operation::kRead) || Declared(q, application, Operation::kWrite);
  }
  if (!LivesThere(q) || q.version.state == Life::kRetired || q.stream.state == Life::kRetired) return false;
  if (operation == Operation::kWrite && IsLastEnvironment(q) && !q.version.schema) return false;
  const Grant* grant = q.catalog.grants.Find(Cat(q.product.name, "/", application));
  if (grant == nullptr) return false;
  for (const Access& access : grant->access) {
    const std::set<std::string> environments(access.environments.begin(), access.environments.end());
    const std::set<std::string> streams(access.streams.begin(), access.streams.end());
    const std::set<std::string> customers(access.customers.names.begin(), access.customers.names.end());
    const bool role =
        access.role == (operation == Operation::kRead ? AccessRole::kConsumer : AccessRole::kProducer);
    const bool major = access.majors == std::vector<int32_t>{q.version.major};
    const bool stream = streams.empty() ? q.stream.suffix != "dlq" : streams.contains(q.stream.suffix);
    const bool customer = access.customers.all || customers.empty() || customers.contains(q.customer.name);
    if (role && major && stream && customer && environments.contains(q.cluster.environment)) return true;
  }
  return false;
}

bool Selects(const DataProduct& product, const std::string& customer) {
  const std::set<std::string> names(product.customers.names.begin(), product.customers.names.end());
  return product.customers.all || names.contains(customer);
}

void CheckTopic(const Question& q, const std::set<Acl>& acls) {
  const std::string topic = TopicName(q.customer.name, q.product, q.version.major, q.stream.suffix);
  for (const Entry<Application>& application : q.catalog.applications.entries()) {
    for (const std::string& user : {"sa-" + application.name, "sb-" + application.name}) {
      const std::vector<Principal>& principals = application.value->principals;
      const bool known = std::find(principals.begin(), principals.end(), Principal{q.cluster.name, user}) !=
                         principals.end();
      for (const Operation operation : {Operation::kRead, Operation::kWrite, Operation::kDescribe,
                                        Operation::kDelete, Operation::kAlter, Operation::kDescribeConfigs}) {
        const bool may =
            Authorize(acls, {}, {"User:" + user, "10.0.0.1", operation, ResourceType::kTopic, topic});
        const bool grantable = operation == Operation::kRead || operation == Operation::kWrite ||
                               operation == Operation::kDescribe;
        const bool should = known && grantable && Declared(q, application.name, operation);
        EXPECT_EQ(may, should) << user << " " << Name(operation) << " " << topic << " on " << q.cluster.name;
      }
    }
  }
}

TEST(CompileLaws, AclsAllowExactlyWhatGrantsDeclare) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    const Catalog catalog = testing_random::RandomCatalog(random);
    ForEachCluster(catalog, [&](const Cluster& cluster) {
      std::set<Acl> acls;
      for (const Slice& slice : Compile(catalog, cluster)) acls.insert(slice.acls.begin(), slice.acls.end());
      for (const Entry<DataProduct>& product : catalog.products.entries()) {
        for (const Entry<Customer>& customer : catalog.customers.entries()) {
          if (!Selects(*product.value, customer.name)) continue;
          for (const ProductVersion& version : product.value->versions) {
            for (const Stream& stream : version.streams) {
              CheckTopic({catalog, cluster, *product.value, *customer.value, version, stream}, acls);
            }
          }
        }
      }
    });
    if (testing::Test::HasFailure()) return;
  }
}

TEST(CompileLaws, AclsAllowExactlyTheGroupsOfAnApplication) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    const Catalog catalog = testing_random::RandomCatalog(random);
    ForEachCluster(catalog, [&](const Cluster& cluster) {
      std::set<Acl> acls;
      for (const Slice& slice : Compile(catalog, cluster)) acls.insert(slice.acls.begin(), slice.acls.end());
      for (const Entry<Application>& application : catalog.applications.entries()) {
        const std::vector<Principal>& principals = application.value->principals;
        const std::string user = "sa-" + application.name;
        const bool known = std::find(principals.begin(), principals.end(), Principal{cluster.name, user}) !=
                           principals.end();
        for (const std::string& owner : testing_random::kApplications) {
          const std::set<std::string> also(application.value->groups.also.begin(),
                                           application.value->groups.also.end());
          for (const std::string& group :
               {owner, owner + ".", owner + ".x", "legacy-" + owner, owner + "x.y"}) {
            const bool should = known && (group.starts_with(application.name + ".") || also.contains(group));
            EXPECT_EQ(
                Authorize(acls, {}, {"User:" + user, "h", Operation::kRead, ResourceType::kGroup, group}),
                should)
                << user << " " << group;
          }
        }
      }
    });
    if (testing::Test::HasFailure()) return;
  }
}

TEST(TouchedLaws, EverySliceThatChangesIsTouched) {
  size_t changed = 0;
  ForEachCatalog([&](Random& random, const Catalog& before) {
    const std::vector<Edit> edits = testing_random::RandomEdits(random, 1 + random.Below(4));
    const Catalog after = Apply(before, edits, 2);
    const std::vector<SliceAddress> touched = Touched(before, after, edits);
    EXPECT_TRUE(std::is_sorted(touched.begin(), touched.end()));
    EXPECT_TRUE(std::adjacent_find(touched.begin(), touched.end()) == touched.end());
    std::map<SliceAddress, Slice> was, is;
    ForEachCluster(before, [&](const Cluster& cluster) {
      for (Slice& slice : Compile(before, cluster)) was[{cluster.name, slice.key}] = std::move(slice);
    });
    ForEachCluster(after, [&](const Cluster& cluster) {
      for (Slice& slice : Compile(after, cluster)) is[{cluster.name, slice.key}] = std::move(slice);
    });
    std::set<SliceAddress> all;
    for (const auto& [address, slice] : was) all.insert(address);
    for (const auto& [address, slice] : is) all.insert(address);
    for (const SliceAddress& address : all) {
      const auto before_slice = was.find(address);
      const auto after_slice = is.find(address);
      if (before_slice != was.end() && after_slice != is.end() && before_slice->second == after_slice->second)
        continue;
      ++changed;
      EXPECT_TRUE(std::binary_search(touched.begin(), touched.end(), address))
          << address.cluster << " " << address.key;
    }
  });
  EXPECT_GT(changed, 500u);  // the test tests something
}

}  // namespace
}  // namespace sluice::core
