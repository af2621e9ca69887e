// Judge: Kafka's connection and the settings of its brokers.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/doctor/judge.h"

namespace sluice::agent::doctor {
namespace {

using core::Operation;

// The values of a setting, by how many brokers share it.
struct Values {
  std::set<std::string> shown;
  bool hidden = false, nobody_told = true;
};

Values ValuesOf(const KafkaFacts& facts, const std::string& key) {
  Values values;
  for (const auto& [broker, settings] : facts.settings) {
    if (!settings.ok()) continue;
    values.nobody_told = false;
    const auto found = settings->find(key);
    if (found == settings->end()) continue;
    if (found->second.hidden) {
      values.hidden = true;
    } else {
      values.shown.insert(found->second.value);
    }
  }
  return values;
}

int64_t Largest(const std::set<std::string>& numbers) {
  int64_t largest = 0;
  for (const std::string& number : numbers)
    largest = std::max<int64_t>(largest, std::strtoll(number.c_str(), nullptr, 10));
  return largest;
}

class Kafka {
 public:
  explicit Kafka(const KafkaFacts& facts) : facts_(facts) {}

  void Say(std::string check, Verdict verdict, std::string sentence, std::string remedy = "") {
    findings_.push_back({"kafka", std::move(check), verdict, std::move(sentence), std::move(remedy)});
  }

  Findings Settings() {
    for (const auto& [broker, settings] : facts_.settings) {
      if (settings.ok()) continue;
      Say(fmt::format("settings of broker {}", broker), Verdict::kSkipped,
          std::string(settings.status().message()));
    }
    Authorizer();
    OpenByDefault();
    Switch("auto.create.topics.enable", "a mistyped name makes a topic that nobody declared");
    Switch("unclean.leader.election.enable", "acknowledged records can be lost");
    Replicas();
    Reauthentication();
    const Values deletes = ValuesOf(facts_, "delete.topic.enable");
    if (!deletes.shown.empty()) {
      Say("delete.topic.enable", Verdict::kOk,
          deletes.shown.count("true") > 0 ? "true: who has Delete on a topic can delete it" : "false");
    }
    return std::move(findings_);
  }

 private:
  void Authorizer() {
    const Values values = ValuesOf(facts_, "authorizer.class.name");
    if (values.nobody_told || (values.shown.empty() && values.hidden))
      return Say("authorizer", Verdict::kSkipped, "the brokers do not tell");
    const bool none = values.shown.empty() || values.shown.count("") > 0;
    if (none)
      return Say("authorizer", Verdict::kFail, "a broker has none: ACLs mean nothing there",
                 "set authorizer.class.name");
    const std::string name = fmt::format("{}", fmt::join(values.shown, ", "));
    const bool standard = values.shown.size() == 1 && name.find("StandardAuthorizer") != std::string::npos;
    Say("authorizer", standard ? Verdict::kOk : Verdict::kWarn, name,
        standard
            ? ""
            : "what plans say about access follows Kafka's StandardAuthorizer; check that this one agrees");
  }

  // Brokers hide the value once it is set, so a group that no ACL names tells: who may look at that may do
  // all that nobody was granted.
  void OpenByDefault() {
    const char* key = "allow.everyone.if.no.acl.found";
    const Values values = ValuesOf(facts_, key);
    const bool super = facts_.on_cluster.ok() && facts_.on_cluster->count(Operation::kClusterAction) > 0;
    const bool tells = !super && !facts_.group_has_acls;
    if (values.shown.count("true") > 0 || (tells && facts_.look_at_group.ok())) {
      return Say(key, Verdict::kFail,
                 "is true: whatever has no ACL is open to everybody, and the first ACL shuts others out",
                 "set it to false on every broker, after granting what is used");
    }
    const bool unset = !values.nobody_told && !values.hidden;
    if (unset || (tells && absl::IsPermissionDenied(facts_.look_at_group)))
      return Say(key, Verdict::kOk, "is false: what has no ACL is closed");
    Say(key, Verdict::kSkipped,
        values.nobody_told ? "the brokers do not tell"
        : super            ? "the brokers hide it, and this user may do everything anyway"
                           : "the brokers hide it, and ACLs on all groups keep it from being tried");
  }

  void Switch(const char* key, const char* meaning) {
    const Values values = ValuesOf(facts_, key);
    if (values.shown.empty()) return Say(key, Verdict::kSkipped, "the brokers do not tell");
    const bool on = values.shown.count("true") > 0;
    Say(key, on ? Verdict::kWarn : Verdict::kOk, on ? fmt::format("is true: {}", meaning) : "false",
        on ? "set it to false" : "");
  }

  void Replicas() {
    const Values factor = ValuesOf(facts_, "default.replication.factor");
    const Values insync = ValuesOf(facts_, "min.insync.replicas");
    if (factor.shown.empty() || insync.shown.empty())
      return Say("replication", Verdict::kSkipped, "the brokers do not tell");
    const int64_t replicas = Largest(factor.shown), least = Largest(insync.shown);
    const std::string what = fmt::format("{} broker{}, default.replication.factor {}, min.insync.replicas {}",
                                         facts_.brokers, facts_.brokers == 1 ? "" : "s", replicas, least);
    if (replicas > facts_.brokers || least > facts_.brokers)
      return Say("replication", Verdict::kFail, what + ": more than there are brokers",
                 "start the others, or lower them");
    if (least > replicas)
      return Say("replication", Verdict::kFail,
                 what + ": a topic with the defaults takes no record with acks=all",
                 "lower min.insync.replicas");
    if (least == replicas && replicas > 1)
      return Say("replication", Verdict::kWarn, what + ": one broker away stops writes",
                 "let min.insync.replicas be one less");
    if (replicas == 1 && facts_.brokers > 1)
      return Say("replication", Verdict::kWarn, what + ": a topic with the default is lost with its broker",
                 "raise default.replication.factor");
    Say("replication", Verdict::kOk, what);
  }

  void Reauthentication() {
    const char* key = "connections.max.reauth.ms";
    const Values protocols = ValuesOf(facts_, "listener.security.protocol.map");
    const bool sasl = std::any_of(protocols.shown.begin(), protocols.shown.end(), [](const std::string& map) {
      return map.find("SASL") != std::string::npos;
    });
    if (protocols.nobody_told) return Say(key, Verdict::kSkipped, "the brokers do not tell");
    if (!sasl) return Say(key, Verdict::kOk, "no listener takes tokens or passwords");
    for (const auto& [broker, settings] : facts_.settings) {
      if (!settings.ok()) continue;
      const bool limited = std::any_of(settings->begin(), settings->end(), [&](const auto& entry) {
        return entry.first.size() >= std::string_view(key).size() &&
               entry.first.compare(entry.first.size() - std::string_view(key).size(), std::string::npos,
                                   key) == 0 &&
               entry.second.value != "0" && !entry.second.value.empty();
      });
      if (limited) continue;
      return Say(key, Verdict::kWarn,
                 fmt::format("is 0 on broker {}: an open connection outlives its token", broker),
                 "set it for the SASL listeners, to an hour for example");
    }
    Say(key, Verdict::kOk, "tokens are asked for again");
  }

  const KafkaFacts& facts_;
  Findings findings_;
};

}  // namespace

Findings JudgeKafka(const KafkaFacts& facts) {
  Kafka kafka(facts);
  Findings findings;
  if (!facts.reached.ok()) {
    const bool refused = absl::IsPermissionDenied(facts.reached);
    return {{"kafka", "connection", Verdict::kFail, std::string(facts.reached.message()),
             refused ? "let the agent's user in"
                     : "check kafka.bootstrap_servers, its certificates and the network"}};
  }
  findings.push_back(
      {"kafka", "connection", facts.has_controller ? Verdict::kOk : Verdict::kFail,
       fmt::format("cluster {} with {} broker{}{}", facts.cluster_id, facts.brokers,
                   facts.brokers == 1 ? "" : "s", facts.has_controller ? "" : " and no controller"),
       facts.has_controller ? "" : "nothing can be changed until the cluster has a controller"});
  if (!facts.on_no_topic.empty()) {
    const bool old = std::any_of(facts.on_no_topic.begin(), facts.on_no_topic.end(),
                                 [](const auto& tried) { return absl::IsUnimplemented(tried.second); });
    findings.push_back({"kafka", "version", old ? Verdict::kFail : Verdict::kOk,
                        old ? "the brokers do not know a request that an agent makes"
                            : "the brokers know every request that an agent makes",
                        old ? "Sluice needs Kafka 2.8 or newer" : ""});
  }
  const Findings settings = kafka.Settings();
  findings.insert(findings.end(), settings.begin(), settings.end());
  return findings;
}

}  // namespace sluice::agent::doctor
