#include "tests/schema/evidence.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "tests/schema/messages.h"

namespace sluice::schema {
namespace {

constexpr std::array kDirections = {Direction::kBackward, Direction::kForward};
constexpr std::array kReadings = {Reading::kStrict, Reading::kClosed};

Schema Load(const LabelledPair& pair, const Json& document) {
  absl::StatusOr<Schema> schema = Schema::Load(document);
  if (!schema.ok()) {
    fmt::print(stderr, "{} {}: {}\n", pair.source, pair.id, schema.status().ToString());
    std::abort();
  }
  return *std::move(schema);
}

// One pair and what can be held against its verdicts.
struct Trial {
  const LabelledPair& pair;
  Schema before, after;
  Comparison comparison;
  std::vector<Json> candidates;

  const Schema& Writer(Direction direction) const {
    return direction == Direction::kBackward ? before : after;
  }
  const Schema& Reader(Direction direction) const {
    return direction == Direction::kBackward ? after : before;
  }
};

Trial TrialOf(const LabelledPair& pair) {
  Schema before = Load(pair, pair.before), after = Load(pair, pair.after);
  Comparison comparison = Compare(before, after);
  std::vector<Json> candidates = CandidateMessages(before, after, 200);
  for (const std::optional<Json>& found : pair.refutation) {
    if (found) candidates.push_back(*found);
  }
  return {pair, std::move(before), std::move(after), std::move(comparison), std::move(candidates)};
}

// What is wrong with a verdict; empty: nothing.
std::string Objection(const Trial& trial, Direction direction, Reading reading) {
  const Schema& writer = trial.Writer(direction);
  const Schema& reader = trial.Reader(direction);
  const Answer answer = trial.comparison.verdict(direction, reading).answer;
  if (answer == Answer::kCompatible) {
    const std::optional<Json> found = FindRefutation(writer, reader, reading, trial.candidates);
    return found ? "compatible, but refuted by " + found->ToString() : "";
  }
  size_t witnesses = 0;
  for (const Break& each : trial.comparison.breaks) {
    if (each.direction != direction || each.reading != reading) continue;
    ++witnesses;
    if (!FindRefutation(writer, reader, reading, {each.witness}))
      return "no witness: " + each.witness.ToString();
  }
  if (answer == Answer::kIncompatible && witnesses == 0) return "incompatible without a witness";
  if (answer == Answer::kUndecided && trial.comparison.verdict(direction, reading).undecided.empty()) {
    return "undecided without a reason";
  }
  return "";
}

Standing StandingOf(Answer answer, bool label) {
  if (answer == Answer::kUndecided) return Standing::kUndecided;
  if ((answer == Answer::kCompatible) == label) return Standing::kAgreed;
  return label ? Standing::kBetter : Standing::kUnproved;
}

void Count(const Trial& trial, Direction direction, Tally& tally) {
  const LabelledPair& pair = trial.pair;
  const auto index = static_cast<size_t>(direction);
  const std::optional<bool>& label = pair.compatible[index];
  const std::string source = pair.source + (label ? "" : ", without a label");
  Standing standing = StandingOf(trial.comparison.verdict(direction, Reading::kStrict).answer,
                                 label.value_or(!pair.refutation[index].has_value()));
  for (const Reading reading : kReadings) {
    ++tally.verdicts[reading];
    tally.undecided[reading] += trial.comparison.verdict(direction, reading).answer == Answer::kUndecided;
    const std::string objection = Objection(trial, direction, reading);
    if (objection.empty()) continue;
    tally.wrong.push_back(fmt::format("{} {}, {}, {}: {}", pair.source, pair.id,
                                      direction == Direction::kBackward ? "backward" : "forward",
                                      reading == Reading::kStrict ? "strict" : "closed", objection));
    if (reading == Reading::kStrict) standing = Standing::kWrong;
  }
  ++tally.by_source[source][standing];
}

}  // namespace

Tally CountEvidence(const std::vector<LabelledPair>& pairs) {
  Tally tally;
  for (const LabelledPair& pair : pairs) {
    const Trial trial = TrialOf(pair);
    for (const Direction direction : kDirections) Count(trial, direction, tally);
  }
  return tally;
}

std::string EvidenceTable(const Tally& tally) {
  std::string table =
      "| source | verdicts | agreed | better (witness) | the label unproved | undecided | wrong |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& [source, counts] : tally.by_source) {
    const auto count = [&counts = counts](Standing standing) {
      const auto found = counts.find(standing);
      return found == counts.end() ? 0 : found->second;
    };
    int all = 0;
    for (const auto& [standing, number] : counts) all += number;
    table += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", source, all, count(Standing::kAgreed),
                         count(Standing::kBetter), count(Standing::kUnproved), count(Standing::kUndecided),
                         count(Standing::kWrong));
  }
  const auto share = [&](Reading reading) {
    return fmt::format("{} of {}", tally.undecided.at(reading), tally.verdicts.at(reading));
  };
  return table +
         fmt::format("\nUndecided: {} verdicts under the strict reading, {} under the writer-closed one.\n",
                     share(Reading::kStrict), share(Reading::kClosed));
}

}  // namespace sluice::schema
