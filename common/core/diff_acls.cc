// The part of Diff that decides about ACLs.
#include <compare>
#include <string>
#include <vector>

#include "common/core/diff_work.h"
#include "common/core/text.h"

namespace sluice::core::diff {
namespace {

// Finds the topic of ACLs that come in the order of their resources.
class TopicOfAcl {
 public:
  explicit TopicOfAcl(Work& work) : work_(work) {}

  WantedTopic* Find(const Acl& acl) {
    if (acl.resource_type != ResourceType::kTopic || acl.pattern_type != PatternType::kLiteral)
      return nullptr;
    if (last_ == nullptr || last_->topic->name != acl.resource) last_ = work_.FindTopic(acl.resource);
    return last_;
  }

 private:
  Work& work_;
  WantedTopic* last_ = nullptr;
};

// What a write grant on a topic with a gate has to wait for.
struct Gate {
  bool closed = false;
  SharedText after_subject;
};

Gate PassGate(Work& work, const WantedAcl& wanted, const SharedText& gate_subject) {
  const WantedSubject* subject = work.FindSubject(gate_subject);
  if (!work.observed.subjects) {
    work.Wait(work.BlockUnreachableRegistry(wanted.slice));
    return {.closed = true, .after_subject = ""};
  }
  if (subject == nullptr) {
    work.Wait(work.AddBlock(wanted.slice, Cat("subject ", gate_subject), "RegistryUnreachable",
                            "the subject was not looked at"));
    return {.closed = true, .after_subject = ""};
  }
  switch (subject->state) {
    case SubjectState::kRegistered:
      return {};
    case SubjectState::kRegistering:
      return {.closed = false, .after_subject = gate_subject};
    case SubjectState::kHeld:
      work.Wait(subject->block);
      break;
    case SubjectState::kUnknown:
      break;  // its topic is blocked
  }
  return {.closed = true, .after_subject = ""};
}

void Grant(Work& work, const WantedAcl& wanted, const WantedTopic* topic) {
  const Acl& acl = *wanted.acl;
  SharedText after_subject;
  if (topic != nullptr) {
    if (topic->state == TopicState::kUnknown) return;  // the slice is KafkaUnreachable
    if (topic->block != kNone) return work.Wait(topic->block);
    if (acl.operation == Operation::kWrite && !topic->topic->gate_subject.empty()) {
      Gate gate = PassGate(work, wanted, topic->topic->gate_subject);
      if (gate.closed) return;
      after_subject = std::move(gate.after_subject);
    }
  }
  static const SharedText kReason = "access is approved and its ACL is missing";
  static const SharedText kAllow = "ALLOW";
  Step& step = work.AddStep(Phase::kGrant, StepKind::kCreateAcl, wanted.slice, Describe(acl), kReason);
  step.acl = acl;
  step.after = kAllow;
  step.after_subject = std::move(after_subject);
}

void Revoke(Work& work, const Absent<Acl>& absent) {
  const Acl& acl = *absent.resource;
  Step& step = work.AddStep(Phase::kRevoke, StepKind::kDeleteAcl, absent.slice, Describe(acl),
                            Cat("change ", absent.absence->change, " took this access away"));
  step.acl = acl;
  step.before = acl.permission == Permission::kAllow ? "ALLOW" : "DENY";
}

// Absences come sorted by ACL; several slices may state the same one.
void RevokeAbsent(Work& work) {
  const std::set<Acl>& seen = *work.observed.acls;
  for (size_t i = 0; i < work.absent_acls.size(); ++i) {
    const Absent<Acl>& absent = work.absent_acls[i];
    if (work.Wants(*absent.resource)) continue;  // presence beats absence
    const bool repeated = i > 0 && *work.absent_acls[i - 1].resource == *absent.resource;
    if (!seen.contains(*absent.resource)) {
      work.AddGone(absent.slice, *absent.absence);
    } else if (!repeated) {
      Revoke(work, absent);
    }
  }
}

bool IsReserved(const Work& work, const std::string& principal) {
  constexpr std::string_view kUser = "User:";
  return principal.starts_with(kUser) &&
         work.options.reserved_principals.contains(principal.substr(kUser.size()));
}

bool MayBeForeign(const Work& work, const Acl& acl) {
  return acl.resource_type != ResourceType::kCluster && work.InScope(acl.resource) &&
         !IsReserved(work, acl.principal);
}

}  // namespace

void DiffAcls(Work& work) {
  if (!work.observed.acls) {
    for (const WantedAcl& wanted : work.acls) work.BlockUnreachableKafka(wanted.slice);
    for (const Absent<Acl>& absent : work.absent_acls) work.BlockUnreachableKafka(absent.slice);
    return;
  }
  TopicOfAcl topics(work);
  std::vector<const Acl*> foreign;
  auto seen = work.observed.acls->begin();
  const auto end = work.observed.acls->end();
  auto absent = work.absent_acls.begin();
  const auto unwanted = [&] {
    while (absent != work.absent_acls.end() && *absent->resource < *seen) ++absent;
    const bool revoked = absent != work.absent_acls.end() && *absent->resource == *seen;
    if (!revoked && MayBeForeign(work, *seen)) foreign.push_back(&*seen);
    ++seen;
  };
  for (const WantedAcl& wanted : work.acls) {
    std::strong_ordering order = std::strong_ordering::greater;  // of what was seen to what is wanted
    while (seen != end && (order = *seen <=> *wanted.acl) < 0) unwanted();
    if (seen != end && order == 0) {
      ++seen;
    } else {
      Grant(work, wanted, topics.Find(*wanted.acl));
    }
  }
  while (seen != end) unwanted();
  RevokeAbsent(work);
  ReportForeignAcls(work, foreign);
}

}  // namespace sluice::core::diff
