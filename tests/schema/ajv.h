// Ajv, an independent validator of JSON Schema, as a judge of messages. It runs on node, out of the folder
// that SLUICE_SCHEMA_SUITES names
// (./run test fetches it).
#pragma once

#include <string>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

// Empty when ajv can be asked; else why not.
std::string WhyNoAjv();

struct Judged {
  Dialect dialect = Dialect::kDraft7;
  Json schema;
  Json message;
};

enum class Judgement { kAccepted, kRefused, kCannotTell };  // kCannotTell: ajv does not take the schema

// One for each case, in their order, by one process. Ends the process when that fails.
std::vector<Judgement> AskAjv(const std::vector<Judged>& cases);

}  // namespace sluice::schema
