#include "controlplane/store/slice_changes.h"

#include <algorithm>
#include <set>

#include "common/core/compile.h"
#include "common/crypto/sha256.h"
#include "common/wire/wire.h"

namespace sluice::controlplane {
namespace {

using core::AbsentConfig;
using core::Acl;
using core::Slice;
using core::SliceAddress;
using AbsentResource = decltype(core::Absence::resource);
using Resources = std::set<AbsentResource>;

constexpr std::string_view kProductPrefix = "product/";

// Compiles slices of one cluster by their keys. What the slices of a product share is worked out once for the
// whole run of customers when several of them are asked for.
class KeyCompiler {
 public:
  KeyCompiler(const core::Catalog& catalog, const std::string& cluster)
      : catalog_(catalog), cluster_(catalog.clusters.Find(cluster)) {}

  // `next` is the key that is asked for after this one; keys come in their order.
  std::optional<Slice> Compile(const std::string& key, std::string_view next) {
    if (cluster_ == nullptr) return std::nullopt;
    const std::string_view product = ProductOf(key);
    if (product.empty()) return core::CompileKey(catalog_, key, *cluster_);
    if (product != product_) {
      if (ProductOf(next) != product) return core::CompileKey(catalog_, key, *cluster_);
      product_ = product;
      slices_ = core::CompileProduct(catalog_, product_, *cluster_);
      std::sort(slices_.begin(), slices_.end(), [](const Slice& a, const Slice& b) { return a.key < b.key; });
      at_ = 0;
    }
    while (at_ < slices_.size() && slices_[at_].key < key) ++at_;
    if (at_ == slices_.size() || slices_[at_].key != key) return std::nullopt;
    return std::move(slices_[at_++]);
  }

 private:
  const core::Catalog& catalog_;
  const core::Cluster* const cluster_;
  std::string product_;
  std::vector<Slice> slices_;  // of product_, by key
  size_t at_ = 0;              // the first one not asked for yet
};

// A touched slice on one cluster.
struct Touched {
  std::string key;
  std::optional<Slice> before, after;
  std::vector<core::Absence> absences_before, absences_after;
};

// What a slice names that could be absent otherwise.
Resources NamedBy(const std::optional<Slice>& slice) {
  Resources named;
  if (!slice) return named;
  for (const Acl& acl : slice->acls) named.insert(acl);
  for (const core::Topic& topic : slice->topics) {
    for (const auto& [key, value] : topic.configs) named.insert(AbsentConfig{topic.name, key});
  }
  return named;
}

// Whether an absence of `resource` can be stated once `after` is in force.
bool CanBeAbsent(const AbsentResource& resource, const std::optional<Slice>& after) {
  const auto* config = std::get_if<AbsentConfig>(&resource);
  if (config == nullptr) return true;
  return after && std::any_of(after->topics.begin(), after->topics.end(),
                              [&](const core::Topic& topic) { return topic.name == config->topic; });
}

void SortByResource(std::vector<core::Absence>& absences) {
  std::sort(absences.begin(), absences.end(),
            [](const core::Absence& a, const core::Absence& b) { return a.resource < b.resource; });
}

// The changes of one cluster.
class ClusterChange {
 public:
  ClusterChange(const State& before, const core::Catalog& after, std::string cluster, int64_t revision,
                const std::string& change)
      : before_(before), after_(after), cluster_(std::move(cluster)), revision_(revision), change_(change) {}

  // `first` to `last` are the touched addresses of this cluster.
  void Run(const SliceAddress* first, const SliceAddress* last) {
    CompileBoth(first, last);
    for (const Touched& slice : touched_) named_.merge(NamedBy(slice.after));
    for (Touched& slice : touched_) Lose(slice);
    EndAbsences();
  }

  void AddTo(SliceChanges& changes, std::vector<core::Entry<std::vector<core::Absence>>>& put) {
    std::sort(touched_.begin(), touched_.end(),
              [](const Touched& a, const Touched& b) { return a.key < b.key; });
    for (Touched& slice : touched_) AddSlice(slice, changes, put);
  }

 private:
  void CompileBoth(const SliceAddress* first, const SliceAddress* last) {
    KeyCompiler was(before_.catalog, cluster_);
    KeyCompiler is(after_, cluster_);
    for (const SliceAddress* at = first; at != last; ++at) {
      const std::string_view next = at + 1 == last ? std::string_view() : std::string_view((at + 1)->key);
      Touched slice;
      slice.key = at->key;
      slice.before = was.Compile(at->key, next);
      slice.after = is.Compile(at->key, next);
      if (slice.before == slice.after) continue;
      slice.absences_before = slice.absences_after = AbsencesOf(before_, *at);
      touched_.push_back(std::move(slice));
    }
  }

  void Lose(Touched& slice) {
    for (const AbsentResource& resource : NamedBy(slice.before)) {
      if (named_.contains(resource) || !CanBeAbsent(resource, slice.after)) continue;
      slice.absences_after.push_back({resource, revision_, change_});
    }
    SortByResource(slice.absences_after);
  }

  void EndAbsences() {
    const auto [first, last] = before_.absences.PrefixRange(cluster_ + " ");
    if (first == last || named_.empty()) return;
    for (size_t i = first; i < last; ++i) {
      const auto& entry = before_.absences.entries()[i];
      const bool ends =
          std::any_of(entry.value->begin(), entry.value->end(),
                      [&](const core::Absence& absence) { return named_.contains(absence.resource); });
      if (ends) EndIn(entry.name.substr(cluster_.size() + 1));
    }
  }

  void EndIn(const std::string& key) {
    auto at = std::find_if(touched_.begin(), touched_.end(),
                           [&](const Touched& slice) { return slice.key == key; });
    if (at == touched_.end()) {
      Touched other;
      other.key = key;
      other.before = KeyCompiler(before_.catalog, cluster_).Compile(key, {});
      other.after = KeyCompiler(after_, cluster_).Compile(key, {});
      other.absences_before = other.absences_after = AbsencesOf(before_, {cluster_, key});
      at = touched_.insert(touched_.end(), std::move(other));
    }
    std::erase_if(at->absences_after,
                  [&](const core::Absence& absence) { return named_.contains(absence.resource); });
  }

  void AddSlice(Touched& slice, SliceChanges& changes,
                std::vector<core::Entry<std::vector<core::Absence>>>& put) {
    SliceChange change;
    change.address = {cluster_, slice.key};
    change.absences = slice.absences_after;
    change.absences_changed = slice.absences_before != slice.absences_after;
    ClusterTotals& totals = changes.after.totals[cluster_];
    if (auto before = WithAbsences(std::move(slice.before), slice.key, std::move(slice.absences_before))) {
      Count(*before, Counted::kOut, totals);
    }
    const auto after = WithAbsences(std::move(slice.after), slice.key, std::move(slice.absences_after));
    change.gone = !after;
    if (after) {
      Count(*after, Counted::kIn, totals);
      change.digest = DigestOf(*after);
    }
    if (change.absences_changed) {
      std::string name = AbsenceKey(cluster_, slice.key);
      if (change.absences.empty())
        changes.after.absences.Remove(name);
      else
        put.push_back({std::move(name), revision_,
                       std::make_shared<const std::vector<core::Absence>>(change.absences)});
    }
    changes.slices.push_back(std::move(change));
  }

  const State& before_;
  const core::Catalog& after_;
  const std::string cluster_;
  const int64_t revision_;
  const std::string& change_;
  std::vector<Touched> touched_;
  Resources named_;  // by touched slices, from now on
};

// From now on the slice states exactly `absences`; what it wants stays.
void StateAbsences(const SliceAddress& address, std::vector<core::Absence> absences, SliceChanges& changes) {
  State& state = changes.after;
  const std::string name = AbsenceKey(address.cluster, address.key);
  if (absences.empty()) {
    state.absences.Remove(name);
  } else {
    state.absences.Put({name, state.revision, std::make_shared<const std::vector<core::Absence>>(absences)});
  }
  const auto after = SliceOf(state, address);
  if (!after) --state.totals[address.cluster].slices;
  changes.slices.push_back({.address = address,
                            .gone = !after,
                            .digest = after ? DigestOf(*after) : "",
                            .absences = std::move(absences),
                            .absences_changed = true});
}

}  // namespace

std::string_view ProductOf(std::string_view key) {
  if (key.substr(0, kProductPrefix.size()) != kProductPrefix) return {};
  key.remove_prefix(kProductPrefix.size());
  return key.substr(0, key.find('/'));
}

std::optional<Slice> WithAbsences(std::optional<Slice> slice, const std::string& key,
                                  std::vector<core::Absence> absences) {
  if (!slice && absences.empty()) return std::nullopt;
  if (!slice) slice.emplace().key = key;
  slice->absences = std::move(absences);
  return slice;
}

std::string AbsenceKey(const std::string& cluster, const std::string& key) { return cluster + " " + key; }

std::vector<core::Absence> AbsencesOf(const State& state, const SliceAddress& address) {
  const auto* absences = state.absences.Find(AbsenceKey(address.cluster, address.key));
  return absences == nullptr ? std::vector<core::Absence>() : *absences;
}

std::optional<Slice> SliceOf(const State& state, const SliceAddress& address) {
  return WithAbsences(KeyCompiler(state.catalog, address.cluster).Compile(address.key, {}), address.key,
                      AbsencesOf(state, address));
}

std::string DigestOf(const Slice& slice) { return Sha256Hex(wire::Serialize(wire::ToProto(slice))); }

void Count(const Slice& slice, Counted counted, ClusterTotals& totals) {
  const int64_t sign = counted == Counted::kIn ? 1 : -1;
  totals.slices += sign;
  totals.topics += sign * static_cast<int64_t>(slice.topics.size());
  totals.acls += sign * static_cast<int64_t>(slice.acls.size());
  totals.subjects += sign * static_cast<int64_t>(slice.subjects.size());
  for (const core::Topic& topic : slice.topics) totals.partitions += sign * topic.partitions;
}

SliceChanges ChangeSlices(const State& before, core::Catalog after, const std::vector<SliceAddress>& touched,
                          int64_t revision, const std::string& change) {
  SliceChanges changes;
  changes.after = before;
  changes.after.revision = revision;
  changes.after.catalog = std::move(after);
  std::vector<core::Entry<std::vector<core::Absence>>> put;
  for (size_t first = 0, last = 0; first < touched.size(); first = last) {
    while (last < touched.size() && touched[last].cluster == touched[first].cluster) ++last;
    ClusterChange cluster(before, changes.after.catalog, touched[first].cluster, revision, change);
    cluster.Run(touched.data() + first, touched.data() + last);
    cluster.AddTo(changes, put);
  }
  if (!put.empty()) changes.after.absences.PutAll(std::move(put));
  return changes;
}

SliceChanges StateGivenUp(const State& before, const std::vector<GivenUpTopic>& topics, int64_t revision,
                          const std::string& change) {
  std::map<SliceAddress, std::vector<core::Absence>> states;
  for (const auto& [cluster, slice, topic] : topics) {
    const SliceAddress address = {cluster, slice};
    auto [state, is_new] = states.try_emplace(address);
    if (is_new) state->second = AbsencesOf(before, address);
    std::erase_if(state->second, [&name = topic.topic](const core::Absence& absence) {
      const auto* lost = std::get_if<core::LostTopic>(&absence.resource);
      return lost != nullptr && lost->topic == name;
    });
    state->second.push_back({topic, revision, change});
  }
  SliceChanges changes;
  changes.after = before;
  changes.after.revision = revision;
  for (auto& [address, absences] : states) {
    SortByResource(absences);
    StateAbsences(address, std::move(absences), changes);
  }
  return changes;
}

SliceChanges ForgetAbsences(const State& before, const std::string& cluster,
                            const std::vector<std::pair<std::string, core::Absence>>& gone,
                            int64_t revision) {
  SliceChanges changes;
  changes.after = before;
  changes.after.revision = revision;
  std::map<std::string, Resources> by_key;
  for (const auto& [key, absence] : gone) by_key[key].insert(absence.resource);
  for (const auto& [key, resources] : by_key) {
    const SliceAddress address = {cluster, key};
    std::vector<core::Absence> absences = AbsencesOf(before, address);
    std::erase_if(absences,
                  [&](const core::Absence& absence) { return resources.contains(absence.resource); });
    StateAbsences(address, std::move(absences), changes);
  }
  return changes;
}

}  // namespace sluice::controlplane
