// Any bytes as a ProposeChangeRequest, on top of what examples/ declares: the conversions are total and have a fixed point; what was
// not refused can be assessed and compiled.
#include "common/core/assess.h"
#include "common/core/compile.h"
#include "common/core/validate.h"
#include "common/wire/wire.h"
#include "sluice/v1/change.pb.h"
#include "tests/fuzz/parse.h"
#include "tests/fuzz/target.h"
#include "tests/support/examples.h"

namespace {

using sluice::fuzz::Require;
namespace core = sluice::core;
namespace wire = sluice::wire;

constexpr int kMaxEdits = 50;  // keeps one run short; the server takes more

core::Edit EditFrom(const sluice::v1::Edit& edit) {
  const core::Definition definition = wire::FromProto(edit.resource());
  const sluice::v1::Resource canonical = wire::ToProto(definition);
  const core::Definition again = wire::FromProto(canonical);
  Require(wire::Serialize(wire::ToProto(again)) == wire::Serialize(canonical), "the canonical proto is a fixed point");
  Require(core::NameOf(again) == core::NameOf(definition), "a definition keeps its name");
  const bool is_delete = edit.action() == sluice::v1::Edit::ACTION_DELETE;
  return {.action = is_delete ? core::EditAction::kDelete : core::EditAction::kPut, .definition = definition};
}

bool Refused(const std::vector<core::Finding>& findings) {
  for (const core::Finding& finding : findings) {
    if (finding.severity == core::Severity::kError) return true;
  }
  return false;
}

void RequireFindings(const std::vector<core::Finding>& findings, size_t edits) {
  for (const core::Finding& finding : findings) {
    Require(finding.edit < edits, "a finding is about an edit");
    Require(!finding.rule.empty() && !finding.message.empty(), "a finding has its rule and says what is wrong");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const core::Catalog before = sluice::testing::CatalogOf(sluice::testing::LoadExamples());
  sluice::v1::ProposeChangeRequest request;
  if (!sluice::fuzz::Parse(data, size, request) || request.edits_size() > kMaxEdits) return 0;
  std::vector<core::Edit> edits;
  std::vector<core::Finding> findings;
  for (const sluice::v1::Edit& edit : request.edits()) {
    wire::CheckResource(edit.resource(), edits.size(), findings);
    edits.push_back(EditFrom(edit));
  }
  const core::Catalog after = core::Apply(before, edits, 1);
  const std::vector<core::Finding> more = core::Validate(before, after, edits);
  findings.insert(findings.end(), more.begin(), more.end());
  RequireFindings(findings, edits.size());
  if (Refused(findings)) return 0;
  core::Assess(before, after, edits, {{.subject = "somebody", .groups = {"plan-team"}}}, {});
  for (const core::SliceAddress& touched : core::Touched(before, after, edits)) {
    if (const core::Cluster* cluster = after.clusters.Find(touched.cluster)) core::CompileKey(after, touched.key, *cluster);
  }
  return 0;
}
