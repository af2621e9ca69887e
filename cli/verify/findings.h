// Findings of a verification: what is wrong, and what is worth a note.
//
// Thread safety: plain values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sluice/internal/v1/verify.pb.h"

namespace sluice::cli::verify {

using sluice::internal::v1::VerifyFinding;

struct Finding {
  std::string check;     // stable name, `kafka-differs`
  std::string cluster;   // empty: the control plane
  std::string resource;  // `topic acme.a.b.c.events`
  std::string message;   // what is, and what should be
  std::string remedy;
};

class Findings {
 public:
  void Wrong(Finding finding) { wrong_.push_back(std::move(finding)); }
  void Note(Finding finding) { notes_.push_back(std::move(finding)); }

  const std::vector<Finding>& wrong() const { return wrong_; }
  const std::vector<Finding>& notes() const { return notes_; }

  // Of what is wrong keeps what `before` had too: the same check of the same resource.
  void KeepWrongAlsoIn(const Findings& before);
  void Add(const Findings& others);
  // What is wrong first.
  std::vector<VerifyFinding> ToProtos() const;

 private:
  std::vector<Finding> wrong_, notes_;
};

}  // namespace sluice::cli::verify
