// kill -9 at any moment: every acknowledged write is there, with one audit entry, and nothing is half there.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "common/wire/wire.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {
namespace {

constexpr int kThreads = 4;
constexpr size_t kRecord = 16;  // bytes of an acknowledgement; less than PIPE_BUF, so writes are atomic

// The child: writes applications from several threads and says which were acknowledged, until it is killed.
[[noreturn]] void WriteForever(const std::string& path, int round, int pipe) {
  auto database = db::OpenSqlite(path);
  if (!database.ok()) _exit(1);
  SystemClock clock;
  auto store = Store::Open(*std::move(database), clock);
  if (!store.ok()) _exit(2);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0;; ++i) {
        std::string name =
            "a" + std::to_string(round) + "-" + std::to_string(thread) + "-" + std::to_string(i);
        const core::Edit edit = Put(MakeApplication(name));
        const auto status = (*store)->Write([&](Transaction& t) -> absl::Status {
          auto released = t.Release({edit}, {wire::ToProto(edit.definition)}, name);
          if (!released.ok()) return released.status();
          return t.Audit({.actor = "system", .action = "change.released", .change = name});
        });
        if (!status.ok()) _exit(3);
        name.resize(kRecord, ' ');
        if (write(pipe, name.data(), name.size()) != static_cast<ssize_t>(kRecord)) _exit(4);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  _exit(5);
}

// Lets a child write until `count` writes were acknowledged, kills it, returns all that it acknowledged.
std::set<std::string> WriteAndKill(const std::string& path, int round, size_t count) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    WriteForever(path, round, ends[1]);
  }
  close(ends[1]);
  std::set<std::string> acknowledged;
  char record[kRecord];
  bool killed = false;
  while (read(ends[0], record, kRecord) == static_cast<ssize_t>(kRecord)) {
    std::string name(record, kRecord);
    name.erase(name.find(' '));
    acknowledged.insert(name);
    if (acknowledged.size() >= count && !killed) killed = kill(child, SIGKILL) == 0;
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "exit " << WEXITSTATUS(status);
  close(ends[0]);
  return acknowledged;
}

TEST(Crash, AcknowledgedWritesSurviveKill) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  std::mt19937 random(20261122);
  std::set<std::string> acknowledged;
  for (int round = 0; round < 8; ++round) {
    store.Close();
    acknowledged.merge(WriteAndKill(store.path(), round, 1 + random() % 120));
    store.Reopen();
    std::map<std::string, int> entries;
    auto audit = store->ReadAudit(1, {}, 1'000'000);
    ASSERT_TRUE(audit.ok()) << audit.status();
    int64_t seq = 0;
    for (const auto& entry : *audit) {
      ASSERT_EQ(entry.seq(), ++seq);
      ++entries[entry.change()];
    }
    const auto state = store->Current();
    for (const std::string& name : acknowledged)
      EXPECT_NE(state->catalog.applications.Find(name), nullptr) << name;
    size_t applications = 0;
    for (const auto& application : state->catalog.applications.entries()) {
      if (application.name == "plan" || application.name == "mobile") continue;
      ++applications;
      EXPECT_EQ(entries[application.name], 1) << application.name;
    }
    EXPECT_EQ(entries.size(), applications + 1) << "no entry without its change";
    EXPECT_EQ(state->revision, static_cast<int64_t>(applications) + 1);
    EXPECT_EQ(store->LastAuditSeq(), state->revision) << "nothing was compiled differently";
  }
}

}  // namespace
}  // namespace sluice::controlplane
