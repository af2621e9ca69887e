#include "common/schema/sample.h"

#include "common/schema/solver.h"

namespace sluice::schema {
namespace {

constexpr size_t kCheckSteps = 200'000;

}  // namespace

std::optional<Json> MakeValid(const Schema& schema, const SampleOptions& options) {
  Solver solver(schema, schema,
                {.reading = options.reading,
                 .optional_members = options.optional_members,
                 .seed = options.seed,
                 .most_models = 1,
                 .most_steps = options.most_steps});
  const Groups groups = options.reading == Reading::kClosed ? 1 : 0;
  Result result = solver.Solve({{&schema.root(), true, Side::kWriter, groups}}, Mode::kFirst);
  if (result.models.empty()) return std::nullopt;
  Json& message = result.models.front().value;
  if (Check(schema, message, {.reading = options.reading, .most_steps = kCheckSteps}) != Validity::kValid)
    return std::nullopt;
  return std::move(message);
}

}  // namespace sluice::schema
