// What the doctor concludes: facts in, findings out.
#include "agent/doctor/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::agent::doctor {
namespace {

using core::Operation;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;

const Time kNow = Time(hours(24 * 365 * 56));

const Finding* Find(const Findings& findings, const std::string& check) {
  for (const Finding& finding : findings) {
    if (finding.check == check) return &finding;
  }
  return nullptr;
}

// `check` has `verdict`, its sentence holds `text`, and what is not well says what to do.
void Expect(const Findings& findings, const std::string& check, Verdict verdict,
            const std::string& text = "") {
  const Finding* finding = Find(findings, check);
  ASSERT_NE(finding, nullptr) << check;
  EXPECT_EQ(finding->verdict, verdict) << check << ": " << finding->sentence;
  EXPECT_THAT(finding->sentence, HasSubstr(text));
  if (verdict == Verdict::kWarn || verdict == Verdict::kFail) {
    EXPECT_FALSE(finding->remedy.empty()) << check;
  }
}

constexpr char kUser[] = "User:agent";

core::Acl Grant(core::ResourceType type, const std::string& resource, Operation operation) {
  core::Acl acl;
  acl.resource_type = type;
  acl.resource = resource;
  acl.principal = kUser;
  acl.operation = operation;
  return acl;
}

// A cluster as the dev clusters are, and a user with exactly what an agent needs.
KafkaFacts Good() {
  KafkaFacts facts;
  facts.cluster_id = "abc";
  facts.brokers = 1;
  facts.has_controller = true;
  facts.names = {kUser};
  facts.on_cluster = Operations{Operation::kDescribe, Operation::kDescribeConfigs, Operation::kAlter};
  std::set<core::Acl> acls;
  for (const Operation operation : *facts.on_cluster)
    acls.insert(Grant(core::ResourceType::kCluster, "kafka-cluster", operation));
  Operations on_topic;
  for (const Operation operation : {Operation::kDescribe, Operation::kDescribeConfigs, Operation::kCreate,
                                    Operation::kAlter, Operation::kAlterConfigs}) {
    acls.insert(Grant(core::ResourceType::kTopic, "*", operation));
    on_topic.insert(operation);
    facts.on_no_topic[operation] = absl::NotFoundError("no such topic");
  }
  facts.on_topics["acme.a.b.c.events"] = on_topic;
  facts.acls = acls;
  facts.look_at_group = absl::PermissionDeniedError("GROUP_AUTHORIZATION_FAILED");
  facts.group_has_acls = false;
  facts.settings.emplace(
      1, Settings{{"authorizer.class.name", {"org.apache.kafka.metadata.authorizer.StandardAuthorizer"}},
                  {"allow.everyone.if.no.acl.found", {"", true}},
                  {"auto.create.topics.enable", {"false"}},
                  {"unclean.leader.election.enable", {"false"}},
                  {"default.replication.factor", {"1"}},
                  {"min.insync.replicas", {"1"}},
                  {"delete.topic.enable", {"true"}},
                  {"listener.security.protocol.map", {"MTLS:SSL"}},
                  {"connections.max.reauth.ms", {"0"}}});
  return facts;
}

Settings& Of(KafkaFacts& facts) { return *facts.settings.at(1); }

TEST(JudgeKafka, FindsNothingWrongWithAGoodCluster) {
  for (const Findings& findings : {JudgeKafka(Good()), JudgePrivileges(Good(), true)}) {
    for (const Finding& finding : findings)
      EXPECT_EQ(finding.verdict, Verdict::kOk) << finding.check << ": " << finding.sentence;
  }
}

TEST(JudgeKafka, NamesWhatIsDangerousInItsSettings) {
  KafkaFacts facts = Good();
  Of(facts)["auto.create.topics.enable"] = {"true"};
  Of(facts)["unclean.leader.election.enable"] = {"true"};
  Of(facts)["listener.security.protocol.map"] = {"A:SASL_SSL"};
  const Findings findings = JudgeKafka(facts);
  Expect(findings, "auto.create.topics.enable", Verdict::kWarn, "is true");
  Expect(findings, "unclean.leader.election.enable", Verdict::kWarn, "lost");
  Expect(findings, "connections.max.reauth.ms", Verdict::kWarn, "outlives its token");
  Of(facts)["listener.name.a.oauthbearer.connections.max.reauth.ms"] = {"3600000"};
  Expect(JudgeKafka(facts), "connections.max.reauth.ms", Verdict::kOk);
}

TEST(JudgeKafka, WhoSeesAGroupThatNoAclNamesSeesEverythingUnnamed) {
  KafkaFacts facts = Good();
  facts.look_at_group = absl::OkStatus();
  Expect(JudgeKafka(facts), "allow.everyone.if.no.acl.found", Verdict::kFail, "open to everybody");
  facts.group_has_acls = true;  // then the answer is that of those ACLs
  Expect(JudgeKafka(facts), "allow.everyone.if.no.acl.found", Verdict::kSkipped, "ACLs on all groups");
  facts.group_has_acls = false;
  facts.on_cluster->insert(Operation::kClusterAction);  // a super user sees it anyway
  Expect(JudgeKafka(facts), "allow.everyone.if.no.acl.found", Verdict::kSkipped);
  Of(facts)["allow.everyone.if.no.acl.found"] = {"true"};
  Expect(JudgeKafka(facts), "allow.everyone.if.no.acl.found", Verdict::kFail);
}

TEST(JudgeKafka, ComparesReplicasWithBrokers) {
  struct {
    int brokers;
    const char *factor, *insync;
    Verdict verdict;
  } cases[] = {{3, "3", "2", Verdict::kOk},   {3, "1", "1", Verdict::kWarn}, {3, "3", "3", Verdict::kWarn},
               {1, "3", "2", Verdict::kFail}, {3, "1", "2", Verdict::kFail}, {1, "1", "1", Verdict::kOk}};
  for (const auto& one : cases) {
    KafkaFacts facts = Good();
    facts.brokers = one.brokers;
    Of(facts)["default.replication.factor"] = {one.factor};
    Of(facts)["min.insync.replicas"] = {one.insync};
    Expect(JudgeKafka(facts), "replication", one.verdict);
  }
}

TEST(JudgeKafka, SaysThatTheBrokersAreTooOld) {
  KafkaFacts facts = Good();
  Expect(JudgeKafka(facts), "version", Verdict::kOk);
  facts.on_no_topic[Operation::kAlterConfigs] = absl::UnimplementedError("UNSUPPORTED_VERSION");
  Expect(JudgeKafka(facts), "version", Verdict::kFail);
}

TEST(JudgeKafka, SaysThatThereIsNoAuthorizer) {
  KafkaFacts facts = Good();
  Of(facts)["authorizer.class.name"] = {""};
  Expect(JudgeKafka(facts), "authorizer", Verdict::kFail, "ACLs mean nothing");
  Of(facts)["authorizer.class.name"] = {"com.example.Mine"};
  Expect(JudgeKafka(facts), "authorizer", Verdict::kWarn, "com.example.Mine");
}

TEST(JudgeKafka, ABrokerThatTellsNothingIsSkippedAndNotJudged) {
  KafkaFacts facts = Good();
  facts.settings.at(1) = absl::PermissionDeniedError("CLUSTER_AUTHORIZATION_FAILED");
  const Findings findings = JudgeKafka(facts);
  Expect(findings, "settings of broker 1", Verdict::kSkipped, "CLUSTER_AUTHORIZATION_FAILED");
  for (const char* check :
       {"authorizer", "auto.create.topics.enable", "replication", "connections.max.reauth.ms"})
    Expect(findings, check, Verdict::kSkipped);
}

TEST(JudgeKafka, OutOfReachEverythingElseIsSkipped) {
  KafkaFacts facts;
  facts.reached = absl::UnavailableError("Kafka does not answer at x");
  Expect(JudgeKafka(facts), "connection", Verdict::kFail, "does not answer");
  Expect(JudgePrivileges(facts, true), "all", Verdict::kSkipped);
}

TEST(JudgePrivileges, NamesWhatIsMissing) {
  KafkaFacts facts = Good();
  facts.on_cluster->erase(Operation::kAlter);
  facts.on_no_topic[Operation::kCreate] = absl::PermissionDeniedError("TOPIC_AUTHORIZATION_FAILED");
  const Findings findings = JudgePrivileges(facts, true);
  Expect(findings, "cluster ALTER", Verdict::kFail, "to grant and revoke");
  Expect(findings, "topics CREATE", Verdict::kFail, "to make them");
  EXPECT_THAT(Find(findings, "topics CREATE")->remedy, HasSubstr("grant User:agent CREATE on topic *"));
  Expect(findings, "topics ALTER", Verdict::kOk);
}

TEST(JudgePrivileges, GoesByAclsWhereNothingCouldBeTried) {
  KafkaFacts facts = Good();
  facts.on_no_topic.clear();
  facts.on_topics.clear();
  Expect(JudgePrivileges(facts, true), "topics ALTER_CONFIGS", Verdict::kOk);
  facts.acls->erase(Grant(core::ResourceType::kTopic, "*", Operation::kAlterConfigs));
  Expect(JudgePrivileges(facts, true), "topics ALTER_CONFIGS", Verdict::kFail);
  facts.acls = std::set<core::Acl>();
  Expect(JudgePrivileges(facts, true), "topics ALTER_CONFIGS", Verdict::kSkipped);
  Expect(JudgePrivileges(facts, true), "topics READ", Verdict::kSkipped);
}

TEST(JudgePrivileges, ADenialBeatsAGrant) {
  KafkaFacts facts = Good();
  facts.on_no_topic.clear();
  facts.on_topics.clear();
  core::Acl denial = Grant(core::ResourceType::kTopic, "*", Operation::kCreate);
  denial.permission = core::Permission::kDeny;
  facts.acls->insert(denial);
  Expect(JudgePrivileges(facts, true), "topics CREATE", Verdict::kFail);
}

TEST(JudgePrivileges, NamesWhatIsTooMuch) {
  KafkaFacts facts = Good();
  facts.on_cluster->insert(Operation::kCreate);
  facts.on_topics["acme.a.b.c.events"].insert(Operation::kRead);
  facts.acls->insert(Grant(core::ResourceType::kTopic, "legacy.", Operation::kWrite));
  facts.acls->insert(Grant(core::ResourceType::kTopic, "*", Operation::kDelete));
  facts.acls->insert(Grant(core::ResourceType::kGroup, "*", Operation::kRead));
  const Findings findings = JudgePrivileges(facts, true);
  Expect(findings, "cluster, too much", Verdict::kWarn, "CREATE");
  Expect(findings, "topics READ", Verdict::kFail, "acme.a.b.c.events");
  Expect(findings, "topics WRITE", Verdict::kFail, "legacy.");
  Expect(findings, "topics DELETE", Verdict::kWarn);
  Expect(findings, "groups and transactions", Verdict::kWarn, "READ group");
}

TEST(JudgePrivileges, ASuperUserIsOneFindingAndNotTen) {
  KafkaFacts facts = Good();
  facts.on_cluster->insert({Operation::kClusterAction, Operation::kCreate, Operation::kAlterConfigs});
  const Findings findings = JudgePrivileges(facts, true);
  Expect(findings, "super user", Verdict::kFail);
  EXPECT_EQ(Find(findings, "cluster, too much"), nullptr);
}

TEST(JudgePrivileges, AlterOnTheClusterIsNeededAndWantsAGuard) {
  Expect(JudgePrivileges(Good(), true), "cluster ALTER is nearly super user", Verdict::kOk,
         "guard file is the brake");
  Expect(JudgePrivileges(Good(), false), "cluster ALTER is nearly super user", Verdict::kWarn);
}

Findings JudgeAnswer(absl::Status answer) {
  ControlPlaneFacts facts;
  facts.address = "sluice:7443";
  facts.cluster = "eu-prod";
  facts.answer = std::move(answer);
  return JudgeControlPlane(facts);
}

TEST(JudgeControlPlane, TellsTheStagesApart) {
  const Findings well = JudgeAnswer(absl::InvalidArgumentError("an agent names its incarnation"));
  for (const char* check : {"connection", "certificate", "protocol"}) Expect(well, check, Verdict::kOk);
  const Findings away = JudgeAnswer(absl::UnavailableError("failed to connect"));
  Expect(away, "connection", Verdict::kFail, "failed to connect");
  Expect(away, "certificate", Verdict::kSkipped);
  const Findings stranger = JudgeAnswer(absl::UnauthenticatedError("not bound"));
  Expect(stranger, "connection", Verdict::kOk);
  Expect(stranger, "certificate", Verdict::kFail, "not bound");
  Expect(JudgeAnswer(absl::PermissionDeniedError("bound to us-prod")), "certificate", Verdict::kFail,
         "us-prod");
  const Findings old = JudgeAnswer(absl::FailedPreconditionError("agent: 1, here: 2"));
  Expect(old, "certificate", Verdict::kOk);
  Expect(old, "protocol", Verdict::kFail, "here: 2");
}

CertificateFacts Cert(const std::string& use, Time from, Time to) {
  CertificateFacts facts;
  facts.file = {use, "/etc/x.crt", use.find(".ca") == std::string::npos ? "/etc/x.key" : ""};
  Certificate one;
  one.subject = "CN=eu-prod";
  one.uris = {"spiffe://sluice/agent/eu-prod"};
  one.not_before = from;
  one.not_after = to;
  one.is_ca = facts.file.key.empty();
  facts.certificates = std::vector<Certificate>{one};
  return facts;
}

TEST(JudgeCertificates, ByTheirTimeTheirKeyAndTheirNames) {
  const Time before = kNow - hours(24 * 300), later = kNow + hours(24 * 90);
  const auto judge = [](const CertificateFacts& facts) { return JudgeCertificates({facts}, kNow); };
  Expect(judge(Cert("tls.certificate", before, later)), "tls.certificate", Verdict::kOk,
         "spiffe://sluice/agent/eu-prod");
  Expect(judge(Cert("tls.certificate", before, kNow + hours(24 * 29))), "tls.certificate", Verdict::kWarn,
         "expires on");
  Expect(judge(Cert("tls.certificate", kNow - hours(24), kNow + hours(24 * 6))), "tls.certificate",
         Verdict::kOk);
  Expect(judge(Cert("tls.certificate", kNow - hours(24 * 5), kNow + hours(24 * 2))), "tls.certificate",
         Verdict::kWarn, "expires on");
  Expect(judge(Cert("kafka.tls.ca", before, kNow)), "kafka.tls.ca", Verdict::kFail, "expired on");
  Expect(judge(Cert("kafka.tls.certificate", kNow + hours(1), later)), "kafka.tls.certificate",
         Verdict::kFail, "valid from");
  CertificateFacts facts = Cert("tls.certificate", before, later);
  facts.certificates->front().uris.clear();
  Expect(judge(facts), "tls.certificate", Verdict::kFail, "exactly one");
  facts = Cert("registry.tls.certificate", before, later);
  facts.certificates->front().uris.clear();
  Expect(judge(facts), "registry.tls.certificate", Verdict::kOk);
  facts.chain_and_key = absl::InvalidArgumentError("the key in k is not that of c");
  Expect(judge(facts), "registry.tls.certificate", Verdict::kFail, "not that of");
  facts = Cert("tls.ca", before, later);
  facts.certificates->front().is_ca = false;
  Expect(judge(facts), "tls.ca", Verdict::kWarn, "no CA");
  facts.certificates = absl::InvalidArgumentError("holds no certificate");
  Expect(judge(facts), "tls.ca", Verdict::kFail, "holds no certificate");
}

TEST(JudgeClock, ByTheSecond) {
  Facts facts;
  facts.now = kNow;
  Expect(JudgeClock(facts), "control plane", Verdict::kSkipped);
  for (const auto& [skew, verdict] : {std::pair{4, Verdict::kOk},
                                      {-5, Verdict::kOk},
                                      {30, Verdict::kWarn},
                                      {-30, Verdict::kWarn},
                                      {61, Verdict::kFail},
                                      {-86400, Verdict::kFail}}) {
    facts.control_plane.time = kNow - seconds(skew);
    Expect(JudgeClock(facts), "control plane", verdict, skew > 5 ? "ahead" : skew < -5 ? "behind" : "agrees");
  }
}

TEST(JudgeRegistry, TellsTheStagesApart) {
  RegistryFacts facts;
  Expect(JudgeRegistry(facts), "connection", Verdict::kSkipped);
  facts.configured = facts.tls = true;
  facts.url = "https://r";
  facts.credentials = "user and password are";
  facts.default_level = "BACKWARD";
  facts.mode = "READWRITE";
  for (const Finding& finding : JudgeRegistry(facts))
    EXPECT_EQ(finding.verdict, Verdict::kOk) << finding.check;
  facts.mode = "READONLY";
  facts.reads = absl::PermissionDeniedError("403");
  facts.credentials = "none";
  facts.tls = false;
  const Findings findings = JudgeRegistry(facts);
  Expect(findings, "connection", Verdict::kWarn, "without TLS");
  Expect(findings, "credentials", Verdict::kWarn);
  Expect(findings, "subjects", Verdict::kFail);
  Expect(findings, "mode", Verdict::kFail, "READONLY");
  facts.reached = absl::UnauthenticatedError("401");
  Expect(JudgeRegistry(facts), "credentials", Verdict::kFail, "401");
  facts.reached = absl::UnavailableError("away");
  Expect(JudgeRegistry(facts), "connection", Verdict::kFail, "away");
}

TEST(JudgeDirectory, BySpaceAndRights) {
  DirectoryFacts facts{"/var/lib/sluice-agent", true, true, true, false, true, uint64_t{10} << 30U, true};
  Expect(JudgeDirectory(facts), "directory", Verdict::kOk, "an agent works in it");
  Expect(JudgeDirectory(facts), "free space", Verdict::kOk);
  facts.others_may = true;
  facts.free_bytes = 100 << 20;
  Expect(JudgeDirectory(facts), "directory", Verdict::kWarn);
  Expect(JudgeDirectory(facts), "free space", Verdict::kWarn, "100 MiB");
  facts.free_bytes = 0;
  facts.ours = false;
  Expect(JudgeDirectory(facts), "directory", Verdict::kFail, "another user");
  Expect(JudgeDirectory(facts), "free space", Verdict::kFail);
  facts.exists = false;
  Expect(JudgeDirectory(facts), "directory", Verdict::kOk, "makes it");
  facts.writable = false;
  Expect(JudgeDirectory(facts), "directory", Verdict::kFail);
}

TEST(JudgeConfig, EveryProblemIsAFinding) {
  ConfigFacts facts;
  facts.file = "agent.yaml";
  facts.status = absl::InvalidArgumentError("agent.yaml: one\nagent.yaml: two");
  const Findings findings = JudgeConfig(facts);
  EXPECT_EQ(findings.size(), 3U);
  Expect(findings, "guard file", Verdict::kWarn, "there is none");
  facts.guard_file = "guard.yaml";
  facts.guard = absl::InvalidArgumentError("guard.yaml:3: no such field");
  Expect(JudgeConfig(facts), "guard file", Verdict::kFail, "guard.yaml:3");
}

}  // namespace
}  // namespace sluice::agent::doctor
