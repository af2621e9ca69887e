// Grants: access is the product owner's to give; giving it back is also the application's.
#include <algorithm>

#include "common/core/names.h"
#include "common/core/schema_impact.h"
#include "common/core/text.h"
#include "common/core/verdict.h"

namespace sluice::core {
namespace {

template <typename T>
bool Includes(const std::vector<T>& all, const std::vector<T>& some) {
  return std::all_of(some.begin(), some.end(),
                     [&](const T& item) { return std::find(all.begin(), all.end(), item) != all.end(); });
}

bool IsDeadLetters(const DataProduct* product, const std::vector<int32_t>& majors,
                   const std::string& suffix) {
  if (product == nullptr) return true;
  for (const ProductVersion& version : product->versions) {
    if (std::find(majors.begin(), majors.end(), version.major) == majors.end()) continue;
    for (const Stream& stream : version.streams) {
      if (stream.suffix == suffix && stream.purpose == Purpose::kDeadLetters) return true;
    }
  }
  return false;
}

// Whether `old` allows all that `now` does. Empty streams mean all but dead letters, empty customers
// everyone.
bool Covers(const Access& old, const Access& now, const DataProduct* product) {
  if (old.role != now.role || !Includes(old.majors, now.majors) ||
      !Includes(old.environments, now.environments))
    return false;
  const bool everybody = old.customers.all || old.customers.names.empty();
  const bool now_everybody = now.customers.all || now.customers.names.empty();
  if (!everybody && (now_everybody || !Includes(old.customers.names, now.customers.names))) return false;
  if (!old.streams.empty()) return !now.streams.empty() && Includes(old.streams, now.streams);
  return std::none_of(now.streams.begin(), now.streams.end(),
                      [&](const std::string& suffix) { return IsDeadLetters(product, now.majors, suffix); });
}

bool IsWider(const Grant& before, const Grant& after, const DataProduct* product) {
  return std::any_of(after.access.begin(), after.access.end(), [&](const Access& now) {
    return std::none_of(before.access.begin(), before.access.end(),
                        [&](const Access& old) { return Covers(old, now, product); });
  });
}

// Purpose and declared use only.
bool OpensTheSame(const Grant& before, const Grant& after) {
  return before.access.size() == after.access.size() &&
         std::equal(before.access.begin(), before.access.end(), after.access.begin(),
                    [](Access a, const Access& b) {
                      a.uses = b.uses;
                      return a == b;
                    });
}

// Whether `uses` still names `field` or something above it.
bool Names(const Usage& uses, const std::string& field) {
  return uses.fields.empty() ||
         std::any_of(uses.fields.begin(), uses.fields.end(), [&](const std::string& other) {
           return field == other || field.starts_with(Cat(other, "/"));
         });
}

bool DeclaresLess(const Usage& before, const Usage& after) {
  if (before.validates && !after.validates) return true;
  if (before.unknown_enum_values == UnknownEnumValues::kFails &&
      after.unknown_enum_values == UnknownEnumValues::kIgnores)
    return true;
  if (before.fields.empty()) return !after.fields.empty();
  return std::any_of(before.fields.begin(), before.fields.end(),
                     [&](const std::string& field) { return !Names(after, field); });
}

// Whether the application says of some version that it still consumes that it uses less of it.
bool DeclaresLess(const Grant& before, const Grant& after) {
  for (const Access& access : before.access) {
    if (access.role != AccessRole::kConsumer) continue;
    for (const int32_t major : access.majors) {
      const std::optional<Usage> was = UsageOf(before, major), is = UsageOf(after, major);
      if (was && is && DeclaresLess(*was, *is)) return true;
    }
  }
  return false;
}

}  // namespace

void AssessEdit(const Grant* before, const Grant* after, Verdict& verdict) {
  const std::string& grant = after == nullptr ? before->name : after->name;
  const auto name = ParseGrantName(grant);
  if (!name) return;  // Validate refuses it
  const std::string application(name->application), resource = ResourceName(Kind::kGrant, grant);
  const DataProduct* product = verdict.before().products.Find(name->product);
  if (product == nullptr) product = verdict.after().products.Find(name->product);
  std::vector<std::string> people =
      product == nullptr ? std::vector<std::string>() : verdict.OwnersOf(*product);
  const std::string role = Cat("owner of ", name->product);

  if (before != nullptr && after != nullptr && DeclaresLess(*before, *after)) {
    const std::string what = Cat(application, " declares to use less of ", name->product);
    verdict.Raise(ChangeClass::kConfig, what);
    verdict.OwnApply({"uses", Cat("owner of ", application), verdict.OwnersOfApplication(application),
                      Cat(what, ": it will not be asked about changes of the rest, so its owners say so"),
                      resource});
  }
  if (after != nullptr && (before == nullptr || IsWider(*before, *after, product))) {
    const std::string what =
        Cat(application, before == nullptr ? " gets access to " : " gets wider access to ", name->product);
    verdict.Raise(ChangeClass::kAccess, what);
    verdict.OwnApply(
        {"access", role, std::move(people), Cat(what, ": an owner of the product gives it"), resource});
    return;
  }
  people.push_back(Cat("app:", application));
  const bool same = after != nullptr && OpensTheSame(*before, *after);
  const std::string what =
      same ? Cat("what ", application, " does with ", name->product, " is described anew")
           : Cat(application, after == nullptr ? " loses access to " : " keeps less access to ",
                 name->product);
  verdict.Raise(same ? ChangeClass::kConfig : ChangeClass::kAccess, what);
  verdict.OwnApply({same ? "config" : "access-removed", Cat(role, " or of ", application), std::move(people),
                    Cat(what, ": an owner of the product or of the application agrees"), resource});
}

}  // namespace sluice::core
