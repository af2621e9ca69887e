// Golden cases of Compile: testdata/compile/*.test, the grammar stands in compile_golden.h. Every cluster of
// a case is compiled.
#include "common/core/compile.h"

#include <gtest/gtest.h>

#include "common/core/compile_golden.h"

namespace sluice::core {
namespace {

// Every slice of every cluster; each is also compiled by itself and must come out the same.
std::string CompileText(const std::string& text) {
  const Catalog catalog = golden::CatalogReader().Read(golden::Lines(text));
  std::string printed;
  for (const Entry<Cluster>& entry : catalog.clusters.entries()) {
    const Cluster& cluster = *entry.value;
    printed += Cat("on ", cluster.name, "\n");
    for (const Slice& slice : Compile(catalog, cluster)) {
      printed += golden::Print(slice);
      const std::optional<Slice> alone = CompileKey(catalog, slice.key, cluster);
      EXPECT_TRUE(alone.has_value() && *alone == slice) << slice.key;
    }
  }
  return printed;
}

TEST(Compile, Golden) { EXPECT_GE(golden::RunCases("compile", CompileText), 20u); }

TEST(Compile, UnknownKeysWantNothing) {
  const Catalog catalog = golden::CatalogReader().Read(golden::Lines(
      "environment prod\ncluster eu eu prod\ncustomer acme eu:prod\ncustomer bolt us:prod\napplication plan\n"
      "product d.p c acme\nversion 1\nstream events\n"));
  const Cluster& cluster = *catalog.clusters.Find("eu");
  EXPECT_TRUE(CompileKey(catalog, "product/d.p/acme", cluster).has_value());
  for (const char* key :
       {"", "product/", "product/d.p", "product/d.p/", "product/d.p/bolt", "product/d.q/acme", "application/",
        "application/plan", "application/none", "domain/d"}) {
    EXPECT_FALSE(CompileKey(catalog, key, cluster).has_value()) << key;
  }
  EXPECT_FALSE(CompileProductFor(catalog, "d.p", "nobody", cluster).has_value());
  EXPECT_TRUE(CompileProduct(catalog, "d.q", cluster).empty());
}

TEST(Compile, ProductSlicesComeInTheOrderOfCustomers) {
  const Catalog catalog = golden::CatalogReader().Read(golden::Lines(
      "environment prod\ncluster eu eu prod\ncustomer b eu:prod\ncustomer a eu:prod\ncustomer c eu:prod\n"
      "product d.p c c,a,b,a\nversion 1\nstream events\n"));
  std::vector<std::string> keys;
  for (const Slice& slice : CompileProduct(catalog, "d.p", *catalog.clusters.Find("eu")))
    keys.push_back(slice.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"product/d.p/a", "product/d.p/b", "product/d.p/c"}));
}

}  // namespace
}  // namespace sluice::core
