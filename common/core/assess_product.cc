// Data products: from a new description to what breaks consumers.
#include <algorithm>

#include "common/core/names.h"
#include "common/core/settings.h"
#include "common/core/text.h"
#include "common/core/verdict.h"

namespace sluice::core {
namespace {

using When = Verdict::When;

std::string ResourceOf(const DataProduct& product) { return ResourceName(Kind::kDataProduct, product.name); }

// One product before and after a change, version by version.
class ProductChange {
 public:
  ProductChange(const DataProduct& before, const DataProduct& after, Verdict& verdict)
      : before_(before), after_(after), verdict_(verdict) {}

  void Assess() {
    // The graver rules first: where two ask the same people, the first is shown.
    if (!verdict_.IsSelfService(When::kAfter, after_) && verdict_.IsSelfService(When::kBefore, before_)) {
      AskNewProduct(after_, "leaves the self-service environments", verdict_);
    }
    for (const ProductVersion& version : after_.versions) AssessVersion(version);
    AssessPartitions(before_, after_, ResourceOf(after_), verdict_);
    if (before_.ownership != after_.ownership) {
      const std::string what = Cat(after_.name, " changes its ownership model");
      verdict_.Raise(ChangeClass::kNewProduct, what);
      AskReviewBoard("ownership-change", Cat(what, ", which the review board agreed to"), ResourceOf(after_),
                     verdict_);
      AskOwner(after_, "ownership-change", what, verdict_);
    }
    if (before_.owners != after_.owners) {
      verdict_.Raise(ChangeClass::kConfig, Cat("the owners of ", after_.name, " change"));
      AskOwnersChange(Cat("owner of ", after_.name), verdict_.OwnersOf(after_), ResourceOf(after_), verdict_);
    }
    DataProduct rest = after_;
    rest.owners = before_.owners;
    if (rest == before_) return;
    verdict_.Raise(ChangeClass::kConfig, Cat(after_.name, " is changed"));
    AskOwner(after_, "config", Cat(after_.name, " is changed: an owner answers for it"), verdict_);
  }

 private:
  void AssessVersion(const ProductVersion& version) {
    const auto old = std::find_if(before_.versions.begin(), before_.versions.end(),
                                  [&](const ProductVersion& other) { return other.major == version.major; });
    if (old == before_.versions.end()) return NewVersion(version);
    const std::string name = Cat(after_.name, " v", version.major);
    if (old->state != Life::kRetired && version.state == Life::kRetired) Retire(name, version.major);
    if (old->state == Life::kActive && version.state == Life::kDeprecated) AffectConsumers(version.major);
    if (old->wire != version.wire)
      Break(Cat(name, " writes its messages in another wire format"), version.major);
    AssessSchema(after_, *old, version, verdict_);
    if (old->compatibility != version.compatibility) {
      Coordinate("compatibility-level",
                 Cat(name, " changes its compatibility level (", old->compatibility, " → ",
                     version.compatibility, ")"),
                 version.major);
    }
    const bool event_gone = std::any_of(old->events.begin(), old->events.end(), [&](const EventType& event) {
      return std::none_of(version.events.begin(), version.events.end(),
                          [&](const EventType& now) { return now.type == event.type; });
    });
    if (event_gone) Coordinate("event-types", Cat(name, " stops sending a type of event"), version.major);
    for (const Stream& stream : version.streams) {
      const auto was = std::find_if(old->streams.begin(), old->streams.end(),
                                    [&](const Stream& other) { return other.suffix == stream.suffix; });
      if (was != old->streams.end())
        AssessStream(Cat(name, " stream ", stream.suffix), *was, stream, version.major);
    }
  }

  void NewVersion(const ProductVersion& version) {
    const std::string what = Cat(after_.name, " gets version ", version.major);
    verdict_.Raise(ChangeClass::kNewProduct, what);
    if (!verdict_.IsSelfService(When::kAfter, after_)) {
      AskReviewBoard("new-version", Cat(what, ": new topics that every consumer has to move to"),
                     ResourceOf(after_), verdict_);
    }
    AskOwner(after_, "new-version", what, verdict_);
  }

  void AssessStream(const std::string& name, const Stream& old, const Stream& stream, int32_t major) {
    if (old.state != Life::kRetired && stream.state == Life::kRetired) Retire(name, major);
    if (old.key && old.key != stream.key)
      Break(Cat(name, " makes its keys differently, which breaks order and compaction"), major);
    if (!old.tombstones && stream.tombstones)
      Coordinate("tombstones", Cat(name, " starts to send records without a value"), major);
    for (const auto& entry : verdict_.after().environments.entries()) {
      const Environment* was = verdict_.before().environments.Find(entry.name);
      if (was == nullptr) continue;
      const std::string key(kCleanupPolicy);
      if (EffectiveSettings(old, *was).config.at(key) ==
          EffectiveSettings(stream, *entry.value).config.at(key))
        continue;
      Coordinate("cleanup-policy", Cat(name, " changes what Kafka keeps of it (cleanup.policy)"), major);
      break;
    }
  }

  void AffectConsumers(int32_t major) {
    for (const std::string& application : ConsumersOf(verdict_.after(), after_.name, major))
      verdict_.Affect(application);
  }

  void Retire(const std::string& name, int32_t major) {
    const std::string what = Cat(name, " is retired");
    verdict_.Raise(ChangeClass::kDeletion, what);
    AskBoardAndOwner(after_, "retirement", Cat(what, ": its grants are taken away, its topics kept"),
                     ResourceOf(after_), verdict_);
    AffectConsumers(major);
  }

  void Break(const std::string& what, int32_t major) {
    verdict_.Raise(ChangeClass::kBreaking, what);
    verdict_.NeedJustification();
    AskBoardAndOwner(after_, "breaking", what, ResourceOf(after_), verdict_);
    AffectConsumers(major);
  }

  // Until the schema engine can say less, every registered consumer is asked.
  void Coordinate(const std::string& rule, const std::string& what, int32_t major) {
    verdict_.Raise(ChangeClass::kCoordinated, what);
    AskOwner(after_, rule, what, verdict_);
    for (const std::string& application : ConsumersOf(verdict_.after(), after_.name, major)) {
      verdict_.Affect(application);
      verdict_.OwnApply({rule, Cat("owner of ", application), verdict_.OwnersOfApplication(application),
                         Cat(what, ", and ", application, " consumes it"), ResourceOf(after_)});
    }
  }

  const DataProduct& before_;
  const DataProduct& after_;
  Verdict& verdict_;
};

int32_t PartitionsIn(const Stream& stream, const Environment& environment) {
  return EffectiveSettings(stream, environment).partitions;
}

}  // namespace

std::vector<std::string> ConsumersOf(const Catalog& catalog, std::string_view product, int32_t major) {
  std::vector<std::string> consumers;
  const auto [first, last] = catalog.grants.PrefixRange(Cat(product, "/"));
  for (size_t i = first; i < last; ++i) {
    const Grant& grant = *catalog.grants.entries()[i].value;
    const bool consumes = std::any_of(grant.access.begin(), grant.access.end(), [&](const Access& access) {
      return access.role == AccessRole::kConsumer &&
             std::find(access.majors.begin(), access.majors.end(), major) != access.majors.end();
    });
    if (consumes) consumers.push_back(grant.name.substr(product.size() + 1));
  }
  return consumers;
}

void AskOwner(const DataProduct& product, std::string rule, std::string reason, Verdict& verdict) {
  verdict.OwnApply({std::move(rule), Cat("owner of ", product.name), verdict.OwnersOf(product),
                    std::move(reason), ResourceOf(product)});
}

void AskBoardAndOwner(const DataProduct& product, const std::string& rule, const std::string& reason,
                      const std::string& resource, Verdict& verdict) {
  AskReviewBoard(rule, reason, resource, verdict);
  verdict.Approval({rule, Cat("owner of ", product.name), verdict.OwnersOf(product), reason, resource});
}

void AskReviewBoard(std::string rule, std::string reason, std::string resource, Verdict& verdict) {
  verdict.Approval({std::move(rule), "review board", verdict.Holders(Role::kReviewBoard), std::move(reason),
                    std::move(resource)});
}

void AskNewProduct(const DataProduct& product, std::string_view why, Verdict& verdict) {
  const std::string what = Cat(product.name, " ", why);
  verdict.Raise(ChangeClass::kNewProduct, what);
  AskReviewBoard("new-product", Cat(what, ": the review board agrees to new products"), ResourceOf(product),
                 verdict);
  const auto name = ParseProductName(product.name);
  if (!name) return;  // Validate refuses it
  const std::string domain(name->domain);
  verdict.Approval({"new-product", Cat("Domain Owner of ", domain), verdict.OwnersOfDomain(domain),
                    Cat(what, ": its domain answers for it"), ResourceOf(product)});
}

void AssessPartitions(const DataProduct& before, const DataProduct& after, const std::string& resource,
                      Verdict& verdict) {
  for (const ProductVersion& version : after.versions) {
    for (const Stream& stream : version.streams) {
      const auto was_version =
          std::find_if(before.versions.begin(), before.versions.end(),
                       [&](const ProductVersion& old) { return old.major == version.major; });
      if (was_version == before.versions.end()) break;
      const auto was = std::find_if(was_version->streams.begin(), was_version->streams.end(),
                                    [&](const Stream& old) { return old.suffix == stream.suffix; });
      if (was == was_version->streams.end() || !was->key) continue;
      std::vector<std::string> grown;
      for (const auto& entry : verdict.after().environments.entries()) {
        const Environment* old = verdict.before().environments.Find(entry.name);
        if (old == nullptr) continue;
        const int32_t from = PartitionsIn(*was, *old), to = PartitionsIn(stream, *entry.value);
        if (to > from) grown.push_back(Cat(entry.name, " ", from, " → ", to));
      }
      if (grown.empty()) continue;
      const std::string what = Cat("more partitions break the order of keys of ", after.name, " v",
                                   version.major, " stream ", stream.suffix, " (", List(grown), ")");
      verdict.Raise(ChangeClass::kBreaking, what);
      verdict.NeedJustification();
      AskBoardAndOwner(after, "partitions-grow", what, resource, verdict);
      for (const std::string& application : ConsumersOf(verdict.after(), after.name, version.major))
        verdict.Affect(application);
    }
  }
}

void AssessEdit(const DataProduct* before, const DataProduct* after, Verdict& verdict) {
  if (before == nullptr) {
    if (!verdict.IsSelfService(When::kAfter, *after)) return AskNewProduct(*after, "is new", verdict);
    const std::string what = Cat(after->name, " is new, in self-service environments only");
    verdict.Raise(ChangeClass::kNewProduct, what);
    return AskOwner(*after, "new-product", Cat(what, ": an owner answers for it"), verdict);
  }
  if (after == nullptr) {
    const std::string what = Cat(before->name, " is deleted");
    verdict.Raise(ChangeClass::kDeletion, what);
    return AskBoardAndOwner(*before, "deletion", what, ResourceOf(*before), verdict);
  }
  ProductChange(*before, *after, verdict).Assess();
}

}  // namespace sluice::core
