// What was lost, on a real Kafka cluster with a real registry: topics of ours that somebody deleted or made anew, and the
// disk of an agent, in whole and in parts.
#include <signal.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cluster_view.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCluster[] = "eu-prod";

std::string Product(const std::string& name) {
  return "kind: DataProduct\nname: f-and-r." + name +
         "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {all: true}\n"
         "versions:\n- major: 1\n  schema: {text: '{\"type\": \"object\"}'}\n"
         "  streams:\n  - {suffix: events, partitions: 2, key: {fields: [/data/a]}, config: {retention.ms: 7d}}\n"
         "---\nkind: Grant\nname: f-and-r." + name +
         "/plan\npurpose: publishes\naccess: [{role: PRODUCER, majors: [1], environments: [prod]}]\n";
}

class Lost : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::map<std::string, std::string> dev = DevEnvironment();
    ASSERT_FALSE(dev.empty()) << "no dev clusters: ./run test starts them";
    prefix_ = new std::string(RandomPrefix());
    world_ = new World(dev["DEV_DIR"]);
    world_->StartControlPlane();
    world_->RegisterPlatform(*prefix_);
    world_->StartAgent(kCluster);
  }
  static void TearDownTestSuite() {
    world_->StopAgent(kCluster, SIGTERM);
    world_->StopControlPlane(SIGTERM);
    delete world_;
    delete prefix_;
  }

  // Applied on eu-prod; nobody serves us-prod here.
  static void Release(const std::string& name) {
    world_->Expect(4, "plan-owner", {"apply", "-f", "-"}, Product(name));
    world_->ApproveAll("review-board");
    world_->ApproveAll("domain-owner");
    ASSERT_TRUE(InSync(name)) << Json(name);
  }
  static std::string Topic(const std::string& name, const std::string& customer = "eu") {
    return *prefix_ + customer + ".f-and-r.forecast." + name + ".events";
  }
  static std::string Json(const std::string& name) {
    return world_->Expect(0, "operator", {"describe", "product", "f-and-r." + name, "-o", "json"});
  }
  static bool Says(const std::string& name, const std::string& text) {
    return Eventually([&] { return Json(name).find(text) != std::string::npos; });
  }
  // Both customers' topics of eu-prod are there, with their subject, and nothing is blocked.
  static bool InSync(const std::string& name) {
    return Eventually([&] {
      const ClusterView view = Look(kCluster, *prefix_);
      for (const std::string customer : {"eu", "both"}) {
        const auto topic = view.topics.find(Topic(name, customer));
        if (topic == view.topics.end() || topic->second.partitions != 2 ||
            topic->second.overrides.count("retention.ms") == 0 || !view.subjects.contains(topic->first + "-value") ||
            !view.HasAcl("User:" + *prefix_ + "plan WRITE topic LITERAL " + topic->first))
          return false;
      }
      const std::string json = Json(name);
      return json.find("TopicLost") == std::string::npos && json.find("Exists") == std::string::npos &&
             json.find("BLOCKED") == std::string::npos;
    });
  }
  static std::string IdOf(const std::string& topic) { return Look(kCluster, *prefix_).topics.at(topic).id; }
  static void DeleteTopic(const std::string& topic) {
    KafkaTool(kCluster, {"TopicCommand", "--delete", "--topic", topic});
    ASSERT_TRUE(Eventually([&] { return !Look(kCluster, *prefix_).topics.contains(topic); }));
  }
  static std::string FileOfAgent(const std::string& name) {
    return world_->dir().File(std::string("agent-") + kCluster + "/" + name);
  }
  static void Remove(const std::string& database) {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(FileOfAgent(database + suffix));
  }

  static World* world_;
  static std::string* prefix_;
};
World* Lost::world_ = nullptr;
std::string* Lost::prefix_ = nullptr;

TEST_F(Lost, ATopicThatWasDeletedIsMadeAnewWhenAPersonSaysSo) {
  Release("gone");
  const std::string topic = Topic("gone");
  const std::string lost = IdOf(topic);
  world_->Expect(2, "plan-owner", {"recreate", topic, "--cluster", kCluster});  // it is not lost
  DeleteTopic(topic);
  ASSERT_TRUE(Says("gone", "sluice recreate " + topic + " --cluster eu-prod")) << Json("gone");
  EXPECT_FALSE(Look(kCluster, *prefix_).topics.contains(topic)) << "never by itself";

  // Somebody without a say in it needs an owner's word; that reads what it agrees to.
  world_->Expect(4, "mobile-owner", {"recreate", topic, "--cluster", kCluster, "--reason", "deleted by mistake"});
  const std::string inbox = world_->Expect(0, "plan-owner", {"inbox"});
  EXPECT_THAT(inbox, HasSubstr(topic.substr(0, 30)));
  const std::string change = world_->Expect(0, "plan-owner", {"inbox", "-o", "name"});
  const std::string name = change.substr(0, change.find('\n'));
  const std::string shown = world_->Expect(0, "plan-owner", {"describe", "change", name});
  EXPECT_THAT(shown, HasSubstr("+ topic " + topic));
  EXPECT_THAT(shown, HasSubstr("lost is " + lost));
  EXPECT_THAT(shown, HasSubstr("OPERATION"));
  world_->ApproveAll("plan-owner");
  world_->Expect(0, "plan-owner", {"wait", name, "--for=applied", "--timeout", "60s"});
  ASSERT_TRUE(InSync("gone")) << Json("gone");
  EXPECT_NE(IdOf(topic), lost);
  const std::string audit = world_->Expect(0, "auditor", {"audit", "query", "--change", name, "-o", "json"});
  for (const char* part : {"change.proposed", "change.approved", "change.released", "topic/eu-prod/"}) {
    EXPECT_THAT(audit, HasSubstr(part));
  }
  world_->Expect(2, "plan-owner", {"recreate", topic, "--cluster", kCluster});  // nothing is lost any more
}

TEST_F(Lost, ATopicThatWasMadeAnewByHandIsTakenOverOnlyWhenAccepted) {
  Release("anew");
  const std::string topic = Topic("anew");
  DeleteTopic(topic);
  KafkaTool(kCluster, {"TopicCommand", "--create", "--topic", topic, "--partitions", "1", "--replication-factor", "1"});
  const std::string other = IdOf(topic);
  ASSERT_TRUE(Says("anew", "--accept " + other)) << Json("anew");
  const Finished refused = world_->Sluice("plan-owner", {"recreate", topic, "--cluster", kCluster});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--accept " + other));
  EXPECT_EQ(Look(kCluster, *prefix_).topics.at(topic).partitions, 1) << "nothing of it is touched";
  world_->Expect(0, "plan-owner",
                 {"recreate", topic, "--cluster", kCluster, "--accept", other, "--wait", "applied", "--timeout", "60s"});
  ASSERT_TRUE(InSync("anew")) << Json("anew");
  EXPECT_EQ(IdOf(topic), other) << "with what is in it";
}

TEST_F(Lost, ADiskIsFilledAgainAndEverythingIsStillOurs) {
  Release("disk");
  const std::string before = IdOf(Topic("disk"));
  const std::vector<std::vector<std::string>> parts = {{"journal.db"}, {"cache.db"}, {"journal.db", "cache.db"}};
  for (const std::vector<std::string>& lost : parts) {
    SCOPED_TRACE(lost.size() == 2 ? "everything" : lost[0]);
    world_->StopAgent(kCluster, SIGKILL);
    for (const std::string& file : lost) Remove(file);
    KafkaTool(kCluster, {"ConfigCommand", "--alter", "--topic", Topic("disk"), "--delete-config", "retention.ms"});
    world_->StartAgent(kCluster);
    ASSERT_TRUE(InSync("disk")) << Json("disk");
    EXPECT_EQ(IdOf(Topic("disk")), before);
    EXPECT_EQ(Look(kCluster, *prefix_).subjects.at(Topic("disk") + "-value").versions, 1) << "not registered twice";
  }
}

TEST_F(Lost, AnOlderControlPlaneIsRecognisedWhicheverPartOfTheDiskIsLost) {
  namespace fs = std::filesystem;
  const std::string store = world_->dir().File("controlplane");
  const std::string older = world_->dir().File("older"), newer = world_->dir().File("newer");
  Release("before");
  world_->StopControlPlane(SIGTERM);
  fs::copy(store, older, fs::copy_options::recursive);
  world_->StartControlPlane();
  Release("after");
  const std::string acl = "User:" + *prefix_ + "plan WRITE topic LITERAL " + Topic("after");
  for (const std::string part : {"cache.db", "journal.db"}) {
    SCOPED_TRACE(part);
    world_->StopControlPlane(SIGTERM);
    fs::rename(store, newer);
    fs::copy(older, store, fs::copy_options::recursive);
    world_->StopAgent(kCluster, SIGKILL);
    Remove(part);
    world_->StartControlPlane();
    world_->StartAgent(kCluster);
    EXPECT_TRUE(Eventually([&] {
      return world_->Expect(0, "operator", {"describe", "cluster", kCluster, "-o", "json"}).find("Restored") !=
             std::string::npos;
    }));
    EXPECT_TRUE(Look(kCluster, *prefix_).HasAcl(acl)) << "nothing is changed";
    world_->StopControlPlane(SIGTERM);
    fs::remove_all(store);
    fs::rename(newer, store);
    world_->StartControlPlane();
    ASSERT_TRUE(InSync("after")) << Json("after");
    EXPECT_TRUE(Eventually([&] {
      return world_->Expect(0, "operator", {"describe", "cluster", kCluster, "-o", "json"}).find("Restored") ==
             std::string::npos;
    }));
  }
}

}  // namespace
}  // namespace sluice::testing
