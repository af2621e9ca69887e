// What `sluice event` holds messages against: a schema in a file, or a stream of a product in a manifest.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "cli/commands.h"
#include "common/schema/event.h"
#include "sluice/v1/product.pb.h"

namespace sluice::cli {

// The contract that `options` name, every problem told on `err`; kInvalid instead of kDone: there is none.
// Nothing named: the empty one. `contract.wire` fits files, which people also write by hand: a prefix is an
// error where the product writes plain JSON, and is nowhere required.
ExitCode LoadContract(Session& session, const EventContractOptions& options, schema::EventContract& contract);

// The promise of a product's stream. INVALID_ARGUMENT: no such version or stream, one of several has to be
// chosen, or the schema is none; a sentence with what there is. `major` 0: the highest that is not retired.
// `suffix` empty: the one that is no dead-letter stream.
absl::StatusOr<schema::EventContract> ContractOf(const sluice::v1::DataProduct& product, int major,
                                                 const std::string& suffix);

// `house` or `cloudevents`; empty: the house profile where a CloudEvents message is described, else none.
schema::Profile ProfileOf(const std::string& word, const schema::EventContract& contract);

}  // namespace sluice::cli
