#include "agent/doctor/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace sluice::agent::doctor {
namespace {

using std::chrono::seconds;

constexpr uint64_t kLittleSpace = uint64_t{256} << 20U, kNoSpace = uint64_t{16} << 20U;
constexpr seconds kSkew{5}, kMuchSkew{60};  // tokens are taken with 60 s of skew

std::string Text(const absl::Status& status) { return std::string(status.message()); }

Finding Ok(std::string area, std::string check, std::string sentence) {
  return {std::move(area), std::move(check), Verdict::kOk, std::move(sentence), ""};
}

Finding JudgeTime(const char* whose, const std::optional<Time>& time, Time now) {
  Finding finding{"clock", whose, Verdict::kOk, "", ""};
  if (!time) {
    finding.verdict = Verdict::kSkipped;
    finding.sentence = "did not say what time it is";
    return finding;
  }
  const auto skew = std::chrono::duration_cast<seconds>(now - *time);
  const seconds size = skew < seconds(0) ? -skew : skew;
  if (size <= kSkew) {
    finding.sentence = fmt::format("agrees within {} s", kSkew.count());
    return finding;
  }
  finding.verdict = size > kMuchSkew ? Verdict::kFail : Verdict::kWarn;
  finding.sentence =
      fmt::format("this machine's clock is {} s {}", size.count(), skew > seconds(0) ? "ahead" : "behind");
  finding.remedy = "let both machines keep time by NTP";
  return finding;
}

Finding JudgeFile(const CertificateFacts& facts, Time now) {
  Finding finding{"certificates", facts.file.use, Verdict::kOk, "", ""};
  const auto say = [&](Verdict verdict, std::string sentence, std::string remedy) {
    finding.verdict = verdict;
    finding.sentence = std::move(sentence);
    finding.remedy = std::move(remedy);
    return finding;
  };
  const bool ca = facts.file.key.empty();
  if (!facts.certificates.ok())
    return say(Verdict::kFail, Text(facts.certificates.status()), "put a PEM certificate there");
  if (!facts.chain_and_key.ok())
    return say(Verdict::kFail, Text(facts.chain_and_key), "write certificate and key together, as a pair");
  std::vector<std::string> names;
  for (const Certificate& one : *facts.certificates) {
    names.push_back(one.subject);
    if (one.not_before > now)
      return say(Verdict::kFail,
                 fmt::format("{} is valid from {} on only", one.subject, DayOf(one.not_before)),
                 "check the clock");
    if (ca && !one.is_ca)
      return say(Verdict::kWarn, fmt::format("{} is no CA certificate", one.subject),
                 "put the CA's certificate there");
  }
  const Certificate& first = FirstToExpire(*facts.certificates);
  if (first.not_after <= now)
    return say(Verdict::kFail, fmt::format("{} expired on {}", first.subject, DayOf(first.not_after)),
               "replace it; the agent reads it again");
  if (facts.file.use == "tls.certificate" && facts.certificates->front().uris.size() != 1) {
    return say(Verdict::kFail,
               fmt::format("has {} URI SANs; an agent's certificate has exactly one",
                           facts.certificates->front().uris.size()),
               "issue one with the URI that the cluster lists under agents");
  }
  if (ExpiresSoon(first, now)) {
    return say(Verdict::kWarn, fmt::format("{} expires on {}", first.subject, DayOf(first.not_after)),
               "renew it; the agent reads it again");
  }
  std::string who = names.front();
  if (names.size() > 1) who += fmt::format(" (and {} more)", names.size() - 1);
  if (!facts.certificates->front().uris.empty())
    who += fmt::format(", {}", facts.certificates->front().uris.front());
  return say(Verdict::kOk, fmt::format("{}, until {}", who, DayOf(first.not_after)), "");
}

}  // namespace

Findings JudgeConfig(const ConfigFacts& facts) {
  Findings findings;
  if (facts.status.ok()) {
    findings.push_back(Ok("configuration", "file", facts.file));
  } else {
    std::istringstream lines(Text(facts.status));
    for (std::string line; std::getline(lines, line);)
      findings.push_back({"configuration", "file", Verdict::kFail, line, "correct it there"});
  }
  Finding guard{"configuration", "guard file", Verdict::kOk, "", ""};
  if (facts.guard_file.empty()) {
    guard.verdict = Verdict::kWarn;
    guard.sentence = "there is none, so this agent does whatever the control plane says";
    guard.remedy = "set guard_file: it limits domains, customers, principals and removals from this side";
  } else if (!facts.guard.ok()) {
    guard.verdict = Verdict::kFail;
    guard.sentence = Text(facts.guard);
    guard.remedy = "correct it there";
  } else {
    guard.sentence = fmt::format("{} ({} rules)", facts.guard_file, facts.guard_rules);
  }
  findings.push_back(std::move(guard));
  return findings;
}

Findings JudgeDirectory(const DirectoryFacts& facts) {
  Findings findings;
  const auto say = [&](const char* check, Verdict verdict, std::string sentence, std::string remedy = "") {
    findings.push_back({"data directory", check, verdict, std::move(sentence), std::move(remedy)});
  };
  if (!facts.exists) {
    say("directory", facts.writable ? Verdict::kOk : Verdict::kFail,
        facts.writable ? fmt::format("{} is not there yet; the agent makes it", facts.path)
                       : fmt::format("{} is not there and cannot be made by this user", facts.path),
        facts.writable ? "" : "make it, owned by the agent's user");
  } else if (!facts.is_directory || !facts.writable || !facts.ours) {
    say("directory", Verdict::kFail,
        fmt::format("{} {}", facts.path,
                    !facts.is_directory ? "is no directory"
                    : !facts.ours       ? "belongs to another user"
                                        : "is not writable"),
        "make it a directory of the agent's user, and ask the doctor as that user");
  } else {
    say("directory", facts.others_may ? Verdict::kWarn : Verdict::kOk,
        facts.others_may ? fmt::format("{} is open to other users", facts.path)
                         : fmt::format("{}{}", facts.path, facts.locked ? ", an agent works in it" : ""),
        facts.others_may ? "chmod 700; the agent does so when it starts" : "");
  }
  const std::string space = fmt::format("{} MiB are free", facts.free_bytes >> 20U);
  if (facts.free_bytes < kLittleSpace) {
    say("free space", facts.free_bytes < kNoSpace ? Verdict::kFail : Verdict::kWarn, space,
        "free space: with none the agent keeps its last state and creates nothing");
  } else {
    say("free space", Verdict::kOk, space);
  }
  return findings;
}

Findings JudgeCertificates(const std::vector<CertificateFacts>& facts, Time now) {
  Findings findings;
  for (const CertificateFacts& one : facts) findings.push_back(JudgeFile(one, now));
  return findings;
}

Findings JudgeControlPlane(const ControlPlaneFacts& facts) {
  Findings findings;
  const auto say = [&](const char* check, Verdict verdict, std::string sentence, std::string remedy = "") {
    findings.push_back({"control plane", check, verdict, std::move(sentence), std::move(remedy)});
  };
  const absl::StatusCode code = facts.answer.code();
  if (code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
      code == absl::StatusCode::kUnknown || code == absl::StatusCode::kInternal) {
    say("connection", Verdict::kFail,
        fmt::format("{} does not answer: {}", facts.address, Text(facts.answer)),
        "check control_plane, the network, and that tls.ca signed its certificate");
    say("certificate", Verdict::kSkipped, "nobody was reached");
    say("protocol", Verdict::kSkipped, "nobody was reached");
    return findings;
  }
  say("connection", Verdict::kOk, fmt::format("{} answers over TLS", facts.address));
  if (code == absl::StatusCode::kUnauthenticated || code == absl::StatusCode::kPermissionDenied ||
      code == absl::StatusCode::kNotFound) {
    say("certificate", Verdict::kFail, Text(facts.answer),
        fmt::format("list the certificate's URI under agents of cluster {}, or use another one",
                    facts.cluster));
    say("protocol", Verdict::kSkipped, "the control plane does not know this agent");
    return findings;
  }
  say("certificate", Verdict::kOk, fmt::format("bound to {}", facts.cluster));
  if (code == absl::StatusCode::kFailedPrecondition) {
    say("protocol", Verdict::kFail, Text(facts.answer), "install matching versions");
  } else {
    say("protocol", Verdict::kOk, "spoken by both");
  }
  return findings;
}

Findings JudgeRegistry(const RegistryFacts& facts) {
  Findings findings;
  const auto say = [&](const char* check, Verdict verdict, std::string sentence, std::string remedy = "") {
    findings.push_back({"registry", check, verdict, std::move(sentence), std::move(remedy)});
  };
  if (!facts.configured) {
    say("connection", Verdict::kSkipped, "the cluster has none (registry.url is not set)");
    return findings;
  }
  if (!facts.reached.ok()) {
    const bool refused = absl::IsUnauthenticated(facts.reached) || absl::IsPermissionDenied(facts.reached);
    say("connection", refused ? Verdict::kOk : Verdict::kFail,
        refused ? fmt::format("{} answers", facts.url) : Text(facts.reached),
        refused ? "" : "check registry.url, its CA and the network");
    say("credentials", refused ? Verdict::kFail : Verdict::kSkipped,
        refused ? Text(facts.reached) : "nobody was reached",
        refused ? "correct them; files are read again" : "");
    return findings;
  }
  say("connection", facts.tls ? Verdict::kOk : Verdict::kWarn,
      facts.tls ? fmt::format("{} answers over TLS", facts.url)
                : fmt::format("{} answers without TLS", facts.url),
      facts.tls ? "" : "use https://");
  say("credentials", facts.credentials == "none" ? Verdict::kWarn : Verdict::kOk,
      facts.credentials == "none" ? "it takes an agent without any, and so perhaps anybody"
                                  : fmt::format("{} accepted", facts.credentials),
      facts.credentials == "none" ? "let it ask for credentials, or keep it where only agents can reach it"
                                  : "");
  say("default level", Verdict::kOk,
      fmt::format("{}; each subject of ours has its own", facts.default_level));
  if (facts.reads.ok()) {
    say("subjects", Verdict::kOk, "can be looked at");
  } else {
    say("subjects", Verdict::kFail, Text(facts.reads), "let the agent's user read subjects");
  }
  if (!facts.mode.ok()) {
    say("mode", Verdict::kSkipped, "the registry has no modes, or does not tell");
  } else if (*facts.mode == "READWRITE") {
    say("mode", Verdict::kOk, *facts.mode);
  } else {
    say("mode", Verdict::kFail, fmt::format("is {}: schemas cannot be registered", *facts.mode),
        "set the registry's mode to READWRITE");
  }
  return findings;
}

Findings JudgeClock(const Facts& facts) {
  Findings findings = {JudgeTime("control plane", facts.control_plane.time, facts.now)};
  if (facts.registry.configured) findings.push_back(JudgeTime("registry", facts.registry.time, facts.now));
  return findings;
}

Findings Judge(const Facts& facts) {
  Findings all;
  const auto add = [&](Findings more) { all.insert(all.end(), more.begin(), more.end()); };
  add(JudgeConfig(facts.config));
  add(JudgeDirectory(facts.directory));
  add(JudgeCertificates(facts.certificates, facts.now));
  add(JudgeControlPlane(facts.control_plane));
  add(JudgeClock(facts));
  add(JudgeKafka(facts.kafka));
  add(JudgePrivileges(facts.kafka, !facts.config.guard_file.empty() && facts.config.guard.ok()));
  add(JudgeRegistry(facts.registry));
  return all;
}

}  // namespace sluice::agent::doctor
