// Who acted, and which requests were answered: side tables that can be forgotten.
#pragma once

#include <optional>
#include <string>

#include "common/db/database.h"

namespace sluice::controlplane {

// The opaque ID of a person, made on first sight; keeps the display name up to date.
absl::StatusOr<std::string> EnsureActor(db::Connection& connection, const std::string& issuer,
                                        const std::string& subject, const std::string& display_name,
                                        int64_t now_us);
absl::StatusOr<std::string> ReadActorName(db::Connection& connection, const std::string& id);
absl::StatusOr<std::string> ReadActor(db::Connection& connection, const std::string& issuer,
                                      const std::string& subject);

struct RequestKey {
  std::string actor, method, request_id, payload_digest;
};
// The remembered response; ALREADY_EXISTS: the ID was used with another payload.
absl::StatusOr<std::optional<std::string>> ReadRequest(db::Connection& connection, const RequestKey& key,
                                                       int64_t now_us);
// Also forgets what is older than 7 days.
absl::Status WriteRequest(db::Connection& connection, const RequestKey& key, const std::string& response,
                          int64_t now_us);

}  // namespace sluice::controlplane
