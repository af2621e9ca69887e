// Sameness: whether two schemas say the same word for word, annotations and formats aside, their references
// followed. What is the same includes each other; what is not may still mean the same.
//
// Not thread-safe; remembers its answers for the nodes' lifetime.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <utility>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

class Sameness {
 public:
  bool Same(const Node& a, const Node& b);

 private:
  using Pair = std::pair<const Node*, const Node*>;
  bool SameParts(const Node& a, const Node& b);
  bool SameOptional(const Node* a, const Node* b);
  bool SameLists(const std::vector<const Node*>& a, const std::vector<const Node*>& b);
  bool SameMembers(const Node& a, const Node& b);

  absl::flat_hash_map<Pair, bool>
      known_;  // true may rest on a pair in progress, which undoes it when it turns out false
  std::vector<Pair> assumed_;
  int depth_ = 0;
};

}  // namespace sluice::schema
