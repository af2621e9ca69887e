// Touched: which edits of a schema touch a field that somebody uses, seen through definitions that are used
// at several places.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "common/schema/edits.h"

namespace sluice::schema {

class Touched {
 public:
  // `edits` must outlive this.
  explicit Touched(const Edits& edits);

  // Indices of edits at `field`, above it or below it; without documentation. All of them when the edits are
  // not complete, or the field leads to too many places. `field` is a JSON Pointer, `*` in it is any token.
  // Answers are remembered.
  const std::vector<size_t>& By(const std::string& field);
  const std::vector<size_t>& all() const { return all_; }

 private:
  using Tokens = std::vector<std::string>;
  struct Shared {
    Tokens field, first;
  };
  std::vector<size_t> Find(const std::string& field) const;

  const Edits& edits_;
  std::vector<Tokens> places_;  // of the edits
  std::vector<Shared> shared_;
  std::vector<size_t> all_;
  std::unordered_map<std::string, std::vector<size_t>> known_;
};

}  // namespace sluice::schema
