// Any text as manifests: every problem has a place, and what was understood is printed so that it is read back as the same.
#include <google/protobuf/util/message_differencer.h>

#include "common/manifest/manifest.h"
#include "tests/fuzz/target.h"

namespace {

using sluice::fuzz::Require;
namespace manifest = sluice::manifest;

absl::StatusOr<std::string> AnyFile(const std::string&, size_t) { return std::string("{\"type\": \"object\"}"); }

void RequireReadBack(const sluice::v1::Resource& resource) {
  const manifest::Parsed again = manifest::ParseManifests(manifest::PrintYaml(resource), "printed.yaml", AnyFile);
  Require(again.problems.empty(), "a printed manifest has no problems");
  Require(again.documents.size() == 1, "a printed manifest is one document");
  Require(google::protobuf::util::MessageDifferencer::Equals(again.documents[0].resource, resource),
          "a printed manifest is the same resource");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const manifest::Parsed parsed = manifest::ParseManifests(sluice::fuzz::TextOf(data, size), "m.yaml", AnyFile);
  for (const manifest::Problem& problem : parsed.problems) {
    Require(problem.at.file == "m.yaml", "a problem has a place");
    Require(!problem.message.empty(), "a problem says what is wrong");
  }
  Require(!parsed.documents.empty() || !parsed.problems.empty(), "nothing is passed over");
  for (const manifest::Document& document : parsed.documents) {
    if (document.complete) RequireReadBack(document.resource);
    manifest::PrintJson(document.resource, manifest::Fields::kAll);
  }
  return 0;
}
