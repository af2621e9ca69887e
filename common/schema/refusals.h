// Refusals: the ways in which a schema can refuse a value, one for each of its keywords.
#pragma once

#include <string>
#include <vector>

#include "common/schema/sameness.h"
#include "common/schema/state.h"

namespace sluice::schema {

struct Refusal {
  std::string rule;         // the keyword
  std::string detail = {};  // which of several
  Types mask = kAllTypes | kInteger;
  std::vector<Atom> atoms = {};  // for the same value
  std::vector<Literal> literals = {};
  bool decides = true;  // false: the atoms say more exactly why it is refused
  bool rest = false;    // the literal and the atom share a group of their own: see Rest
  bool opaque = false;  // not modelled: more values than there are
};

// The ways in which `refused` can refuse a value of `state`, without those that its accepting schemas plainly
// exclude.
std::vector<Refusal> Refusals(const State& state, const Atom& refused, Sameness& sameness);

}  // namespace sluice::schema
