// Messages: JSON that a registry takes and answers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/registry/http.h"
#include "common/core/slice.h"

namespace sluice::agent::registry {

std::string SchemaBody(const core::Subject& subject);  // {"schema", "schemaType"}
std::string LevelBody(const std::string& level);       // {"compatibility"}

inline bool Succeeded(const Response& response) { return response.code >= 200 && response.code < 300; }
// Whether the registry itself says that there is no such thing; a proxy's or a wrong address' 404 is no such
// word.
bool SaysMissing(const Response& response);
// Whether an answer is about the agent or the way to the registry rather than about what was asked: 401, 407,
// a redirect.
bool ConcernsAll(const Response& response);

// nullopt: the body is not what was asked for.
std::optional<int32_t> ParseId(const std::string& body);  // `id` of a registered schema
std::optional<std::vector<int32_t>> ParseVersions(const std::string& body);
std::optional<std::set<std::string>> ParseNames(const std::string& body);  // of all subjects
std::optional<std::string> ParseLevel(const std::string& body);  // `compatibilityLevel` or `compatibility`
std::optional<std::string> ParseMode(const std::string& body);   // `mode` of the registry
std::optional<int32_t> ParseVersion(const std::string& body);    // `version` of a looked-up schema

// The status of an answer other than 2xx: `409: the registry's sentence`, canonical code by the error code
// and else the HTTP status, and what to do about it where that is plain. Never more than 2,000 bytes of what
// the registry said, and nothing of an answer that is no JSON.
absl::Status ToStatus(const Response& response);

// The registry's own error code (40401 …); 0: none.
int ErrorCode(const Response& response);

}  // namespace sluice::agent::registry
