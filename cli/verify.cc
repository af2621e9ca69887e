// verify: whether everything is as it was approved. Reads Kafka and the registries itself, and the control
// plane's books.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <ostream>

#include "agent/access.h"
#include "cli/commands.h"
#include "cli/kinds.h"
#include "cli/output.h"
#include "cli/verify/cluster_check.h"
#include "cli/verify/foreign.h"
#include "cli/verify/records.h"
#include "common/log/log.h"
#include "common/manifest/manifest.h"
#include "sluice/v1/lookup.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
namespace iv1 = sluice::internal::v1;
using std::chrono::milliseconds;
using verify::ApprovedCluster;
using verify::Findings;

constexpr milliseconds kPause{2000};     // between looks at what differs
constexpr milliseconds kSettle{20'000};  // how long a difference may last before it is wrong
constexpr size_t kMaxBaseline = size_t{256} << 20;
constexpr size_t kMaxNames = size_t{16} << 20;
constexpr int kMaxShown = 200;  // findings of a table

using Configs = std::map<std::string, iv1::AgentConfig>;  // by cluster

absl::StatusOr<Configs> LoadConfigs(const std::vector<std::string>& paths) {
  Configs configs;
  for (const std::string& path : paths) {
    iv1::AgentConfig config;
    if (absl::Status status = manifest::LoadConfig(path, config); !status.ok()) return status;
    const std::string cluster = config.cluster();
    if (!configs.emplace(cluster, std::move(config)).second)
      return absl::InvalidArgumentError(
          fmt::format("{}: cluster {} was named by another file; leave one out", path, cluster));
  }
  return configs;
}

absl::StatusOr<iv1::Verification> LoadBaseline(const std::string& path) {
  iv1::Verification baseline;
  if (path.empty()) return baseline;
  absl::StatusOr<std::string> text = manifest::ReadLocalFile(path, kMaxBaseline);
  if (!text.ok())
    return absl::InvalidArgumentError(fmt::format("{}: {}", path, std::string(text.status().message())));
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed = google::protobuf::util::JsonStringToMessage(*text, &baseline, options);
  if (!parsed.ok() || !baseline.has_time())
    return absl::InvalidArgumentError(
        fmt::format("{}: this is no output of sluice verify -o json; write one with it", path));
  return baseline;
}

absl::StatusOr<std::vector<std::string>> LoadNames(const std::string& path) {
  std::vector<std::string> names;
  if (path.empty()) return names;
  absl::StatusOr<std::string> text = manifest::ReadLocalFile(path, kMaxNames);
  if (!text.ok())
    return absl::InvalidArgumentError(fmt::format("{}: {}", path, std::string(text.status().message())));
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = rest.find('\n');
    std::string line(rest.substr(0, end));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) names.push_back(std::move(line));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return names;
}

// Kafka and the registry of one cluster, as its agent's configuration says to reach them.
class Cluster {
 public:
  static absl::StatusOr<std::unique_ptr<Cluster>> Open(const iv1::AgentConfig& config) {
    auto cluster = std::make_unique<Cluster>();
    auto kafka = agent::OpenKafka(agent::KafkaOptionsOf(config));
    if (!kafka.ok()) return kafka.status();
    cluster->kafka_ = *std::move(kafka);
    if (config.registry().url().empty()) return cluster;
    cluster->registry_options_ = agent::RegistryOptionsOf(config);
    auto registry = agent::OpenRegistry(*cluster->registry_options_);
    if (!registry.ok()) return registry.status();
    cluster->registry_ = *std::move(registry);
    return cluster;
  }

  // Everything, every config key and every approved subject.
  agent::Observation Look(const ApprovedCluster& approved) {
    agent::Observation seen;
    auto state = kafka_->Observe({});
    seen.kafka = state.status();
    seen.acls = state.ok() ? state->acls.status() : state.status();
    if (state.ok()) {
      seen.observed.topics = std::move(state->topics);
      if (state->acls.ok()) seen.observed.acls = *std::move(state->acls);
      seen.observed.brokers = state->brokers;
      seen.unreadable_topics = std::move(state->unreadable);
      seen.cluster_id = std::move(state->cluster_id);
    }
    seen.registry = LookAtRegistry(approved, seen);
    return seen;
  }

  const std::optional<agent::RegistryOptions>& registry() const { return registry_options_; }

 private:
  absl::Status LookAtRegistry(const ApprovedCluster& approved, agent::Observation& seen) {
    std::vector<core::Subject> subjects;
    for (const core::Slice& slice : approved.slices)
      subjects.insert(subjects.end(), slice.subjects.begin(), slice.subjects.end());
    if (subjects.empty()) {
      seen.observed.subjects.emplace();
      return absl::OkStatus();
    }
    if (registry_ == nullptr)
      return absl::FailedPreconditionError("the agent's configuration names no registry; set registry.url");
    auto state = registry_->Observe(subjects);
    if (!state.ok()) return state.status();
    seen.observed.subjects = std::move(state->subjects);
    seen.unreadable_subjects = std::move(state->unreadable);
    return absl::OkStatus();
  }

  std::unique_ptr<agent::KafkaTarget> kafka_;
  std::unique_ptr<agent::RegistryTarget> registry_;
  std::optional<agent::RegistryOptions> registry_options_;
};

class Verifier {
 public:
  Verifier(Session& session, const VerifyOptions& options, Client& client, const Configs& configs,
           const iv1::Verification& baseline)
      : session_(session), options_(options), client_(client), configs_(configs), baseline_(baseline) {}

  absl::StatusOr<iv1::Verification> Run(const std::vector<v1::Resource>& clusters,
                                        const std::vector<std::string>& acknowledged) {
    auto info = client_.Call(&v1::LookupService::Stub::GetServerInfo, v1::GetServerInfoRequest());
    if (!info.ok()) return info.status();
    result_.set_revision(info->revision());
    if (baseline_.has_time()) *result_.mutable_baseline_time() = baseline_.time();
    for (const v1::Resource& cluster : clusters) {
      if (absl::Status status = CheckOne(cluster.cluster()); !status.ok()) return status;
    }
    absl::StatusOr<verify::RecordCounts> counts = verify::CheckRecords(client_, acknowledged, findings_);
    if (!counts.ok()) return counts.status();
    result_.set_changes(counts->changes);
    result_.set_audit_entries(counts->audit_entries);
    result_.set_definitions(counts->definitions);
    for (iv1::VerifyFinding& finding : findings_.ToProtos()) *result_.add_findings() = std::move(finding);
    *result_.mutable_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        session_.clock.Now().time_since_epoch().count());
    return std::move(result_);
  }

 private:
  // One look at everything of a cluster.
  struct LookResult {
    ApprovedCluster approved;
    std::optional<agent::Observation> seen;
    Findings findings;
  };

  absl::StatusOr<LookResult> Look(const v1::Cluster& cluster, Cluster* target) {
    LookResult look;
    absl::StatusOr<ApprovedCluster> approved = verify::ReadApproved(client_, cluster);
    if (!approved.ok()) return approved.status();
    look.approved = *std::move(approved);
    if (target != nullptr) look.seen = target->Look(look.approved);
    absl::StatusOr<verify::Troubles> troubles = verify::ReadTroubles(client_);
    if (!troubles.ok()) return troubles.status();
    const auto& reports = (*troubles)[cluster.name()];
    if (look.seen) {
      verify::CheckCluster(look.approved, *look.seen, reports, look.findings);
    } else {
      verify::CheckReports(look.approved, reports, look.findings);
    }
    return look;
  }

  // What is wrong in every look until it has had time to be put right: releases, agents' work and brokers'
  // answers are under way all the time.
  absl::StatusOr<LookResult> LookUntilSettled(const v1::Cluster& cluster, Cluster* target) {
    const auto deadline = session_.clock.Steady() + (options_.settle.count() > 0 ? options_.settle : kSettle);
    absl::StatusOr<LookResult> look = Look(cluster, target);
    while (look.ok() && !look->findings.wrong().empty() && session_.clock.Steady() + kPause < deadline) {
      session_.sleep(kPause);
      absl::StatusOr<LookResult> again = Look(cluster, target);
      if (again.ok()) again->findings.KeepWrongAlsoIn(look->findings);
      look = std::move(again);
    }
    return look;
  }

  absl::Status CheckOne(const v1::Cluster& cluster) {
    const auto config = configs_.find(cluster.name());
    std::unique_ptr<Cluster> target;
    if (config != configs_.end()) {
      auto opened = Cluster::Open(config->second);
      if (!opened.ok()) return opened.status();
      target = *std::move(opened);
    } else {
      findings_.Note({"kafka-not-read", cluster.name(), "Kafka",
                      "neither Kafka nor the registry was read: only what its agent reports is known",
                      "pass the configuration of its agent: --agent-config FILE"});
    }
    absl::StatusOr<LookResult> look = LookUntilSettled(cluster, target.get());
    if (!look.ok()) return look.status();
    findings_.Add(look->findings);
    if (!cluster.status().connected()) {
      findings_.Note({"agent-away", cluster.name(), "agent",
                      "its agent is not connected, last seen " +
                          AgoText(session_.clock.Now(), cluster.status().last_seen()),
                      "see whether it runs, and what it logs"});
    }
    verify::VerifiedCluster& summary = *result_.add_clusters();
    summary = verify::Summarize(look->approved, look->seen ? &*look->seen : nullptr);
    if (target != nullptr && target->registry() && look->seen->registry.ok())
      AddForeignSubjects(*target->registry(), look->approved, summary);
    CompareWithBaseline(look->approved, summary);
    return absl::OkStatus();
  }

  void AddForeignSubjects(const agent::RegistryOptions& registry, const ApprovedCluster& approved,
                          verify::VerifiedCluster& summary) {
    // Versions are read where somebody is to compare them.
    const bool in_full = session_.options.format != Format::kTable || baseline_.has_time();
    auto subjects = verify::ReadForeignSubjects(
        registry, approved, in_full ? verify::SubjectDetail::kVersions : verify::SubjectDetail::kNames);
    if (!subjects.ok()) {
      findings_.Wrong(
          {"registry-unreadable", approved.name, "registry",
           fmt::format("its subjects could not be listed: {}", std::string(subjects.status().message())),
           "sluice-agent doctor says what its access lacks"});
      return;
    }
    summary.set_registry_read(true);
    for (iv1::ForeignSubject& subject : *subjects) *summary.add_foreign_subjects() = std::move(subject);
  }

  void CompareWithBaseline(const ApprovedCluster& approved, const verify::VerifiedCluster& summary) {
    for (const iv1::VerifiedCluster& before : baseline_.clusters()) {
      if (before.name() != summary.name()) continue;
      if (before.kafka_read() != summary.kafka_read() || before.registry_read() != summary.registry_read()) {
        findings_.Note({"baseline-not-compared", summary.name(), "baseline",
                        "Kafka or its registry was read only once, then or now",
                        "pass the same --agent-config as then"});
      }
      return verify::CompareForeign(before, summary, approved, findings_);
    }
    if (baseline_.has_time())
      findings_.Note({"baseline-not-compared", summary.name(), "baseline",
                      "the baseline does not know this cluster", "make a new one: sluice verify -o json"});
  }

  Session& session_;
  const VerifyOptions& options_;
  Client& client_;
  const Configs& configs_;
  const iv1::Verification& baseline_;
  iv1::Verification result_;
  Findings findings_;
};

int CountWrong(const iv1::Verification& result) {
  int wrong = 0;
  for (const iv1::VerifyFinding& finding : result.findings()) wrong += finding.severity() == "wrong" ? 1 : 0;
  return wrong;
}

std::string ClusterLine(const iv1::VerifiedCluster& cluster) {
  const char* read = cluster.kafka_read() ? cluster.registry_read() ? "Kafka and registry read" : "Kafka read"
                                          : "Kafka not read";
  std::string line = fmt::format("{}: {}; approved: {}, {}, {} in {}", cluster.name(), read,
                                 Counted(cluster.topics(), "topic"), Counted(cluster.acls(), "ACL"),
                                 Counted(cluster.subjects(), "subject"), Counted(cluster.slices(), "slice"));
  if (cluster.kafka_read())
    line += fmt::format("; foreign: {}, {}, {}", Counted(cluster.foreign_topics_size(), "topic"),
                        Counted(cluster.foreign_acls_size(), "ACL"),
                        Counted(cluster.foreign_subjects_size(), "subject"));
  return line;
}

void PrintTable(Session& session, const iv1::Verification& result) {
  std::ostream& out = session.terminal.out;
  for (const iv1::VerifiedCluster& cluster : result.clusters()) out << ClusterLine(cluster) << "\n";
  out << fmt::format(
      "control plane at revision {}: {}, {}, {}\n", Grouped(result.revision()),
      Counted(result.changes(), "change"), Counted(result.definitions(), "definition"),
      result.audit_entries() == 1 ? "1 audit entry" : Grouped(result.audit_entries()) + " audit entries");
  int shown = 0;
  for (const iv1::VerifyFinding& finding : result.findings()) {
    if (++shown > kMaxShown) {
      out << fmt::format("… and {} more: -o json tells all\n", Grouped(result.findings_size() - kMaxShown));
      break;
    }
    const bool wrong = finding.severity() == "wrong";
    out << fmt::format(
        "{}  {}{}  {}\n    {}\n    {}\n",
        Paint(wrong ? "WRONG" : "note ", wrong ? Style::kBad : Style::kFaint, session.terminal.color),
        finding.cluster().empty() ? "" : finding.cluster() + "  ", finding.check(), finding.resource(),
        finding.message(), Paint("→ " + finding.remedy(), Style::kFaint, session.terminal.color));
  }
  const int wrong = CountWrong(result);
  out << (wrong == 0 ? "nothing is wrong\n"
                     : fmt::format("{} wrong\n", Counted(wrong, "thing") + (wrong == 1 ? " is" : " are")));
}

}  // namespace

ExitCode Verify(Session& session, const VerifyOptions& options) {
  log::SetLevel("error");  // what the Kafka client has to say is in the findings
  absl::StatusOr<Configs> configs = LoadConfigs(options.agent_configs);
  if (!configs.ok()) return Fail(session, configs.status());
  absl::StatusOr<iv1::Verification> baseline = LoadBaseline(options.baseline);
  if (!baseline.ok()) return Fail(session, baseline.status());
  absl::StatusOr<std::vector<std::string>> names = LoadNames(options.changes);
  if (!names.ok()) return Fail(session, names.status());
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  absl::StatusOr<std::vector<v1::Resource>> clusters = FindKind("clusters")->list(**client, {});
  if (!clusters.ok()) return Fail(session, clusters.status());
  for (const auto& [name, config] : *configs) {
    const std::string& wanted = name;
    const bool known = std::any_of(clusters->begin(), clusters->end(), [&](const v1::Resource& cluster) {
      return cluster.cluster().name() == wanted;
    });
    if (!known)
      return WrongUsage(session,
                        fmt::format("--agent-config names cluster {}, which is not registered", name));
  }
  absl::StatusOr<iv1::Verification> result =
      Verifier(session, options, **client, *configs, *baseline).Run(*clusters, *names);
  if (!result.ok()) return Fail(session, result.status());
  if (session.options.format == Format::kTable) {
    PrintTable(session, *result);
  } else if (session.options.format == Format::kName) {
    for (const iv1::VerifyFinding& finding : result->findings())
      session.terminal.out << finding.check() << "\n";
  } else {
    session.terminal.out << PrintAll({&*result}, session.options.format, Amount::kOne);
  }
  return CountWrong(*result) == 0 ? kDone : kFailed;
}

}  // namespace sluice::cli
