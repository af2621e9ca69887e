// The part of Diff that decides about registry subjects.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/compatibility_level.h"
#include "common/core/diff_work.h"
#include "common/core/text.h"

namespace sluice::core::diff {
namespace {

using Subjects = std::map<std::string, ObservedSubject>;

void SetLevel(Work& work, const WantedSubject& wanted, const ObservedSubject& seen, Phase phase) {
  const Subject& subject = *wanted.subject;
  const std::string found =
      seen.level.empty() ? "the subject has no level of its own" : Cat("level is ", seen.level);
  Step& step = work.AddStep(phase, StepKind::kSetLevel, wanted.slice, subject.name,
                            Cat(found, ", approved is ", subject.level,
                                phase == Phase::kTightenLevel ? "; tightened after the schema" : ""));
  step.subject = {.name = subject.name, .schema_type = "", .schema = "", .level = subject.level};
  step.before = seen.level;
  step.after = subject.level;
  if (phase == Phase::kTightenLevel) step.after_subject = subject.name;
}

void Register(Work& work, WantedSubject& wanted, const SharedText& reason) {
  const Subject& subject = *wanted.subject;
  Step& step = work.AddStep(Phase::kRegister, StepKind::kRegisterSchema, wanted.slice, subject.name, reason);
  step.subject = subject;
  step.after = Cat(subject.schema_type, " schema of ", subject.schema.size(), " bytes");
  step.after_subject = subject.name;
  wanted.state = SubjectState::kRegistering;
}

// Whether the subject may be touched as far as its topic is concerned.
bool TopicPermits(const Work& work, const WantedSubject& wanted) {
  if (wanted.topic == nullptr) return true;
  switch (wanted.topic->state) {
    case TopicState::kUnknown:
      return work.ours.topics.contains(wanted.topic->topic->name);
    case TopicState::kAlien:
      return false;
    case TopicState::kOurs:
    case TopicState::kCreating:
    case TopicState::kHeld:
      return true;
  }
  return false;
}

void DiffSubject(Work& work, WantedSubject& wanted, const ObservedSubject& seen, bool is_ours) {
  const Subject& subject = *wanted.subject;
  if (!TopicPermits(work, wanted)) return;
  if (seen.versions > 0 && !is_ours) {
    wanted.state = SubjectState::kHeld;
    wanted.block = work.AddBlock(wanted.slice, Cat("subject ", subject.name), "Exists",
                                 Cat("a subject of this name existed before (versions: ", seen.versions,
                                     ") and is not ours; nothing of it is touched"));
    return;
  }
  const bool known = !seen.latest_schema.empty();
  const bool registered =
      seen.versions > 0 && (known ? seen.latest_schema == subject.schema : seen.registered);
  const bool tighten = seen.versions > 0 && IsTightened(seen.level, subject.level);
  if (seen.level != subject.level && !tighten) SetLevel(work, wanted, seen, Phase::kLoosenLevel);
  if (!registered) {
    static const SharedText kNoSchema = "the subject has no schema";
    static const SharedText kOtherSchema = "the approved schema is not registered";
    Register(work, wanted, seen.versions == 0 ? kNoSchema : kOtherSchema);
  } else {
    wanted.state = SubjectState::kRegistered;
    if (!known && !seen.latest) {
      work.AddBlock(
          wanted.slice, Cat("subject ", subject.name), "NotLatest",
          "the approved schema is registered, but not as the latest version; registries cannot "
          "move latest back: approve what was registered after it, or have that version deleted in the "
          "registry by those who made it");
    }
  }
  if (tighten) SetLevel(work, wanted, seen, Phase::kTightenLevel);
}

void ReportForeignSubjects(Work& work, const Subjects& seen) {
  auto wanted = work.subjects.begin();
  for (const auto& [name, subject] : seen) {
    while (wanted != work.subjects.end() && wanted->subject->name < name) ++wanted;
    if (wanted != work.subjects.end() && wanted->subject->name == name) continue;
    if (subject.versions == 0 || name.starts_with("__") || !work.InScope(name)) continue;
    work.AddForeign(kNone, Cat("subject ", name), /*excess=*/false,
                    "no slice names this subject; it is left alone");
  }
}

}  // namespace

void DiffSubjects(Work& work) {
  if (!work.observed.subjects) {
    for (const WantedSubject& wanted : work.subjects) work.BlockUnreachableRegistry(wanted.slice);
    return;
  }
  static const ObservedSubject kMissing;
  const Subjects& seen = *work.observed.subjects;
  Beside observed(seen);
  Beside journal(work.ours.subjects);
  for (WantedSubject& wanted : work.subjects) {
    const auto* found = observed.Find(wanted.subject->name);
    DiffSubject(work, wanted, found == nullptr ? kMissing : found->second,
                journal.Find(wanted.subject->name) != nullptr);
  }
  ReportForeignSubjects(work, seen);
}

}  // namespace sluice::core::diff
