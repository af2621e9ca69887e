#include "tests/schema/json_pairs.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sluice::schema {
namespace {

constexpr std::array<const char*, 2> kDirections = {"backward", "forward"};

LabelledPair PairFrom(const Json& line) {
  LabelledPair pair{.source = line.Find("source")->string(),
                    .id = line.Find("id")->string(),
                    .before = *line.Find("old"),
                    .after = *line.Find("new"),
                    .compatible = {},
                    .refutation = {}};
  for (size_t i = 0; i < kDirections.size(); ++i) {
    if (const Json* label = line.Find("expected")->Find(kDirections[i]))
      pair.compatible[i] = label->boolean();
    const Json* found = line.Find("witness")->Find(kDirections[i]);
    if (found != nullptr && found->is_object()) pair.refutation[i] = *found->Find("instance");
  }
  return pair;
}

}  // namespace

std::optional<std::vector<LabelledPair>> ReadLabelledPairs() {
  const std::filesystem::path file =
      std::filesystem::path(SLUICE_SOURCE_DIR) / "../shared/corpora/json-compat/pairs.jsonl";
  if (!std::filesystem::exists(file)) return std::nullopt;
  std::ifstream stream(file);
  std::vector<LabelledPair> pairs;
  for (std::string line; std::getline(stream, line);) {
    const absl::StatusOr<Json> json = ParseJson(line);
    if (!json.ok()) {
      std::fprintf(stderr, "%s, line %zu: %s\n", file.c_str(), pairs.size() + 1,
                   json.status().ToString().c_str());
      std::abort();
    }
    pairs.push_back(PairFrom(*json));
  }
  return pairs;
}

}  // namespace sluice::schema
