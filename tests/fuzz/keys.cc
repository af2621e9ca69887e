// JSON Web Key Sets, as a provider answers. Whatever is taken holds keys that can be found, and none that is
// weak; whatever is not, is refused with a sentence.
#include "controlplane/rpc/key_set.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sluice::fuzz::Require;
  const auto set =
      sluice::controlplane::KeySet::Parse(std::string(sluice::fuzz::TextOf(data, size)), "the provider");
  if (!set.ok()) {
    Require(set.status().code() == absl::StatusCode::kInvalidArgument && !set.status().message().empty(),
            "a refusal has a sentence");
    return 0;
  }
  Require((*set)->size() > 0, "a set that is taken has a key");
  for (const char* algorithm : {"RS256", "ES256", "ES512", "none", "HS256", ""}) {
    const auto found = (*set)->Find("", algorithm);
    if (found.ok())
      Require(sluice::controlplane::IsSignatureAlgorithm(algorithm), "only signatures are verified");
  }
  return 0;
}
