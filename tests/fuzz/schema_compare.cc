// Compare: an old schema in the first line, a new one after it. Every witness is one, backward is forward the
// other way round, whoever is undecided says about what, nothing differs from itself.
#include "common/schema/compare.h"
#include "tests/fuzz/schema_pair.h"
#include "tests/fuzz/target.h"

namespace schema = sluice::schema;
using schema::Answer;
using schema::Direction;
using sluice::fuzz::Require;

namespace {

schema::Comparison CompareBriefly(const schema::Schema& before, const schema::Schema& after) {
  return schema::Compare(before, after, {.limits = {.most_escapes = 5, .most_steps = 20'000}});
}

void RequireWitnesses(const schema::Schema& before, const schema::Schema& after,
                      const schema::Comparison& comparison) {
  for (const schema::Break& found : comparison.breaks) {
    const bool backward = found.direction == Direction::kBackward;
    Require(schema::Check(backward ? before : after, found.witness, {.reading = found.reading}) ==
                schema::Validity::kValid,
            "the writer may send the witness");
    Require(schema::Check(backward ? after : before, found.witness) == schema::Validity::kInvalid,
            "the reader refuses the witness");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [first, rest] = sluice::fuzz::SplitAtLine(sluice::fuzz::TextOf(data, size));
  const std::optional<schema::Schema> before = sluice::fuzz::SchemaFrom(first);
  const std::optional<schema::Schema> after = sluice::fuzz::SchemaFrom(rest);
  if (!before || !after) return 0;
  const schema::Comparison there = CompareBriefly(*before, *after);
  const schema::Comparison back = CompareBriefly(*after, *before);
  RequireWitnesses(*before, *after, there);
  for (const schema::Reading reading : {schema::Reading::kStrict, schema::Reading::kClosed}) {
    const schema::Verdict& backward = there.verdict(Direction::kBackward, reading);
    const Answer swapped = back.verdict(Direction::kForward, reading).answer;
    Require(backward.answer == swapped, "backward is forward the other way round");
    Require(backward.answer != Answer::kUndecided || !backward.undecided.empty(),
            "whoever is undecided says about what");
    const schema::Comparison same = CompareBriefly(*before, *before);
    Require(same.verdict(Direction::kBackward, reading).answer != Answer::kIncompatible,
            "nothing differs from itself");
  }
  return 0;
}
