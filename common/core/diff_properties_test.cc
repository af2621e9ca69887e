// Laws of Diff, on what random catalogs compile to and on clusters that were tampered with. A failure prints
// its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "common/core/compile.h"
#include "common/core/diff.h"
#include "common/core/random_catalog.h"

namespace sluice::core {
namespace {

using testing_random::Random;

struct World {
  std::vector<Slice> desired;
  Observed observed;
  Ours ours;
  DiffOptions options;
};

std::string Where(const Step& step) {
  return Cat(step.slice, " ", step.resource, " ", step.key, ": ", step.reason);
}

std::vector<Slice> CompileAll(const Catalog& catalog) {
  const Cluster* cluster = catalog.clusters.Find("eu-prod");
  return cluster == nullptr ? std::vector<Slice>() : Compile(catalog, *cluster);
}

// Absences of what `before` had and `after` lacks, as a release states them; some also contradict what is
// wanted.
void AddAbsences(Random& random, const std::vector<Slice>& before, std::vector<Slice>& after) {
  std::map<std::string, const Slice*> was;
  for (const Slice& slice : before) was[slice.key] = &slice;
  for (Slice& slice : after) {
    const auto found = was.find(slice.key);
    if (found == was.end()) continue;
    for (const Acl& acl : found->second->acls) {
      const bool is_wanted = std::binary_search(slice.acls.begin(), slice.acls.end(), acl);
      if (!is_wanted || random.Chance(10)) slice.absences.push_back({acl, 7, "C-7"});
    }
    for (const Topic& topic : found->second->topics) {
      for (const auto& [key, value] : topic.configs) {
        if (random.Chance(50)) slice.absences.push_back({AbsentConfig{topic.name, key}, 7, "C-7"});
      }
    }
  }
}

// Topics that a person gave up: lost ones, ones that are not lost, ones that somebody else made anew.
void GiveUpTopics(Random& random, World& world) {
  for (Slice& slice : world.desired) {
    for (const Topic& topic : slice.topics) {
      if (!random.Chance(70)) continue;
      const auto owned = world.ours.topics.find(topic.name);
      const std::string id = owned == world.ours.topics.end() || random.Chance(20) ? "older" : owned->second.id;
      slice.absences.push_back({LostTopic{topic.name, id, random.Chance(40) ? "another" : ""}, 7, "C-8"});
    }
  }
}

template <typename Map>
std::string AnyKey(Random& random, const Map& map) {
  return std::next(map.begin(), random.Below(static_cast<int>(map.size())))->first;
}

void TamperWithTopics(Random& random, World& world) {
  auto& topics = *world.observed.topics;
  for (int i = random.Below(6); i > 0 && !topics.empty(); --i) {
    const std::string name = AnyKey(random, topics);
    ObservedTopic& topic = topics[name];
    switch (random.Below(8)) {
      case 0:
        topics.erase(name);
        break;
      case 1:
        world.ours.topics.erase(name);
        break;
      case 2:
        topic.id = "another";
        break;
      case 3:
        world.ours.topics[name].id.clear();
        break;
      case 4:
        topic.overrides[random.Pick(testing_random::kKeys)] = "99";
        break;
      case 5:
        topic.overrides.clear();
        break;
      case 6:
        topic.partitions = 1 + random.Below(3);
        break;
      default:
        topic.replication_factor = 1 + random.Below(3);
    }
  }
  if (random.Chance(50)) topics["foreign.topic"] = {"F", 1, 1, {{"retention.ms", "5"}}};
  if (random.Chance(30) && !topics.empty()) {
    std::string name = AnyKey(random, topics);
    std::replace(name.begin(), name.end(), '.', '_');
    topics.emplace(name, ObservedTopic{"U", 1, 1, {}});
  }
}

void TamperWithAcls(Random& random, World& world) {
  auto& acls = *world.observed.acls;
  for (int i = random.Below(6); i > 0 && !acls.empty(); --i) {
    const auto at = std::next(acls.begin(), random.Below(static_cast<int>(acls.size())));
    Acl acl = *at;
    switch (random.Below(5)) {
      case 0:
        acls.erase(at);
        continue;
      case 1:
        acl.principal = "User:mallory";
        break;
      case 2:
        acl.permission = Permission::kDeny;
        break;
      case 3:
        acl.resource = "*";
        break;
      default:
        acl.pattern_type = PatternType::kPrefixed;
        acl.resource = acl.resource.substr(0, static_cast<size_t>(random.Below(static_cast<int>(acl.resource.size()))) + 1);
    }
    acls.insert(acl);
  }
}

void TamperWithSubjects(Random& random, World& world) {
  auto& subjects = *world.observed.subjects;
  for (int i = random.Below(6); i > 0 && !subjects.empty(); --i) {
    const std::string name = AnyKey(random, subjects);
    ObservedSubject& subject = subjects[name];
    subject.latest_schema = {};
    switch (random.Below(6)) {
      case 0:
        subjects.erase(name);
        break;
      case 1:
        world.ours.subjects.erase(name);
        break;
      case 2:
        subject.level = random.Pick<std::string>({"", "NONE", "FULL", "BACKWARD_TRANSITIVE", "ODD"});
        break;
      case 3:
        subject.registered = subject.latest = false;
        break;
      case 4:
        subject.latest = false;
        break;
      default:
        subject.versions = 0;
    }
  }
  if (random.Chance(30)) subjects["foreign-value"] = {"NONE", 3, false, false, ""};
}

std::set<std::string> RandomScope(Random& random, const std::vector<Slice>& slices) {
  std::set<std::string> scope;
  for (const Slice& slice : slices) {
    if (random.Chance(50)) continue;
    for (const Topic& topic : slice.topics) scope.insert(topic.name);
    for (const Subject& subject : slice.subjects) scope.insert(subject.name);
    for (const Acl& acl : slice.acls) scope.insert(acl.resource);
  }
  return scope;
}

// A cluster that was brought to one state, was tampered with, and is now wanted in another.
World RandomWorld(Random& random) {
  const Catalog before = testing_random::RandomCatalog(random);
  const Catalog after = Apply(before, testing_random::RandomEdits(random, random.Below(4)), 2);
  const std::vector<Slice> was = CompileAll(before);
  World world = {CompileAll(after), ObservedFrom(was), OursFrom(was), {}};
  AddAbsences(random, was, world.desired);
  TamperWithTopics(random, world);
  GiveUpTopics(random, world);
  TamperWithAcls(random, world);
  TamperWithSubjects(random, world);
  world.observed.brokers = random.Below(4);
  if (random.Chance(10)) world.observed.topics.reset();
  if (random.Chance(10)) world.observed.acls.reset();
  if (random.Chance(10)) world.observed.subjects.reset();
  if (random.Chance(20)) world.options.scope = RandomScope(random, world.desired);
  if (random.Chance(20)) world.options.reserved_principals = {"mallory"};
  return world;
}

template <typename Check>
void ForEachWorld(const Check& check) {
  constexpr uint32_t kSeeds = 400;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    World world = RandomWorld(random);
    check(world, Diff(world.desired, world.observed, world.ours, world.options));
    if (testing::Test::HasFailure()) return;
  }
}

// As an agent does: it journals what the plan found before it carries it out.
void Apply(const Plan& plan, World& world) {
  for (const auto& [name, id] : plan.recognised) world.ours.topics[name].id = id;
  for (const auto& [name, id] : plan.given_up) world.ours.topics[name].id.clear();
  ApplyToModel(plan.steps, world.observed, world.ours);
}

TEST(DiffLaws, AStateAndItselfDifferInNothing) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    const std::vector<Slice> slices = CompileAll(testing_random::RandomCatalog(random));
    const Plan plan = Diff(slices, ObservedFrom(slices), OursFrom(slices), {});
    for (const Step& step : plan.steps) ADD_FAILURE() << Where(step);
    EXPECT_TRUE(plan.blocked.empty() && plan.foreign.empty() && plan.gone.empty() && plan.recognised.empty());
    if (HasFailure()) return;
  }
}

TEST(DiffLaws, FromNothingToEverything) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    const std::vector<Slice> slices = CompileAll(testing_random::RandomCatalog(random));
    Observed observed = ObservedFrom({});
    Ours ours;
    const Plan plan = Diff(slices, observed, ours, {});
    EXPECT_TRUE(plan.blocked.empty());
    ApplyToModel(plan.steps, observed, ours);
    const Observed wanted = ObservedFrom(slices);
    EXPECT_EQ(observed.topics, wanted.topics);
    EXPECT_EQ(observed.acls, wanted.acls);
    EXPECT_EQ(observed.subjects, wanted.subjects);
    if (HasFailure()) return;
  }
}

TEST(DiffLaws, AfterAPlanOnlyBlockedThingsAreLeft) {
  size_t steps = 0, blocked = 0;
  ForEachWorld([&](World& world, const Plan& plan) {
    steps += plan.steps.size();
    blocked += plan.blocked.size();
    Apply(plan, world);
    const Plan again = Diff(world.desired, world.observed, world.ours, world.options);
    for (const Step& step : again.steps) ADD_FAILURE() << Where(step);
  });
  EXPECT_GT(steps, 500u);
  EXPECT_GT(blocked, 100u);
}

// Everything that slices and absences name.
struct Named {
  std::set<std::string> topics, subjects;
  std::set<std::pair<std::string, std::string>> keys, absent_keys;
  std::set<Acl> acls, absent_acls;
  std::set<std::pair<std::string, std::string>> given_up, accepted;  // topics and IDs
};

Named NamedIn(const std::vector<Slice>& slices) {
  Named named;
  for (const Slice& slice : slices) {
    for (const Topic& topic : slice.topics) {
      named.topics.insert(topic.name);
      for (const auto& [key, value] : topic.configs) named.keys.insert({topic.name, key});
    }
    for (const Subject& subject : slice.subjects) named.subjects.insert(subject.name);
    named.acls.insert(slice.acls.begin(), slice.acls.end());
    for (const Absence& absence : slice.absences) {
      if (const auto* acl = std::get_if<Acl>(&absence.resource))
        named.absent_acls.insert(*acl);
      else if (const auto* config = std::get_if<AbsentConfig>(&absence.resource))
        named.absent_keys.insert({config->topic, config->key});
      else if (const auto* lost = std::get_if<LostTopic>(&absence.resource)) {
        (lost->accepted_id.empty() ? named.given_up : named.accepted)
            .insert({lost->topic, lost->accepted_id.empty() ? lost->id : lost->accepted_id});
      }
    }
  }
  return named;
}

TEST(DiffLaws, StepsNameOnlyWhatIsNamed) {
  ForEachWorld([](World& world, const Plan& plan) {
    const Named named = NamedIn(world.desired);
    for (const Step& step : plan.steps) {
      bool is_named = false;
      switch (step.kind) {
        case StepKind::kSetLevel:
        case StepKind::kRegisterSchema:
          is_named = named.subjects.contains(step.subject.name);
          break;
        case StepKind::kCreateTopic:
        case StepKind::kGrowPartitions:
          is_named = named.topics.contains(step.topic.name);
          break;
        case StepKind::kSetConfig:
          is_named = named.keys.contains({step.topic.name, step.key});
          break;
        case StepKind::kResetConfig:
          is_named = named.absent_keys.contains({step.topic.name, step.key}) &&
                     !named.keys.contains({step.topic.name, step.key});
          break;
        case StepKind::kCreateAcl:
          is_named = named.acls.contains(step.acl);
          break;
        case StepKind::kDeleteAcl:  // presence beats absence
          is_named = named.absent_acls.contains(step.acl) && !named.acls.contains(step.acl);
          break;
      }
      EXPECT_TRUE(is_named) << Where(step);
      EXPECT_FALSE(step.reason.empty()) << Where(step);
    }
  });
}

TEST(DiffLaws, NothingForeignChanges) {
  ForEachWorld([](World& world, const Plan& plan) {
    const Observed before = world.observed;
    const Ours ours = world.ours;
    ApplyToModel(plan.steps, world.observed, world.ours);
    const Named named = NamedIn(world.desired);
    if (before.topics) {
      for (const auto& [name, topic] : *before.topics) {
        const auto owned = ours.topics.find(name);
        const bool is_ours =
            owned != ours.topics.end() && (owned->second.id.empty() || owned->second.id == topic.id);
        if (!is_ours && !named.accepted.contains({name, topic.id})) EXPECT_EQ(world.observed.topics->at(name), topic) << name;
      }
    }
    if (before.subjects) {
      for (const auto& [name, subject] : *before.subjects) {
        if (subject.versions > 0 && !ours.subjects.contains(name))
          EXPECT_EQ(world.observed.subjects->at(name), subject) << name;
      }
    }
    if (before.acls) {
      for (const Acl& acl : *before.acls) {
        if (!named.absent_acls.contains(acl))
          EXPECT_TRUE(world.observed.acls->contains(acl)) << Describe(acl);
      }
    }
  });
}

// A lost topic is replaced only where a person gave up exactly this one, and another is taken as ours only where
// a person accepted exactly that one.
TEST(DiffLaws, LostTopicsStayLostUntilGivenUp) {
  size_t replaced = 0, accepted = 0;
  ForEachWorld([&](World& world, const Plan& plan) {
    const Named named = NamedIn(world.desired);
    for (const Step& step : plan.steps) {
      if (step.kind != StepKind::kCreateTopic) continue;
      const std::string& name = step.topic.name;
      const auto owned = world.ours.topics.find(name);
      EXPECT_FALSE(world.observed.topics->contains(name)) << Where(step);
      if (owned == world.ours.topics.end() || owned->second.id.empty()) continue;
      EXPECT_TRUE(named.given_up.contains({name, owned->second.id})) << Where(step);
      EXPECT_EQ(plan.given_up.at(name), owned->second.id);
      ++replaced;
    }
    EXPECT_LE(plan.given_up.size(), plan.steps.size());
    for (const auto& [name, id] : plan.recognised) {
      const auto owned = world.ours.topics.find(name);
      EXPECT_EQ(world.observed.topics->at(name).id, id);
      if (owned != world.ours.topics.end() && owned->second.id.empty()) continue;
      EXPECT_TRUE(named.accepted.contains({name, id})) << name;
      ++accepted;
    }
  });
  EXPECT_GT(replaced, 20u);
  EXPECT_GT(accepted, 10u);
}

TEST(DiffLaws, NoNewWriterBeforeItsSchema) {
  size_t gated = 0;
  ForEachWorld([&](World& world, const Plan& plan) {
    std::map<std::string, std::string> gates;
    for (const Slice& slice : world.desired) {
      for (const Topic& topic : slice.topics) gates[topic.name] = topic.gate_subject;
    }
    std::set<std::string> registered;  // by steps so far
    for (const Step& step : plan.steps) {
      if (step.kind == StepKind::kRegisterSchema) registered.insert(step.subject.name);
      if (step.kind != StepKind::kCreateAcl || step.acl.operation != Operation::kWrite) continue;
      if (step.acl.resource_type != ResourceType::kTopic || gates[step.acl.resource].empty()) continue;
      const std::string& gate = gates[step.acl.resource];
      ++gated;
      ASSERT_TRUE(world.observed.subjects.has_value());
      if (registered.contains(gate)) {
        EXPECT_EQ(step.after_subject, gate);
      } else {
        EXPECT_TRUE(world.observed.subjects->contains(gate) && world.ours.subjects.contains(gate))
            << Where(step);
      }
    }
  });
  EXPECT_GT(gated, 50u);
}

TEST(DiffLaws, StepsComeInOrder) {
  ForEachWorld([](World&, const Plan& plan) {
    const auto key = [](const Step& step) { return std::tie(step.phase, step.slice, step.resource); };
    for (size_t i = 1; i < plan.steps.size(); ++i) EXPECT_LE(key(plan.steps[i - 1]), key(plan.steps[i]));
  });
}

TEST(DiffLaws, GoneIsConfirmedByTheObservation) {
  size_t confirmed = 0;
  ForEachWorld([&](World& world, const Plan& plan) {
    Apply(plan, world);
    for (const auto& [slice, absence] : Diff(world.desired, world.observed, world.ours, world.options).gone) {
      ++confirmed;
      if (const auto* acl = std::get_if<Acl>(&absence.resource)) {
        ASSERT_TRUE(world.observed.acls.has_value());
        EXPECT_FALSE(world.observed.acls->contains(*acl));
        EXPECT_TRUE(!world.options.scope || world.options.scope->contains(acl->resource));
      } else if (const auto* lost = std::get_if<LostTopic>(&absence.resource)) {
        ASSERT_TRUE(world.observed.topics.has_value());
        const auto seen = world.observed.topics->find(lost->topic);
        const auto owned = world.ours.topics.find(lost->topic);
        const bool is_back = seen != world.observed.topics->end() && seen->second.id == lost->id;
        EXPECT_TRUE(is_back || (owned != world.ours.topics.end() && owned->second.id != lost->id)) << lost->topic;
      } else {
        const auto& config = std::get<AbsentConfig>(absence.resource);
        ASSERT_TRUE(world.observed.topics.has_value());
        const auto topic = world.observed.topics->find(config.topic);
        EXPECT_TRUE(topic == world.observed.topics->end() || !topic->second.overrides.contains(config.key));
        EXPECT_TRUE(!world.options.scope || world.options.scope->contains(config.topic));
      }
    }
  });
  EXPECT_GT(confirmed, 50u);
}

// The plan that people approve and the plan that an agent makes are the same function of the same states.
TEST(DiffLaws, APreviewEndsInWhatIsWanted) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(Cat("seed ", seed));
    Random random(seed);
    const Catalog before = testing_random::RandomCatalog(random);
    const Catalog after = Apply(before, testing_random::RandomEdits(random, 3), 2);
    const std::vector<Slice> was = CompileAll(before);
    const std::vector<Slice> is = CompileAll(after);
    Observed observed = ObservedFrom(was);
    Ours ours = OursFrom(was);
    ApplyToModel(Diff(is, observed, ours, {}).steps, observed, ours);
    for (const Slice& slice : is) {
      for (const Subject& subject : slice.subjects) {
        EXPECT_EQ(observed.subjects->at(subject.name).latest_schema, subject.schema);
        EXPECT_EQ(observed.subjects->at(subject.name).level, subject.level);
      }
      for (const Acl& acl : slice.acls) EXPECT_TRUE(observed.acls->contains(acl)) << Describe(acl);
      for (const Topic& topic : slice.topics)
        EXPECT_TRUE(observed.topics->contains(topic.name)) << topic.name;
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace sluice::core
