// Judge: what the agent's Kafka user may not and should, and what it may and should not.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

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

Findings JudgePrivileges(const KafkaFacts& facts, bool has_guard) {
  if (!facts.reached.ok()) return {{"privileges", "all", Verdict::kSkipped, "Kafka was not reached", ""}};
  return Privileges(facts).Judge(has_guard);
}

}  // namespace sluice::agent::doctor
