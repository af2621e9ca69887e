// Judge: Kafka's connection, settings and privileges.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "agent/doctor/judge.h"
#include "common/core/authorizer.h"

namespace sluice::agent::doctor {
namespace {

using core::Operation;

// What an agent needs, and why.
struct Need {
  Operation operation;
  const char* why;
};
constexpr Need kOnCluster[] = {{Operation::kDescribe, "to see brokers and ACLs"},
                               {Operation::kDescribeConfigs, "to see what the brokers are set to"},
                               {Operation::kAlter, "to grant and revoke"}};
constexpr Need kOnTopics[] = {{Operation::kDescribe, "to see topics"},
                              {Operation::kDescribeConfigs, "to see their settings"},
                              {Operation::kCreate, "to make them"},
                              {Operation::kAlter, "to add partitions"},
                              {Operation::kAlterConfigs, "to change their settings"}};
constexpr char kAnyTopic[] = "sluice-doctor-a-topic-of-any-name";
constexpr size_t kNamed = 5;  // topics that are named in a sentence

bool Needs(const Need* begin, const Need* end, Operation operation) {
  return std::any_of(begin, end, [&](const Need& need) { return need.operation == operation; });
}

std::string Words(const Operations& operations) {
  std::vector<std::string> words;
  for (const Operation operation : operations) words.emplace_back(core::Name(operation));
  return fmt::format("{}", fmt::join(words, ", "));
}

// The values of a setting, by how many brokers share it.
struct Values {
  std::set<std::string> shown;
  bool hidden = false, somewhere_missing = false, nobody_told = true;
};

Values ValuesOf(const KafkaFacts& facts, const std::string& key) {
  Values values;
  for (const auto& [broker, settings] : facts.settings) {
    if (!settings.ok()) continue;
    values.nobody_told = false;
    const auto found = settings->find(key);
    if (found == settings->end()) {
      values.somewhere_missing = true;
    } else if (found->second.hidden) {
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

// Who we are to the authorizer, and what follows from that.
class Privileges {
 public:
  explicit Privileges(const KafkaFacts& facts) : facts_(facts) {
    if (!facts_.acls.ok()) return;
    for (const std::string& name : facts_.names) {
      const bool named = std::any_of(facts_.acls->begin(), facts_.acls->end(),
                                     [&](const core::Acl& acl) { return acl.principal == name; });
      if (named) {
        who_ = name;
        break;
      }
    }
  }

  Findings Judge(bool has_guard) {
    if (facts_.on_cluster.ok() && facts_.on_cluster->count(Operation::kClusterAction) > 0) {
      Say("super user", Verdict::kFail, "this user may do everything, as a super user or by its ACLs",
          "take it out of super.users and grant it what docs/operate.md lists");
    } else if (facts_.on_cluster.ok()) {
      Say("super user", Verdict::kOk, who_.empty() ? "no" : fmt::format("no: {} lives by its ACLs", who_));
    }
    Cluster();
    Topics();
    Data();
    Beyond();
    Brake(has_guard);
    return std::move(findings_);
  }

 private:
  void Say(std::string check, Verdict verdict, std::string sentence, std::string remedy = "") {
    findings_.push_back({"privileges", std::move(check), verdict, std::move(sentence), std::move(remedy)});
  }

  std::string Whom() const { return who_.empty() ? "the agent's user" : who_; }

  void Cluster() {
    if (!facts_.on_cluster.ok())
      return Say("cluster", Verdict::kSkipped, std::string(facts_.on_cluster.status().message()));
    for (const Need& need : kOnCluster) {
      const bool has = facts_.on_cluster->count(need.operation) > 0;
      Say(fmt::format("cluster {}", core::Name(need.operation)), has ? Verdict::kOk : Verdict::kFail,
          fmt::format("{}{}", has ? "may, " : "may not: it is needed ", need.why),
          has ? "" : fmt::format("grant {} {} on the cluster", Whom(), core::Name(need.operation)));
    }
    Operations excess;
    for (const Operation operation : *facts_.on_cluster) {
      if (!Needs(std::begin(kOnCluster), std::end(kOnCluster), operation)) excess.insert(operation);
    }
    if (!excess.empty() && excess.count(Operation::kClusterAction) == 0) {
      Say("cluster, too much", Verdict::kWarn, fmt::format("may also {}", Words(excess)),
          fmt::format("take {} from {} on the cluster", Words(excess), Whom()));
    }
  }

  // kOk or kFail, or kSkipped where nobody can tell.
  Verdict OnAnyTopic(Operation operation) const {
    const auto tried = facts_.on_no_topic.find(operation);
    if (tried != facts_.on_no_topic.end() && !absl::IsUnavailable(tried->second) &&
        !absl::IsDeadlineExceeded(tried->second)) {
      return absl::IsPermissionDenied(tried->second) ? Verdict::kFail : Verdict::kOk;
    }
    if (!who_.empty()) {
      core::AccessRequest request;
      request.principal = who_;
      request.operation = operation;
      request.resource = kAnyTopic;
      if (core::Authorize(*facts_.acls, {}, request)) return Verdict::kOk;
    }
    if (!facts_.on_topics.empty()) {
      const bool all = std::all_of(facts_.on_topics.begin(), facts_.on_topics.end(),
                                   [&](const auto& topic) { return topic.second.count(operation) > 0; });
      return all ? Verdict::kOk : Verdict::kFail;
    }
    return who_.empty() ? Verdict::kSkipped : Verdict::kFail;
  }

  void Topics() {
    for (const Need& need : kOnTopics) {
      const Verdict verdict = OnAnyTopic(need.operation);
      const char* what = verdict == Verdict::kOk ? "may, "
                         : verdict == Verdict::kFail
                             ? "may not: it is needed "
                             : "no ACL names this user and there is no topic to try it on; it is needed ";
      Say(fmt::format("topics {}", core::Name(need.operation)), verdict, fmt::format("{}{}", what, need.why),
          verdict == Verdict::kOk
              ? ""
              : fmt::format("grant {} {} on topic *", Whom(), core::Name(need.operation)));
    }
  }

  // Topics where this user may do `operation`, by their ACLs or as the broker says.
  std::vector<std::string> Where(Operation operation) const {
    std::set<std::string> where;
    for (const auto& [topic, operations] : facts_.on_topics) {
      if (operations.count(operation) > 0) where.insert(topic);
    }
    if (!who_.empty()) {
      for (const core::Acl& acl : *facts_.acls) {
        const bool ours = acl.principal == who_ && acl.permission == core::Permission::kAllow &&
                          acl.resource_type == core::ResourceType::kTopic;
        if (ours && (acl.operation == operation || acl.operation == Operation::kAll))
          where.insert(acl.resource);
      }
    }
    return {where.begin(), where.end()};
  }

  void Data() {
    const bool super = facts_.on_cluster.ok() && facts_.on_cluster->count(Operation::kClusterAction) > 0;
    const bool known = !facts_.on_topics.empty() || !who_.empty();
    for (const auto& [operation, verdict, why] :
         {std::tuple{Operation::kRead, Verdict::kFail, "an agent reads no data"},
          std::tuple{Operation::kWrite, Verdict::kFail, "an agent writes no data"},
          std::tuple{Operation::kDelete, Verdict::kWarn, "Sluice deletes no topics"}}) {
      const std::string check = fmt::format("topics {}", core::Name(operation));
      std::vector<std::string> where = Where(operation);
      if (super) {
        Say(check, Verdict::kSkipped, "may, as everything else");
        continue;
      }
      if (!known) {
        Say(check, Verdict::kSkipped, "no ACL names this user and there is no topic to try it on");
        continue;
      }
      if (where.empty()) {
        Say(check, Verdict::kOk, fmt::format("may not, and should not: {}", why));
        continue;
      }
      const size_t count = where.size();
      where.resize(std::min(count, kNamed));
      Say(check, verdict,
          fmt::format("may on {}{}, and should not: {}", fmt::join(where, ", "),
                      count > kNamed ? " and more" : "", why),
          fmt::format("take {} from {}", core::Name(operation), Whom()));
    }
  }

  // Groups and transactional ids are none of an agent's business.
  void Beyond() {
    if (who_.empty()) return;
    std::vector<std::string> excess;
    for (const core::Acl& acl : *facts_.acls) {
      const bool elsewhere = acl.resource_type == core::ResourceType::kGroup ||
                             acl.resource_type == core::ResourceType::kTransactionalId;
      if (acl.principal == who_ && acl.permission == core::Permission::kAllow && elsewhere)
        excess.push_back(core::Describe(acl));
    }
    if (excess.empty()) return;
    const size_t count = excess.size();
    excess.resize(std::min(count, kNamed));
    Say("groups and transactions", Verdict::kWarn,
        fmt::format("{} ACL{} that an agent does not need: {}", count, count == 1 ? "" : "s",
                    fmt::join(excess, "; ")),
        "take them away");
  }

  void Brake(bool has_guard) {
    if (!facts_.on_cluster.ok() || facts_.on_cluster->count(Operation::kAlter) == 0) return;
    Say("cluster ALTER is nearly super user", has_guard ? Verdict::kOk : Verdict::kWarn,
        has_guard ? "it lets this user grant itself anything; the guard file is the brake"
                  : "it lets this user grant itself anything, and no guard file brakes it",
        has_guard
            ? ""
            : "write a guard file, and watch the brokers' audit log for grants to the agent's own user");
  }

  const KafkaFacts& facts_;
  std::string who_;  // empty: no ACL names us
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

Findings JudgePrivileges(const KafkaFacts& facts, bool has_guard) {
  if (!facts.reached.ok()) return {{"privileges", "all", Verdict::kSkipped, "Kafka was not reached", ""}};
  return Privileges(facts).Judge(has_guard);
}

}  // namespace sluice::agent::doctor
