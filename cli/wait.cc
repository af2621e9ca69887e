#include "cli/wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cli/plan.h"
#include "sluice/v1/change.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLastPause{1000};
constexpr milliseconds kDefaultTime{600'000};

// `eu-prod 3/5 pending` for each cluster that is behind.
std::string Behind(const v1::Change& change) {
  std::vector<std::string> parts;
  for (const v1::ChangeProgress& progress : change.progress()) {
    if (progress.applied() >= progress.slices()) continue;
    std::string part = fmt::format("{} {}/{} {}", progress.cluster(), progress.applied(), progress.slices(),
                                   StateWord(progress.state()));
    if (!progress.attention().empty()) part += fmt::format(" ({})", progress.attention());
    parts.push_back(std::move(part));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// One line that is written over again.
class Progress {
 public:
  explicit Progress(Terminal& terminal) : terminal_(terminal) {}
  ~Progress() { Show(""); }
  void Show(const std::string& text) {
    if (!terminal_.err_is_terminal || text == shown_) return;
    terminal_.err << "\r\x1b[K" << Shortened(text, 100) << std::flush;
    shown_ = text;
  }

 private:
  Terminal& terminal_;
  std::string shown_;
};

enum class Standing { kOpen, kThere, kEnded };

Standing StandingOf(const v1::Change& change, WaitFor target) {
  switch (change.state()) {
    case v1::Change::STATE_WAITING:
      return Standing::kOpen;
    case v1::Change::STATE_RELEASED:
      return target == WaitFor::kApproved || IsApplied(change) ? Standing::kThere : Standing::kOpen;
    default:
      return Standing::kEnded;
  }
}

std::string OpenText(const v1::Change& change) {
  if (change.state() == v1::Change::STATE_WAITING)
    return fmt::format("{} waits for {}", change.name(), OpenNeeds(change));
  return fmt::format("{} is released; behind: {}", change.name(), Behind(change));
}

ExitCode Report(Session& session, const v1::Change& change, Standing standing, WaitFor target) {
  if (standing == Standing::kThere) {
    bool applied = target == WaitFor::kApplied;
    session.terminal.out << change.name() << (applied ? " applied" : " approved and released") << "\n";
    return kDone;
  }
  if (standing == Standing::kEnded) {
    session.terminal.err << "error: " << change.name() << " is " << ChangeStateWord(change.state())
                         << (change.closing_reason().empty() ? "" : ": " + change.closing_reason()) << "\n";
    return kFailed;
  }
  session.terminal.err << OpenText(change) << "\n";
  return change.state() == v1::Change::STATE_WAITING ? kWaiting : kBehind;
}

}  // namespace

bool IsApplied(const v1::Change& change) {
  return std::all_of(
      change.progress().begin(), change.progress().end(),
      [](const v1::ChangeProgress& progress) { return progress.applied() >= progress.slices(); });
}

ExitCode WaitForChange(Session& session, Client& client, const std::string& name, WaitFor target) {
  v1::GetChangeRequest request;
  request.set_name(name);
  milliseconds time = session.options.timeout.count() > 0 ? session.options.timeout : kDefaultTime;
  auto deadline = session.clock.Steady() + time;
  milliseconds pause = kFirstPause;
  Progress progress(session.terminal);
  bool answered = false;
  while (true) {
    auto change = client.Call(&v1::ChangeService::Stub::GetChange, request);
    // A control plane that restarts meanwhile is waited for; one that never answered is not.
    if (answered && absl::IsUnavailable(change.status()) && session.clock.Steady() + pause < deadline) {
      progress.Show(std::string(change.status().message()));
      session.sleep(kLastPause);
      continue;
    }
    answered = true;
    if (!change.ok()) {
      progress.Show("");
      return Fail(session, change.status());
    }
    Standing standing = StandingOf(*change, target);
    if (standing != Standing::kOpen || session.clock.Steady() + pause > deadline) {
      progress.Show("");
      return Report(session, *change, standing, target);
    }
    progress.Show(OpenText(*change));
    session.sleep(pause);
    pause = std::min(pause * 3 / 2, kLastPause);
  }
}

}  // namespace sluice::cli
