#include "common/core/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "common/core/references.h"
#include "common/core/testing/golden.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Entry<Category> Make(const std::string& name, int64_t revision) {
  return {name, revision, std::make_shared<const Category>(Category{name, ""})};
}

std::map<std::string, int64_t> Content(const Table<Category>& table) {
  std::map<std::string, int64_t> content;
  for (const auto& entry : table.entries()) content[entry.name] = entry.revision;
  return content;
}

// A table behaves like a map, whatever is put and removed, and copies never see what comes later.
TEST(Table, BehavesLikeAMap) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Table<Category> table;
    std::map<std::string, int64_t> model;
    for (int64_t step = 1; step <= 60; ++step) {
      const Table<Category> copy = table;
      const std::map<std::string, int64_t> copied = model;
      const auto name = [&] { return std::string(1 + random() % 2, static_cast<char>('a' + random() % 6)); };
      if (random() % 3 == 0) {
        const std::string removed = name();
        table.Remove(removed);
        model.erase(removed);
      } else {
        std::vector<Entry<Category>> entries;
        for (size_t i = random() % 5; i > 0; --i) {
          entries.push_back(Make(name(), step * 10 + static_cast<int64_t>(i)));
          model[entries.back().name] = entries.back().revision;
        }
        table.PutAll(std::move(entries));
      }
      ASSERT_EQ(Content(table), model);
      ASSERT_EQ(table.entries().size(), model.size());
      ASSERT_EQ(Content(copy), copied);
      for (const auto& [key, revision] : model) ASSERT_EQ(table.FindEntry(key)->revision, revision);
      ASSERT_EQ(table.Find("zz"), nullptr);
    }
  }
}

// Across many chunks: what is put, found, counted and walked is the same as in a map.
TEST(Table, HoldsManyChunks) {
  std::mt19937 random(7);
  Table<Category> table;
  std::map<std::string, int64_t> model;
  const auto name = [&] { return std::to_string(random() % 9000); };
  for (int64_t step = 1; step <= 40; ++step) {
    std::vector<Entry<Category>> entries;
    for (size_t i = step % 4 == 0 ? 3 : 700; i > 0; --i) {
      entries.push_back(Make(name(), step));
      model[entries.back().name] = step;
    }
    table.PutAll(std::move(entries));
    for (int i = 0; i < 100; ++i) {
      const std::string removed = name();
      table.Remove(removed);
      model.erase(removed);
    }
  }
  ASSERT_GT(model.size(), 3000u);
  ASSERT_EQ(table.entries().size(), model.size());
  size_t index = 0;
  for (const auto& [key, revision] : model) {
    ASSERT_EQ(table.entries()[index].name, key);
    ASSERT_EQ(table.FindEntry(key)->revision, revision);
    ++index;
  }
  EXPECT_EQ(Content(table), model);
  EXPECT_TRUE(std::is_sorted(table.entries().begin(), table.entries().end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  const auto [first, last] = table.PrefixRange("12");
  size_t expected = 0;
  for (const auto& [key, revision] : model) expected += key.rfind("12", 0) == 0 ? 1 : 0;
  EXPECT_EQ(last - first, expected);
  for (const auto& [key, revision] : model) table.Remove(key);
  EXPECT_TRUE(table.entries().empty());
}

TEST(Table, PrefixRangeIsWhatBeginsWithThePrefix) {
  Table<Category> table;
  for (const char* name : {"a", "a/x", "a/y", "a0", "a-b/z", "b/x", "ab"}) table.Put(Make(name, 1));
  const auto names = [&](std::string_view prefix) {
    std::vector<std::string> found;
    const auto [first, last] = table.PrefixRange(prefix);
    for (size_t i = first; i < last; ++i) found.push_back(table.entries()[i].name);
    return found;
  };
  EXPECT_THAT(names("a/"), ElementsAre("a/x", "a/y"));
  EXPECT_THAT(names("b"), ElementsAre("b/x"));
  EXPECT_THAT(names("c"), IsEmpty());
  EXPECT_EQ(names("").size(), 7u);
}

std::set<std::string> Released(const Catalog& catalog) {
  std::set<std::string> names;
  for (const auto& entry : catalog.releases.entries()) names.insert(entry.name);
  return names;
}

Edit Put(Definition definition) { return {EditAction::kPut, std::move(definition)}; }
Edit Delete(Definition definition) { return {EditAction::kDelete, std::move(definition)}; }
Environment Env(std::string name) {
  Environment environment;
  environment.name = std::move(name);
  return environment;
}
DataProduct Product(std::string name) {
  DataProduct product;
  product.name = std::move(name);
  return product;
}

TEST(Apply, ReleasesProductsToEveryEnvironment) {
  const Catalog first = Apply({}, {Put(Env("dev")), Put(Product("a.b")), Put(Product("a.b-c"))}, 1);
  EXPECT_EQ(Released(first), (std::set<std::string>{"a.b/dev", "a.b-c/dev"}));
  // A new environment gets what is approved.
  const Catalog second = Apply(first, {Put(Env("prod"))}, 2);
  EXPECT_EQ(Released(second), (std::set<std::string>{"a.b/dev", "a.b-c/dev", "a.b/prod", "a.b-c/prod"}));
  DataProduct changed = Product("a.b");
  changed.title = "changed";
  const Catalog third = Apply(second, {Put(changed)}, 3);
  EXPECT_EQ(third.releases.Find("a.b/prod")->title, "changed");
  EXPECT_EQ(third.releases.FindEntry("a.b/prod")->revision, 3);
  EXPECT_EQ(third.releases.FindEntry("a.b-c/prod")->revision, 1);
  EXPECT_EQ(Released(Apply(third, {Delete(Env("dev"))}, 4)),
            (std::set<std::string>{"a.b/prod", "a.b-c/prod"}));
  EXPECT_EQ(Released(Apply(third, {Delete(Product("a.b"))}, 4)),
            (std::set<std::string>{"a.b-c/dev", "a.b-c/prod"}));
}

TEST(Apply, LeavesTheCatalogBeforeAlone) {
  const Catalog world = GoldenWorld();
  const size_t grants = world.grants.entries().size();
  Grant grant = *world.grants.entries()[0].value;
  const Catalog after = Apply(world, {Delete(grant), Put(Category{.name = "new", .title = ""})}, 7);
  EXPECT_EQ(world.grants.entries().size(), grants);
  EXPECT_EQ(after.grants.entries().size(), grants - 1);
  EXPECT_EQ(world.categories.Find("new"), nullptr);
  EXPECT_EQ(after.categories.FindEntry("new")->revision, 7);
}

TEST(ResourceName, IsKindAndName) {
  EXPECT_EQ(ResourceName(Product("p-and-p.promotions")), "dataproduct/p-and-p.promotions");
  EXPECT_EQ(KindName(Kind::kDataProduct), "DataProduct");
  EXPECT_EQ(NameOf(Definition(Env("dev"))), "dev");
}

// ---- Groups ----

// Random edits of a small world: products in domains, grants between them, applications on clusters.
std::vector<Edit> RandomEdits(std::mt19937& random) {
  const auto pick = [&](std::string_view stem) { return Cat(stem, random() % 4); };
  std::map<std::string, Edit> edits;
  for (size_t i = random() % 12; i > 0; --i) {
    Definition definition;
    switch (random() % 6) {
      case 0:
        definition = Domain{pick("d"), "", {}};
        break;
      case 1:
        definition = Product(Cat(pick("d"), ".", pick("p")));
        break;
      case 2: {
        Application application;
        application.name = pick("app");
        application.domain = pick("d");
        definition = application;
        break;
      }
      case 3: {
        Grant grant;
        grant.name = Cat(pick("d"), ".", pick("p"), "/", pick("app"));
        definition = grant;
        break;
      }
      case 4:
        definition = Category{pick("c"), ""};
        break;
      default: {
        DataProduct product = Product(Cat(pick("d"), ".", pick("p")));
        product.category = pick("c");
        product.owners = {Cat("app:", pick("app"))};
        definition = product;
      }
    }
    edits.insert_or_assign(ResourceName(definition),
                           random() % 5 == 0 ? Delete(definition) : Put(definition));
  }
  std::vector<Edit> list;
  for (auto& [name, edit] : edits) list.push_back(std::move(edit));
  std::shuffle(list.begin(), list.end(), random);
  return list;
}

// What the edits refer to, among themselves.
std::set<std::pair<size_t, size_t>> Links(const std::vector<Edit>& edits) {
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < edits.size(); ++i) index[ResourceName(edits[i].definition)] = i;
  std::set<std::pair<size_t, size_t>> links;
  for (size_t i = 0; i < edits.size(); ++i) {
    for (const Reference& reference : ReferencesOf(edits[i].definition)) {
      const auto at = index.find(ResourceName(reference.kind, reference.name));
      if (at != index.end()) links.emplace(i, at->second);
    }
  }
  return links;
}

TEST(ConnectedGroups, SplitAsFarAsReferencesAllow) {
  size_t split = 0;
  for (uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<Edit> edits = RandomEdits(random);
    const std::vector<std::vector<size_t>> groups = ConnectedGroups(edits);
    std::vector<size_t> group_of(edits.size(), SIZE_MAX);
    size_t last_first = 0;
    for (size_t g = 0; g < groups.size(); ++g) {
      ASSERT_FALSE(groups[g].empty());
      ASSERT_TRUE(std::is_sorted(groups[g].begin(), groups[g].end()));
      ASSERT_GE(groups[g][0], last_first);  // in the order of first edits
      last_first = groups[g][0];
      for (const size_t edit : groups[g]) {
        ASSERT_EQ(group_of[edit], SIZE_MAX);  // each edit once
        group_of[edit] = g;
      }
    }
    std::set<size_t> linked;
    for (const auto& [from, to] : Links(edits)) {
      ASSERT_EQ(group_of[from], group_of[to]);
      linked.insert(from), linked.insert(to);
    }
    for (size_t i = 0; i < edits.size(); ++i) {
      ASSERT_NE(group_of[i], SIZE_MAX);
      if (linked.count(i) == 0)
        ASSERT_EQ(groups[group_of[i]].size(), 1u);  // nothing is joined without a reason
    }
    split += groups.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(split, 100u);
}

TEST(ConnectedGroups, JoinThroughAThird) {
  DataProduct product = Product("d.p");
  Grant grant;
  grant.name = "d.p/app";
  Application application;
  application.name = "app";
  const std::vector<Edit> edits = {Put(Category{.name = "x", .title = ""}), Put(product), Put(application),
                                   Put(grant)};
  EXPECT_THAT(ConnectedGroups(edits), ElementsAre(ElementsAre(0), ElementsAre(1, 2, 3)));
}

TEST(ConnectedGroups, EnvironmentsStayTogetherBecauseTheirOrdersDo) {
  EXPECT_THAT(ConnectedGroups({Put(Env("dev")), Put(Category{.name = "x", .title = ""}), Put(Env("qa"))}),
              ElementsAre(ElementsAre(0, 2), ElementsAre(1)));
}

TEST(ConnectedGroups, NoEditsMakeNoGroups) { EXPECT_THAT(ConnectedGroups({}), IsEmpty()); }

}  // namespace
}  // namespace sluice::core
