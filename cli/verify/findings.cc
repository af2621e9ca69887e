#include "cli/verify/findings.h"

#include <set>
#include <tuple>

namespace sluice::cli::verify {
namespace {

auto KeyOf(const Finding& finding) { return std::tie(finding.check, finding.cluster, finding.resource); }

void Append(const std::vector<Finding>& findings, const char* severity, std::vector<VerifyFinding>& to) {
  for (const Finding& finding : findings) {
    VerifyFinding& proto = to.emplace_back();
    proto.set_severity(severity);
    proto.set_check(finding.check);
    proto.set_cluster(finding.cluster);
    proto.set_resource(finding.resource);
    proto.set_message(finding.message);
    proto.set_remedy(finding.remedy);
  }
}

}  // namespace

void Findings::KeepWrongAlsoIn(const Findings& before) {
  std::set<std::tuple<std::string, std::string, std::string>> known;
  for (const Finding& finding : before.wrong_) known.insert(KeyOf(finding));
  std::erase_if(wrong_, [&](const Finding& finding) { return !known.contains(KeyOf(finding)); });
}

void Findings::Add(const Findings& others) {
  wrong_.insert(wrong_.end(), others.wrong_.begin(), others.wrong_.end());
  notes_.insert(notes_.end(), others.notes_.begin(), others.notes_.end());
}

std::vector<VerifyFinding> Findings::ToProtos() const {
  std::vector<VerifyFinding> protos;
  Append(wrong_, "wrong", protos);
  Append(notes_, "note", protos);
  return protos;
}

}  // namespace sluice::cli::verify
