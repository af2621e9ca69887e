// Faults on the agent's own side: its disk, its clock, a second agent.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "agent/full_disk.h"
#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// CN=old, valid from 2026 to 2036.
constexpr char kCertificate[] = R"(-----BEGIN CERTIFICATE-----
MIIBcjCCARegAwIBAgIUKhplGRLpMIfRh47uciuL7KtHsdIwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDb2xkMB4XDTI2MTEyMjA5MTU1OVoXDTM2MTExOTA5MTU1OVow
DjEMMAoGA1UEAwwDb2xkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEI8LfqlYh
G/Zw6tIV6N1Kw5lWcY/7+6IxfVdz2xXbuKu2BSslGpDmofGf8A8zf0xz8eEfx5es
lHVk767CKUZbW6NTMFEwHQYDVR0OBBYEFKF9/32vXzHZEJTzXmBWko22wOcTMB8G
A1UdIwQYMBaAFKF9/32vXzHZEJTzXmBWko22wOcTMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSQAwRgIhAPRwhLEDdM4AWDDShh6RDgy2TC/WW220iWkmVBey
DGR6AiEA4jp4Hw7UdzwocUJkgKQ8P+3CHzJVyEEVUx5K90i64nE=
-----END CERTIFICATE-----
)";

class LocalFaults : public ReconcilerTest {
 protected:
  std::string JournalPath() const { return directory_.path() + "/journal.db"; }
};

TEST_F(LocalFaults, WithAFullDiskNothingIsCreatedThatCouldNotBeJournalled) {
  Settle();
  {
    const FullDisk full(1);
    Hold({MakeSlice(kSlice, kTopic)}, 4);
    Settle();
    EXPECT_THAT(World().topics, IsEmpty());
    EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_FAILED) << Report().DebugString();
    Resync();
    EXPECT_THAT(World().topics, IsEmpty());
    ASSERT_NE(ClusterCondition("JournalUnwritable"), nullptr);
    EXPECT_THAT(ClusterCondition("JournalUnwritable")->message(), HasSubstr("nothing is created"));
    EXPECT_THAT(metrics_.Text(), HasSubstr("sluice_agent_problems{type=\"JournalUnwritable\"} 1"));
  }
  Resync();  // there is space again, and nobody restarted anything
  EXPECT_EQ(World().topics.count(kTopic), 1u);
  EXPECT_EQ(ClusterCondition("JournalUnwritable"), nullptr);
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
  EXPECT_THAT(metrics_.Text(), HasSubstr("sluice_agent_problems{type=\"JournalUnwritable\"} 0"));
}

TEST_F(LocalFaults, WithAFullDiskWhatIsThereIsHealedAllTheSame) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  const FullDisk full(1);
  kafka_.broker().Change([](kafka::World& world) {
    world.acls.clear();
    world.topics.at(kTopic).overrides["retention.ms"] = "7";
  });
  Resync();
  EXPECT_EQ(World().acls.size(), 1u);
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "604800000");
}

TEST_F(LocalFaults, AJournalThatIsDeletedWhileTheAgentWorksIsWrittenAnew) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  const std::map<std::string, core::OwnedTopic> ours = journal_->ours().topics;
  ASSERT_EQ(ours.size(), 1u);
  for (const char* part : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(JournalPath() + part);
  Resync();
  Start();  // a new process finds everything
  EXPECT_EQ(journal_->ours().topics.at(kTopic).id, ours.at(kTopic).id);
  Settle();
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC);
}

TEST_F(LocalFaults, TheWholeDirectoryMayGo) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  std::filesystem::remove_all(directory_.path());
  Resync();
  Start();
  EXPECT_EQ(journal_->ours().topics.count(kTopic), 1u);
}

// A wall clock that can be set, over one that cannot.
class SettableClock final : public Clock {
 public:
  explicit SettableClock(FakeClock& clock) : clock_(clock) {}
  Time Now() const override { return clock_.Now() + off_; }
  std::chrono::steady_clock::time_point Steady() const override { return clock_.Steady(); }
  void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                 std::chrono::steady_clock::time_point deadline) override {
    clock_.WaitUntil(condition, lock, deadline);
  }
  void Set(std::chrono::microseconds off) { off_ = off; }

 private:
  FakeClock& clock_;
  std::chrono::microseconds off_{};
};

class ClockFaults : public ReconcilerTest {
 protected:
  // A new process that goes by the wall clock that can be set.
  void StartWithWall() {
    options_.max_offline_age = hours(24);
    Start();
    reconciler_ = std::make_unique<Reconciler>(
        options_, ReconcilerParts{wall_, *journal_, To(), *book_, metrics_}, held_, "");
  }
  void LoseGrants() {
    kafka_.broker().Change([](kafka::World& world) { world.acls.clear(); });
    Resync();
  }

  SettableClock wall_{clock_};
};

TEST_F(ClockFaults, AWallClockThatIsSetBackGrantsNothingFromAnOldState) {
  StartWithWall();
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  wall_.Set(-hours(24 * 365));
  Advance(hours(25));
  LoseGrants();
  EXPECT_THAT(World().acls, IsEmpty());
  EXPECT_TRUE(Says("Blocked", "Stale")) << Report().DebugString();
  StartWithWall();  // nor after a restart
  Settle();
  EXPECT_THAT(World().acls, IsEmpty());
  reconciler_->Contacted();
  Settle();
  Resync();
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(ClockFaults, AWallClockThatIsSetForwardBlocksNoFreshState) {
  StartWithWall();
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  wall_.Set(hours(24 * 365));
  LoseGrants();
  EXPECT_EQ(World().acls.size(), 1u);
  EXPECT_EQ(ClusterCondition("Stale"), nullptr);
  StartWithWall();
  LoseGrants();
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(ClockFaults, AfterARebootIntoThePastTheAgeIsNotKnownAndSaidSo) {
  options_.boot = "first";
  StartWithWall();
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  options_.boot = "second";
  wall_.Set(-hours(24 * 365));
  StartWithWall();
  LoseGrants();
  EXPECT_THAT(World().acls, IsEmpty());
  ASSERT_NE(ClusterCondition("Stale"), nullptr);
  EXPECT_THAT(ClusterCondition("Stale")->message(), HasSubstr("set it right"));
  wall_.Set(std::chrono::microseconds(0));  // somebody did
  Resync();
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(LocalFaults, ACertificateThatExpiresIsACondition) {
  const std::string path = directory_.path() + "/old.crt";
  std::ofstream(path) << kCertificate;
  options_.certificates = {{"tls.certificate", path, ""}};
  Start();  // the clock stands at 2019 or so
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  EXPECT_EQ(ClusterCondition("CertificateExpiring"), nullptr);
  EXPECT_THAT(metrics_.Text(),
              HasSubstr("sluice_agent_certificate_expiry_timestamp_seconds{use=\"tls.certificate\"} "));
  Advance(hours(24 * 365 * 20));
  Resync();
  ASSERT_NE(ClusterCondition("CertificateExpiring"), nullptr);
  EXPECT_THAT(ClusterCondition("CertificateExpiring")->message(),
              HasSubstr("tls.certificate expired on 2036"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("sluice_agent_problems{type=\"CertificateExpiring\"} 1"));
}

class SecondAgent : public ReconcilerTest {
 protected:
  SecondAgent() {
    options_.patience = std::chrono::seconds(5);
    Start();
    Hold({MakeSlice(kSlice, kTopic)}, 4);
  }
};

TEST_F(SecondAgent, ChangesNothingWhileTheFirstOneLivesAndTakesOverThen) {
  reconciler_->Stands(Standing::kSecond);
  Settle();
  Resync();
  EXPECT_THAT(World().topics, IsEmpty());
  ASSERT_NE(ClusterCondition("SecondAgent"), nullptr);
  EXPECT_THAT(metrics_.Text(), HasSubstr("sluice_agent_problems{type=\"SecondAgent\"} 1"));
  reconciler_->Stands(Standing::kServing);
  Settle();
  EXPECT_EQ(World().topics.count(kTopic), 1u);
  EXPECT_EQ(ClusterCondition("SecondAgent"), nullptr);
}

TEST_F(SecondAgent, WaitsForTheControlPlanesWordBeforeItChangesAnything) {
  reconciler_->RunOnce();
  EXPECT_THAT(World().topics, IsEmpty());
  reconciler_->Stands(Standing::kServing);
  Settle();
  EXPECT_EQ(World().topics.count(kTopic), 1u);
}

TEST_F(SecondAgent, WorksAloneWhenTheControlPlaneIsAway) {
  reconciler_->RunOnce();
  Advance(std::chrono::seconds(4));
  reconciler_->RunOnce();
  EXPECT_THAT(World().topics, IsEmpty());
  EXPECT_LE(reconciler_->NextDue() - clock_.Steady(), std::chrono::seconds(1)) << "it wakes by itself";
  Advance(std::chrono::seconds(1));
  Settle();
  EXPECT_EQ(World().topics.count(kTopic), 1u);
}

TEST_F(SecondAgent, OneThatWasServingStopsWhenAnotherTookItsPlace) {
  reconciler_->Stands(Standing::kServing);
  Settle();
  reconciler_->Stands(Standing::kSecond);
  kafka_.broker().Change([](kafka::World& world) { world.acls.clear(); });
  Resync();
  EXPECT_THAT(World().acls, IsEmpty());
}

}  // namespace
}  // namespace sluice::agent
