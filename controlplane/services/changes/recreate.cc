#include "controlplane/services/changes/recreate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "common/core/compile.h"
#include "common/core/lost_topic.h"
#include "common/core/names.h"
#include "common/wire/wire.h"
#include "controlplane/services/changes/plan.h"
#include "controlplane/services/limits.h"
#include "controlplane/services/page.h"
#include "controlplane/store/slice_changes.h"

namespace sluice::controlplane {
namespace {

using sluice::v1::Recreation;

// Where a topic belongs by its name.
struct Home {
  std::string product, slice;
};

std::optional<Home> HomeOf(std::string_view topic) {
  const auto parts = core::ParseTopicName(topic);
  if (!parts) return std::nullopt;
  const std::string product = fmt::format("{}.{}", parts->domain, parts->product);
  return Home{product, core::ProductSliceKey(product, parts->customer)};
}

// Whether something approved wants topics; slices are compiled once.
class Wanted {
 public:
  explicit Wanted(const State& state) : state_(state) {}

  bool Has(const std::string& cluster, const std::string& topic) {
    const auto home = HomeOf(topic);
    if (!home) return false;
    const auto [slice, is_new] = slices_.try_emplace({cluster, home->slice});
    if (is_new) slice->second = SliceOf(state_, {cluster, home->slice});
    return slice->second && std::any_of(slice->second->topics.begin(), slice->second->topics.end(),
                                        [&](const core::Topic& wanted) { return wanted.name == topic; });
  }

 private:
  const State& state_;
  std::map<std::pair<std::string, std::string>, std::optional<core::Slice>> slices_;
};

core::Finding Wrong(size_t position, const Recreation& recreation, std::string rule, std::string message,
                    std::string remedy) {
  return {.severity = core::Severity::kError,
          .edit = position,
          .resource = core::RecreationResource(recreation.cluster().substr(0, kMaxName),
                                               recreation.topic().substr(0, kMaxName)),
          .field = "",
          .rule = std::move(rule),
          .message = std::move(message),
          .remedy = std::move(remedy)};
}

// What the catalog alone says against it.
std::optional<core::Finding> CheckWanted(const State& state, Wanted& wanted, size_t position,
                                         const Recreation& recreation) {
  const std::string& cluster = recreation.cluster();
  if (state.catalog.clusters.Find(cluster) == nullptr) {
    return Wrong(position, recreation, "unknown-cluster",
                 fmt::format("'{}' is not a registered cluster", cluster.substr(0, 100)),
                 "`sluice get clusters` lists them");
  }
  if (wanted.Has(cluster, recreation.topic())) return std::nullopt;
  return Wrong(position, recreation, "unknown-topic",
               fmt::format("nothing that is approved for {} wants topic {}", cluster,
                           recreation.topic().substr(0, core::kMaxTopicName)),
               "`sluice who` tells what a topic belongs to; check its spelling and the cluster");
}

// The agent's last word about a lost topic.
struct Reported {
  bool known = false;   // the agent has reported the slice
  std::string message;  // of its TopicLost; empty: it reports none
};

absl::StatusOr<Reported> ReportOf(Store& store, const Recreation& recreation, const std::string& slice) {
  auto observations = store.ListSlices(recreation.cluster(), slice);
  if (!observations.ok()) return observations.status();
  Reported reported;
  for (const SliceObservation& observation : *observations) {
    if (observation.slice.key != slice || !observation.report) continue;
    reported.known = true;
    for (const sluice::v1::Condition& condition : observation.report->conditions()) {
      if (condition.reason() == "TopicLost" && condition.resource() == "topic " + recreation.topic())
        reported.message = condition.message();
    }
  }
  return reported;
}

std::optional<core::Finding> CheckReport(const Reported& reported, size_t position,
                                         const Recreation& recreation) {
  const std::string& cluster = recreation.cluster();
  const std::string& accepted = recreation.accept_topic_id();
  if (!reported.known) {
    return Wrong(position, recreation, "not-lost",
                 fmt::format("the agent of {} has not reported about this topic yet", cluster),
                 "see that the agent runs and wait for its report: `sluice status`");
  }
  if (reported.message.empty()) {
    return Wrong(position, recreation, "not-lost",
                 fmt::format("the agent of {} does not report this topic as lost", cluster),
                 "nothing is to be done; `sluice who` shows what the agent reports");
  }
  const std::string other(core::ReplacementIn(reported.message));
  if (accepted == other) return std::nullopt;
  if (accepted.empty()) {
    return Wrong(position, recreation, "another-topic",
                 fmt::format("somebody else made a topic of that name (ID {})", other),
                 fmt::format("take it as ours with `--accept {}`, or delete it and recreate ours", other));
  }
  if (other.empty()) {
    return Wrong(
        position, recreation, "nothing-to-accept",
        fmt::format("there is no topic of that name with ID {}: ours is gone and none is in its place",
                    accepted.substr(0, 64)),
        "leave --accept out: an empty one is made");
  }
  return Wrong(position, recreation, "another-topic",
               fmt::format("the topic that stands there has ID {}, not {}", other, accepted.substr(0, 64)),
               fmt::format("look into it, then say `--accept {}`", other));
}

absl::Status ReadOne(Store& store, const State& state, Wanted& wanted, size_t position, Recreation recreation,
                     Proposal& proposal) {
  auto finding = CheckWanted(state, wanted, position, recreation);
  if (!finding) {
    absl::StatusOr<Reported> reported = ReportOf(store, recreation, HomeOf(recreation.topic())->slice);
    if (!reported.ok()) return reported.status();
    absl::StatusOr<std::string> id = store.OwnedTopicId(recreation.cluster(), recreation.topic());
    if (!id.ok()) return id.status();
    finding = CheckReport(*reported, position, recreation);
    if (!finding && id->empty()) {
      finding = Wrong(position, recreation, "topic-id-unknown",
                      "the ID of the topic that was ours is not known", "wait for the agent's next report");
    }
    recreation.set_lost_topic_id(*id);
  }
  if (finding) proposal.findings.push_back(*std::move(finding));
  proposal.recreations.push_back(std::move(recreation));
  return absl::OkStatus();
}

bool IsStated(const State& state, const Recreation& recreation) {
  const auto home = HomeOf(recreation.topic());
  const core::LostTopic wanted = {recreation.topic(), recreation.lost_topic_id(),
                                  recreation.accept_topic_id()};
  const std::vector<core::Absence> absences =
      home ? AbsencesOf(state, {recreation.cluster(), home->slice}) : std::vector<core::Absence>();
  return std::any_of(absences.begin(), absences.end(), [&](const core::Absence& absence) {
    const auto* lost = std::get_if<core::LostTopic>(&absence.resource);
    return lost != nullptr && *lost == wanted;
  });
}

std::vector<core::Recreation> ToCore(const Draft& draft) {
  std::vector<core::Recreation> recreations;
  for (const Recreation& from : draft.recreations) {
    const auto home = HomeOf(from.topic());
    recreations.push_back({from.cluster(),
                           home ? home->product : "",
                           {from.topic(), from.lost_topic_id(), from.accept_topic_id()}});
  }
  return recreations;
}

}  // namespace

absl::Status ReadRecreations(Store& store, const sluice::v1::ProposeChangeRequest& request,
                             Proposal& proposal) {
  const std::shared_ptr<const State> state = store.Current();
  Wanted wanted(*state);
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < request.recreations_size(); ++i) {
    Recreation recreation = request.recreations(i);
    recreation.clear_lost_topic_id();  // output only
    const auto position = static_cast<size_t>(i);
    if (!seen.emplace(recreation.cluster(), recreation.topic()).second) {
      proposal.findings.push_back(
          Wrong(position, recreation, "repeated", "the topic occurs twice", "keep one of them"));
      continue;
    }
    absl::Status status = ReadOne(store, *state, wanted, position, std::move(recreation), proposal);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

Review ReviewRecreations(const State& state, const Proposal& proposal) {
  Review review{.revision = state.revision, .findings = proposal.findings, .drafts = {}, .unchanged = {}};
  Draft draft;
  draft.justification = proposal.justification;
  for (const Recreation& recreation : proposal.recreations) {
    if (IsStated(state, recreation)) {
      review.unchanged.push_back(core::RecreationResource(recreation.cluster(), recreation.topic()));
    } else {
      draft.recreations.push_back(recreation);
    }
  }
  if (!draft.recreations.empty()) review.drafts.push_back(std::move(draft));
  return review;
}

Judgement JudgeRecreations(const State& state, const Draft& draft, const std::vector<core::Person>& authors,
                           const core::RoleHolders& roles) {
  Judgement judgement{.revision = state.revision, .findings = {}, .assessment = {}, .plans = {}};
  Wanted wanted(state);
  for (size_t i = 0; i < draft.recreations.size(); ++i) {
    if (auto finding = CheckWanted(state, wanted, i, draft.recreations[i])) {
      judgement.findings.push_back(*std::move(finding));
    }
  }
  if (HasErrors(judgement.findings)) return judgement;
  const std::vector<core::Recreation> recreations = ToCore(draft);
  judgement.findings = core::WarnOfRecreations(recreations);
  judgement.assessment = core::AssessRecreations(state.catalog, recreations, authors, roles);
  judgement.plans = MakePlans(state, TopicsToGiveUp(draft));
  return judgement;
}

std::vector<GivenUpTopic> TopicsToGiveUp(const Draft& draft) {
  std::vector<GivenUpTopic> topics;
  for (const core::Recreation& recreation : ToCore(draft)) {
    topics.push_back({recreation.cluster, HomeOf(recreation.topic.topic)->slice, recreation.topic});
  }
  return topics;
}

std::vector<std::string> ProductsOf(const Draft& draft) {
  std::set<std::string> names;
  for (const core::Recreation& recreation : ToCore(draft))
    names.insert(core::ResourceName(core::Kind::kDataProduct, recreation.product));
  return {names.begin(), names.end()};
}

}  // namespace sluice::controlplane
