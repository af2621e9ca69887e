// AvroPairs: which pairs of a writer's and a reader's type resolve, for all pairs that two schemas lead to.
// Recursive types resolve when nothing refutes it (the greatest fixed point).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/schema/avro_schema.h"

namespace sluice::schema {

class AvroPairs {
 public:
  // Looks at what `writer` and `reader` lead to, for at most `most_steps` steps.
  AvroPairs(const AvroNode& writer, const AvroNode& reader, size_t most_steps);

  // false: some pairs were not looked at and are taken to resolve; what fails fails all the same.
  bool complete() const { return steps_ > 0; }
  bool Resolves(const AvroNode& writer, const AvroNode& reader) const;
  // The branches of the union `reader` that `writer`, no union, matches from outside, in their order.
  std::vector<uint32_t> Candidates(const AvroNode& writer, const AvroNode& reader);

 private:
  using Key = std::pair<const AvroNode*, const AvroNode*>;
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  // Of a union's branches, by what a writer's type can match them by.
  struct Branches {
    std::vector<uint32_t> unnamed;
    std::map<std::string_view, std::vector<uint32_t>> by_name;  // short names, and full names of aliases
  };
  // Something that a pair needs: one of several pairs.
  struct Need {
    uint32_t owner = 0;
    uint32_t open = 0;  // pairs that have not failed
  };
  struct Pair {
    Key types;
    bool fails = false;
    std::vector<uint32_t> needed_by;
  };

  uint32_t Enter(const AvroNode& writer, const AvroNode& reader);
  void Expand(uint32_t pair);
  void ExpandRecord(uint32_t pair);
  void Require(uint32_t owner, const AvroNode& writer, const AvroNode& reader);
  void RequireOneOf(uint32_t owner, const AvroNode& writer, const AvroNode& reader);
  void Fail(uint32_t pair);
  const Branches& BranchesOf(const AvroNode& reader);
  bool Step(size_t steps = 1);

  size_t steps_;
  std::vector<Pair> pairs_;
  std::vector<Need> needs_;
  std::vector<uint32_t> failed_;  // to be told to those that need them
  std::unordered_map<Key, uint32_t, KeyHash> ids_;
  std::unordered_map<const AvroNode*, Branches> branches_;
};

// Those of `words` that `others` do not have.
std::vector<std::string_view> Without(const std::vector<std::string_view>& words,
                                      std::vector<std::string_view> others);

// The writer's symbols that the reader's enum lacks; empty when it has a default for them.
std::vector<std::string_view> MissingSymbols(const AvroNode& writer, const AvroNode& reader);

}  // namespace sluice::schema
