// event sample: messages that a schema or a product's stream takes, and ones that it just does not, as JSON
// Lines.
#include "common/schema/event_sample.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/event_contract.h"
#include "cli/output.h"

namespace sluice::cli {
namespace {

using schema::EventSample;
using schema::Json;

// The message alone, or with `-o json` what is to be said about it.
std::string LineOf(const EventSample& sample, Format format) {
  if (format != Format::kJson) return sample.message.ToString();
  schema::JsonObject line;
  line.Set("valid", Json(!sample.why)).Set("message", sample.message);
  if (sample.why) {
    line.Set("error", schema::JsonObject()
                          .Set("pointer", sample.why->pointer)
                          .Set("rule", sample.why->rule)
                          .Set("message", sample.why->message)
                          .Done());
  }
  return line.Done().ToString();
}

}  // namespace

ExitCode EventSamples(Session& session, const EventSampleOptions& options) {
  schema::EventContract contract;
  if (const ExitCode code = LoadContract(session, options.contract, contract); code != kDone) return code;
  if (contract.encoding == schema::Encoding::kAvro) {
    return WrongUsage(session, "the product has an Avro schema, and samples are JSON");
  }
  const schema::EventSampling sampling{.profile = ProfileOf(options.profile, contract), .seed = options.seed};
  const size_t valid = options.valid.value_or(options.invalid ? 0 : 1);
  std::vector<EventSample> samples = MakeValidEvents(contract, sampling, valid);
  const bool missing = samples.size() < valid;
  size_t refused = 0;
  if (options.invalid) {
    for (EventSample& sample : MakeInvalidEvents(contract, sampling, *options.invalid)) {
      samples.push_back(std::move(sample));
      ++refused;
    }
  }
  for (const EventSample& sample : samples)
    session.terminal.out << LineOf(sample, session.options.format) << "\n";
  if (!missing && (refused > 0 || options.invalid.value_or(0) == 0)) return kDone;
  return Fail(session,
              absl::NotFoundError(
                  "no more messages were found: the schema may take nothing, or too little is known of it"));
}

}  // namespace sluice::cli
