// SliceChanges: from two catalogs to what changes in slices, and which absences begin and end. Pure; costs
// are proportional to what is touched, and to the absences pending on a cluster where something was named
// anew.
//
// The rules: an ACL or a config key that a slice names no longer becomes an absence of that slice, unless
// another touched slice names it now; presence in any slice ends an absence, whoever states it. A topic that
// is no longer named is no longer managed: nothing is said about it. A slice without content lives while it
// has absences, and is gone after them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/core/compile.h"
#include "controlplane/store/store.h"

namespace sluice::controlplane {

struct SliceChange {
  core::SliceAddress address;
  bool gone = false;
  std::string digest = {};                   // empty: gone
  std::vector<core::Absence> absences = {};  // all that it states from now on, sorted by resource
  bool absences_changed = false;
};

struct SliceChanges {
  std::vector<SliceChange> slices;  // in the order of addresses
  State after;                      // the next state
};

// `after` is the catalog at `revision`, `touched` a superset of what lies between (sorted, unique).
SliceChanges ChangeSlices(const State& before, core::Catalog after,
                          const std::vector<core::SliceAddress>& touched, int64_t revision,
                          const std::string& change);

// Adds an absence for each of `topics` to its slice, in the place of an older one of the same topic.
SliceChanges StateGivenUp(const State& before, const std::vector<GivenUpTopic>& topics, int64_t revision,
                          const std::string& change);

// Forgets `gone[i].second` of the slice `gone[i].first` on `cluster`; all of them are absences of `before`.
SliceChanges ForgetAbsences(const State& before, const std::string& cluster,
                            const std::vector<std::pair<std::string, core::Absence>>& gone, int64_t revision);

// What `state` wants there now, with its absences; nullopt: gone.
std::optional<core::Slice> SliceOf(const State& state, const core::SliceAddress& address);
// The absences that `state` holds for a slice.
std::vector<core::Absence> AbsencesOf(const State& state, const core::SliceAddress& address);
// `slice` with what it states to be absent; nullopt: neither.
std::optional<core::Slice> WithAbsences(std::optional<core::Slice> slice, const std::string& key,
                                        std::vector<core::Absence> absences);
// `f-and-r.forecast` of `product/f-and-r.forecast/acme`; empty: no product's slice.
std::string_view ProductOf(std::string_view key);
// Hexadecimal SHA-256 of the serialized proto.
std::string DigestOf(const core::Slice& slice);
// Adds a slice to the totals of its cluster, or takes it out.
enum class Counted { kIn, kOut };
void Count(const core::Slice& slice, Counted counted, ClusterTotals& totals);

}  // namespace sluice::controlplane
