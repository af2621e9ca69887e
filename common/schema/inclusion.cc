#include "common/schema/inclusion.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/schema/pointer.h"
#include "common/schema/sample.h"
#include "common/schema/solver.h"

namespace sluice::schema {
namespace {

constexpr uint64_t kProbes = 6;  // messages tried where nothing could be proved
constexpr size_t kProbeSteps = 5'000;
constexpr size_t kConfirmSteps = 200'000;

// The error of the reader that belongs to what the solver found.
const ValidationError& Choose(const std::vector<ValidationError>& errors, const Trail& trail) {
  const auto score = [&](const ValidationError& error) {
    const bool below =
        error.instance.size() > trail.instance.size() && error.instance.starts_with(trail.instance);
    return (error.instance == trail.instance ? 8
            : below                          ? 1
                                             : 0) +
           (error.rule == trail.rule ? 4 : 0) +
           (!trail.detail.empty() && error.message.find(trail.detail) != std::string::npos ? 2 : 0);
  };
  return *std::max_element(
      errors.begin(), errors.end(),
      [&](const ValidationError& a, const ValidationError& b) { return score(a) < score(b); });
}

class InclusionProof {
 public:
  InclusionProof(const Schema& writer, const Schema& reader, Reading reading, const InclusionLimits& limits)
      : writer_(writer), reader_(reader), reading_(reading), limits_(limits) {}

  Inclusion Run() {
    Solver solver(
        writer_, reader_,
        {.reading = reading_, .most_models = limits_.most_escapes, .most_steps = limits_.most_steps});
    Result result =
        solver.Solve({{&writer_.root(), true, Side::kWriter, reading_ == Reading::kClosed ? Groups{1} : 0},
                      {&reader_.root(), false, Side::kReader, 0}},
                     Mode::kReasons);
    for (const Model& model : result.models) {
      if (!Add(model.value, model.trail)) {
        Unknown(result, "a message that seemed to be refused could not be confirmed");
      }
    }
    inclusion_.undecided = result.unknown;
    if (result.found != Found::kNone && inclusion_.escapes.empty()) Probe();
    if (!inclusion_.escapes.empty()) {
      inclusion_.answer = Answer::kIncompatible;
    } else if (result.found != Found::kNone) {
      inclusion_.answer = Answer::kUndecided;
    }
    return std::move(inclusion_);
  }

 private:
  // false: the validators do not confirm it.
  bool Add(const Json& witness, const Trail& trail) {
    const Validity written = Check(writer_, witness, {.reading = reading_, .most_steps = kConfirmSteps});
    if (written != Validity::kValid) return false;
    const Validation read = Validate(reader_, witness, {.most_steps = kConfirmSteps});
    if (read.validity != Validity::kInvalid || read.errors.empty()) return false;
    const std::optional<ValidationError> inner = Inside(read.errors, witness, trail);
    const ValidationError& error = inner ? *inner : Choose(read.errors, trail);
    Escape escape{.writer = trail.writer != nullptr ? trail.writer->pointer : writer_.root().pointer,
                  .reader = error.schema,
                  .instance = error.instance,
                  .rule = error.rule,
                  .reason = error.instance.empty() ? error.message
                                                   : fmt::format("{}: {}", error.instance, error.message),
                  .witness = witness};
    const bool known =
        std::any_of(inclusion_.escapes.begin(), inclusion_.escapes.end(), [&](const Escape& other) {
          return other.reader == escape.reader && other.instance == escape.instance &&
                 other.reason == escape.reason;
        });
    if (!known) inclusion_.escapes.push_back(std::move(escape));
    return true;
  }

  // The error of the branch that the solver blames, where the validator only says that no branch accepts.
  std::optional<ValidationError> Inside(const std::vector<ValidationError>& errors, const Json& witness,
                                        const Trail& trail) const {
    if (trail.reader == nullptr) return std::nullopt;
    const auto is_there = [&](const ValidationError& error) { return error.instance == trail.instance; };
    if (std::any_of(errors.begin(), errors.end(), is_there)) {
      const bool branches = std::all_of(errors.begin(), errors.end(), [&](const ValidationError& error) {
        return !is_there(error) ||
               ((error.rule == "anyOf" || error.rule == "oneOf") && error.rule != trail.rule);
      });
      if (!branches) return std::nullopt;
    }
    // The keyword stands in a schema of the place itself or of the object or array around it.
    for (std::string place = trail.instance;; place.resize(place.rfind('/'))) {
      const Json* part = Resolve(witness, place);
      if (part != nullptr) {
        std::vector<ValidationError> found =
            Validate(reader_.At(*trail.reader), *part, {.most_steps = kConfirmSteps}).errors;
        for (ValidationError& error : found) error.instance.insert(0, place);
        if (!found.empty()) return Choose(found, trail);
      }
      if (place.empty() || place != trail.instance) return std::nullopt;
    }
  }

  // Where the solver does not know, one of the writer's messages may tell.
  void Probe() {
    for (uint64_t i = 0; i < kProbes && inclusion_.escapes.empty(); ++i) {
      const auto message = MakeValid(
          writer_,
          {.reading = reading_, .optional_members = i % 2 == 0, .seed = i / 2, .most_steps = kProbeSteps});
      if (message) Add(*message, {});
    }
  }

  const Schema& writer_;
  const Schema& reader_;
  const Reading reading_;
  const InclusionLimits& limits_;
  Inclusion inclusion_;
};

}  // namespace

Inclusion Includes(const Schema& writer, const Schema& reader, Reading reading,
                   const InclusionLimits& limits) {
  return InclusionProof(writer, reader, reading, limits).Run();
}

}  // namespace sluice::schema
