// What an agent is sent, and that it ends up with exactly what is approved.
#include "controlplane/sync/desired_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using sluice::v1::WatchDesiredRequest;
using sluice::v1::WatchDesiredResponse;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// An agent as the protocol means it: stages what comes, commits it at the bookmark.
class ModelAgent {
 public:
  explicit ModelAgent(std::string cluster) : cluster_(std::move(cluster)) {}

  WatchDesiredRequest Request() const {
    WatchDesiredRequest request;
    request.set_cluster(cluster_);
    request.set_revision(revision);
    request.set_history_hash(history_hash);
    request.set_incarnation("i1");
    request.set_protocol_version(kProtocolVersion);
    return request;
  }

  void Take(const WatchDesiredResponse& message) {
    if (message.has_begin()) {
      begins.push_back(message.begin());
      staged_ = message.begin().full() ? std::map<std::string, std::string>() : slices;
      sent.clear();
      return;
    }
    ASSERT_FALSE(begins.empty());
    if (message.has_owned()) TakeOwned(message.owned());
    if (message.has_chunk()) TakeChunk(message.chunk());
    if (message.has_gone()) {
      staged_.erase(message.gone().key());
      sent.push_back("-" + message.gone().key());
    }
    if (message.has_bookmark()) {
      EXPECT_TRUE(piece_.empty()) << "no slice is left open";
      slices = staged_;
      EXPECT_GE(message.bookmark().revision(), revision);
      revision = message.bookmark().revision();
      history_hash = message.bookmark().history_hash();
    }
  }

  // Takes messages until there is none.
  void Drain(DesiredStream& stream) {
    for (;;) {
      auto message = stream.Next();
      ASSERT_TRUE(message.ok()) << message.status();
      if (!message->has_value()) return;
      Take(**message);
    }
  }

  int64_t revision = 0;
  std::string history_hash;
  std::map<std::string, std::string> slices;  // bytes by key
  std::map<std::string, int64_t> generations;
  std::vector<sluice::v1::Begin> begins;
  std::vector<std::string> sent;  // in the last set; `-key`: gone
  std::vector<std::string> owned_topics, owned_subjects;
  size_t largest = 0;             // data of a chunk

 private:
  void TakeOwned(const sluice::v1::Owned& owned) {
    EXPECT_TRUE(begins.back().full());
    EXPECT_TRUE(sent.empty()) << "what is ours comes before the slices";
    EXPECT_LE(owned.topics_size(), kOwnedPerPiece);
    EXPECT_LE(owned.subjects_size(), kOwnedPerPiece);
    for (const auto& topic : owned.topics()) owned_topics.push_back(topic.name());
    owned_subjects.insert(owned_subjects.end(), owned.subjects().begin(), owned.subjects().end());
  }

  void TakeChunk(const sluice::v1::SliceChunk& chunk) {
    piece_ += chunk.data();
    largest = std::max(largest, chunk.data().size());
    if (!chunk.last()) return;
    EXPECT_EQ(Sha256Hex(piece_), chunk.digest());
    staged_[chunk.key()] = std::move(piece_);
    piece_.clear();
    EXPECT_GE(chunk.generation(), generations[chunk.key()]) << "generations never fall";
    generations[chunk.key()] = chunk.generation();
    sent.push_back(chunk.key());
  }

  const std::string cluster_;
  std::map<std::string, std::string> staged_;
  std::string piece_;
};

class DesiredStreamTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store.Release(World()).ok()); }
  DesiredStream Open(const ModelAgent& agent) {
    return DesiredStream(*store, "eu-prod", "spiffe://sluice/agent/eu-prod", agent.Request());
  }
  void Must(const std::vector<core::Edit>& edits) { ASSERT_TRUE(store.Release(edits).ok()); }

  // What eu-prod should hold now.
  std::map<std::string, std::string> Approved() {
    std::map<std::string, std::string> slices;
    auto rows = store->SlicesChangedSince("eu-prod", 0);
    for (const SliceRow& row : *rows) {
      if (!row.gone) slices[row.key] = *store->SliceBytes(*store->Current(), "eu-prod", row.key);
    }
    return slices;
  }

  TestStore store;
  ModelAgent agent{"eu-prod"};
  const core::Grant grant = MakeGrant("f-and-r.forecast", "mobile");
};

TEST_F(DesiredStreamTest, AnAgentThatHoldsNothingGetsEverything) {
  sluice::v1::ReportStatusRequest report;
  report.set_incarnation("i0");
  report.set_sequence(1);
  report.set_full(true);
  report.add_owned()->set_name("t");
  report.add_owned_subjects("t-value");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  auto stream = Open(agent);
  agent.Drain(stream);
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_EQ(agent.slices.size(), 4u);
  EXPECT_EQ(agent.revision, 1);
  EXPECT_EQ(agent.history_hash, *store->HistoryHash("eu-prod", 1));
  ASSERT_EQ(agent.begins.size(), 1u);
  EXPECT_TRUE(agent.begins[0].full());
  EXPECT_TRUE(agent.begins[0].may_apply());
  EXPECT_FALSE(agent.begins[0].history_unknown());
  EXPECT_THAT(agent.begins[0].reserved_principals(), ElementsAre("admin"));
  EXPECT_THAT(agent.owned_topics, ElementsAre("t")) << "recovers a lost disk";
  EXPECT_THAT(agent.owned_subjects, ElementsAre("t-value"));
}

TEST_F(DesiredStreamTest, WhatIsOursComesInPieces) {
  constexpr int kTopics = 2 * kOwnedPerPiece + 1;
  std::vector<std::string> topics;
  for (int from = 0; from < kTopics; from += kOwnedPerPiece) {
    sluice::v1::ReportStatusRequest report;
    report.set_incarnation("i0");
    report.set_sequence(1 + from / kOwnedPerPiece);
    report.set_full(from == 0);
    for (int i = from; i < std::min<int>(kTopics, from + kOwnedPerPiece); ++i) {
      topics.push_back("topic-" + std::to_string(100'000 + i));
      report.add_owned()->set_name(topics.back());
    }
    ASSERT_TRUE(store.Report("eu-prod", report).ok());
  }
  auto stream = Open(agent);
  agent.Drain(stream);
  EXPECT_EQ(agent.owned_topics, topics);
  EXPECT_THAT(agent.owned_subjects, IsEmpty());
  EXPECT_EQ(agent.slices, Approved());
}

TEST_F(DesiredStreamTest, AnAgentThatLostAPartGetsEverythingUnlessItsHistoryIsNotOurs) {
  auto stream = Open(agent);
  agent.Drain(stream);
  WatchDesiredRequest request = agent.Request();
  request.set_everything(true);
  DesiredStream again(*store, "eu-prod", "spiffe://sluice/agent/eu-prod", request);
  agent.Drain(again);
  EXPECT_TRUE(agent.begins.back().full());
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_EQ(agent.sent.size(), Approved().size());
  request.set_history_hash(std::string(64, '0'));
  DesiredStream restored(*store, "eu-prod", "spiffe://sluice/agent/eu-prod", request);
  agent.Drain(restored);
  EXPECT_TRUE(agent.begins.back().history_unknown());
}

TEST_F(DesiredStreamTest, AnAgentWhoseDiskIsOlderThanItsReportsGetsEverything) {
  auto stream = Open(agent);
  agent.Drain(stream);
  const WatchDesiredRequest old = agent.Request();
  Must({Put(grant)});
  agent.Drain(stream);
  sluice::v1::ReportStatusRequest report;
  report.set_incarnation("i1");
  report.set_sequence(1);
  report.set_full(true);
  report.set_revision(agent.revision);
  report.add_owned()->set_name("made-since");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  auto up_to_date = Open(agent);
  agent.Drain(up_to_date);
  EXPECT_FALSE(agent.begins.back().full());
  DesiredStream restored(*store, "eu-prod", "spiffe://sluice/agent/eu-prod", old);
  agent.Drain(restored);
  EXPECT_TRUE(agent.begins.back().full());
  EXPECT_THAT(agent.owned_topics, ElementsAre("made-since"));
  EXPECT_EQ(agent.slices, Approved());
}

TEST_F(DesiredStreamTest, AnOpenStreamBringsWhatChanges) {
  auto stream = Open(agent);
  agent.Drain(stream);
  Must({Put(grant)});
  agent.Drain(stream);
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_THAT(agent.sent, UnorderedElementsAre(kAcmeSlice, kBravoSlice));
  EXPECT_FALSE(agent.begins.back().full());
  EXPECT_EQ(agent.revision, 2);
}

TEST_F(DesiredStreamTest, WhatConcernsAnotherClusterSaysNothing) {
  auto stream = Open(agent);
  agent.Drain(stream);
  Must({Put(MakeCustomer("cargo", {"us"}))});
  agent.Drain(stream);
  EXPECT_EQ(agent.begins.size(), 1u);
  EXPECT_EQ(agent.revision, 1);
  auto again = Open(agent);
  agent.Drain(again);
  EXPECT_FALSE(agent.begins.back().full()) << "its bookmark is still good";
  EXPECT_THAT(agent.sent, IsEmpty());
  EXPECT_EQ(agent.revision, 2);
}

TEST_F(DesiredStreamTest, AnAgentThatComesBackGetsTheDifference) {
  auto stream = Open(agent);
  agent.Drain(stream);
  Must({Put(grant)});
  Must({Delete(grant)});
  Must({Put(MakeCustomer("cargo", {"us"}))});
  store.Reopen();
  auto again = Open(agent);
  agent.Drain(again);
  EXPECT_FALSE(agent.begins.back().full());
  EXPECT_THAT(agent.sent, UnorderedElementsAre(kAcmeSlice, kBravoSlice));
  EXPECT_EQ(agent.slices, Approved());
  sluice::v1::Slice slice;
  ASSERT_TRUE(slice.ParseFromString(agent.slices[kAcmeSlice]));
  EXPECT_EQ(slice.absences_size(), 1) << "it slept through the grant and its revocation";
}

TEST_F(DesiredStreamTest, AGoneSliceIsSaidToBeGone) {
  auto mobile = MakeApplication("mobile");
  mobile.principals = {{"us-prod", "mobile-us"}};
  Must({Put(mobile)});
  auto stream = Open(agent);
  agent.Drain(stream);
  sluice::v1::Slice slice;
  ASSERT_TRUE(slice.ParseFromString(agent.slices["application/mobile"]));
  sluice::v1::ReportStatusRequest report;
  report.set_incarnation("i1");
  report.set_sequence(1);
  report.set_full(true);
  auto* applied = report.add_slices();
  applied->set_key("application/mobile");
  applied->set_generation(2);
  *applied->mutable_gone() = slice.absences();
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  agent.Drain(stream);
  EXPECT_THAT(agent.sent, ElementsAre("-application/mobile"));
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_FALSE(agent.slices.contains("application/mobile"));
  agent.Drain(stream);
  EXPECT_EQ(agent.begins.size(), 2u);
}

TEST_F(DesiredStreamTest, TheTermsOfTheClusterComeWithANewBegin) {
  auto stream = Open(agent);
  agent.Drain(stream);
  auto cluster = MakeCluster("eu");
  cluster.mode = core::Mode::kObserve;
  Must({Put(cluster)});
  agent.Drain(stream);
  ASSERT_EQ(agent.begins.size(), 2u);
  EXPECT_FALSE(agent.begins[1].may_apply());
  cluster.reserved_principals.push_back("mirror");
  Must({Put(cluster)});
  agent.Drain(stream);
  ASSERT_EQ(agent.begins.size(), 3u);
  EXPECT_THAT(agent.begins[2].reserved_principals(), ElementsAre("admin", "mirror"));
  EXPECT_EQ(agent.revision, 3);
}

TEST_F(DesiredStreamTest, AStreamEndsWhenTheClusterIsBoundToAnotherAgent) {
  auto stream = Open(agent);
  agent.Drain(stream);
  auto cluster = MakeCluster("eu");
  cluster.agents = {"spiffe://sluice/agent/another"};
  Must({Put(cluster)});
  EXPECT_EQ(stream.Next().status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(DesiredStreamTest, ALargeSliceComesInPieces) {
  auto product = MakeProduct("f-and-r.forecast");
  product.versions[0].schema->text =
      R"({"type":"object","description":")" + std::string(3'000'000, 'x') + R"("})";
  Must({Put(product)});
  auto stream = Open(agent);
  agent.Drain(stream);
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_GT(agent.slices[kAcmeSlice].size(), 3'000'000u);
  EXPECT_EQ(agent.largest, kChunkBytes);
}

TEST_F(DesiredStreamTest, ASetIsTheStateOfOneRevision) {
  auto stream = Open(agent);
  const auto first = Approved();
  agent.Take(**stream.Next());  // Begin
  agent.Take(**stream.Next());  // one slice
  Must({Put(grant)});
  Must({Put(MakeApplication("other"))});
  while (agent.revision == 0) agent.Take(**stream.Next());
  EXPECT_EQ(agent.revision, 1);
  EXPECT_EQ(agent.slices, first)
      << "as of the revision of the bookmark, though newer content was there to send";
  agent.Drain(stream);
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_EQ(agent.revision, 3);
}

TEST_F(DesiredStreamTest, AStoreFromABackupDoesNotKnowTheHistory) {
  store.Close();
  const std::string backup = store.path() + ".backup";
  std::filesystem::copy_file(store.path(), backup);
  store.Reopen();
  Must({Put(grant)});
  auto stream = Open(agent);
  agent.Drain(stream);
  const auto held = agent.slices;
  store.Close();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(store.path() + suffix);
  std::filesystem::copy_file(backup, store.path(), std::filesystem::copy_options::overwrite_existing);
  store.Reopen();
  ASSERT_EQ(store->Current()->revision, 1);
  const auto unknown = [&] {
    agent.begins.clear();
    auto again = Open(agent);
    agent.Drain(again);
    ASSERT_EQ(agent.begins.size(), 1u);
    EXPECT_TRUE(agent.begins[0].history_unknown());
    EXPECT_FALSE(agent.begins[0].may_apply());
    EXPECT_EQ(agent.slices, held);
    EXPECT_EQ(agent.revision, 2) << "no bookmark";
  };
  unknown();  // its revision is above ours
  Must({Put(MakeApplication("other"))});
  Must({Put(MakeGrant("f-and-r.forecast", "plan"))});
  unknown();  // its hash is another
}

TEST_F(DesiredStreamTest, AnUnregisteredClusterIsNotServed) {
  DesiredStream stream(*store, "nowhere", "spiffe://sluice/agent/nowhere", agent.Request());
  EXPECT_EQ(stream.Next().status().code(), StatusCode::kNotFound);
}

TEST(WatchRequest, OtherProtocolVersionsAreRefused) {
  WatchDesiredRequest request;
  request.set_incarnation("i");
  for (const auto& [version, remedy] : std::vector<std::pair<int32_t, std::string>>{
           {kProtocolVersion + 1, "upgrade the control plane"}, {kProtocolVersion - 1, "upgrade the agent"},
           {-1, "upgrade the agent"}}) {
    request.set_protocol_version(version);
    const absl::Status refused = CheckWatchRequest(request);
    EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
    EXPECT_NE(refused.message().find(remedy), absl::string_view::npos) << refused;
  }
  request.set_protocol_version(kProtocolVersion);
  EXPECT_TRUE(CheckWatchRequest(request).ok());
  request.set_revision(-1);
  EXPECT_EQ(CheckWatchRequest(request).code(), StatusCode::kInvalidArgument);
  request.set_revision(0);
  request.clear_incarnation();
  EXPECT_EQ(CheckWatchRequest(request).code(), StatusCode::kInvalidArgument);
}

// Releases at random moments of the stream, reconnections at random, confirmed absences: every bookmark is
// the state of its revision.
TEST_F(DesiredStreamTest, WhateverHappensMeanwhileEveryBookmarkIsItsRevision) {
  std::mt19937 random(7);
  std::map<int64_t, std::map<std::string, std::string>> by_revision;
  by_revision[1] = Approved();
  const auto change = [&] {
    const auto pick = random() % 6;
    auto mobile = MakeApplication("mobile");
    if (random() % 2) mobile.principals = {};
    if (pick == 0) Must({Put(grant)});
    if (pick == 1) Must({Delete(grant)});
    if (pick == 2) Must({Put(mobile)});
    if (pick == 3) Must({Put(MakeCustomer("c" + std::to_string(random() % 3), {"eu"}))});
    if (pick == 4) Must({Put(MakeProduct("f-and-r.p" + std::to_string(random() % 3)))});
    if (pick == 5) Must({Delete(MakeProduct("f-and-r.p" + std::to_string(random() % 3)))});
    by_revision[store->Current()->revision] = Approved();
  };
  int64_t sequence = 0;
  const auto report = [&] {
    sluice::v1::ReportStatusRequest request;
    request.set_incarnation("i1");
    request.set_sequence(++sequence);
    request.set_full(sequence == 1);
    for (const auto& [key, bytes] : agent.slices) {
      sluice::v1::Slice slice;
      ASSERT_TRUE(slice.ParseFromString(bytes));
      auto* entry = request.add_slices();
      entry->set_key(key);
      entry->set_generation(agent.generations[key]);
      entry->set_applied_generation(agent.generations[key]);
      *entry->mutable_gone() = slice.absences();
    }
    ASSERT_TRUE(store.Report("eu-prod", request).ok());
    by_revision[store->Current()->revision] = Approved();
  };
  auto stream = std::make_unique<DesiredStream>(Open(agent));
  for (int step = 0; step < 2'000; ++step) {
    const auto what = random() % 20;
    if (what == 0) change();
    if (what == 1 && random() % 4 == 0) report();
    if (what == 2 && random() % 4 == 0) stream = std::make_unique<DesiredStream>(Open(agent));
    const int64_t before = agent.revision;
    auto message = stream->Next();
    ASSERT_TRUE(message.ok()) << message.status();
    if (!message->has_value()) continue;
    agent.Take(**message);
    if (agent.revision == before) continue;
    const auto at = std::prev(by_revision.upper_bound(agent.revision));
    ASSERT_EQ(agent.slices, at->second) << "revision " << agent.revision;
  }
  agent.Drain(*stream);
  EXPECT_EQ(agent.slices, Approved());
  EXPECT_GT(by_revision.size(), 30u);
}

}  // namespace
}  // namespace sluice::controlplane
