#include "controlplane/store/actors.h"

#include <fmt/format.h>

#include "common/crypto/sha256.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

constexpr int64_t kRequestLifeUs = int64_t{7} * 24 * 3600 * 1'000'000;  // proto: kept 7 days

}  // namespace

absl::StatusOr<std::string> EnsureActor(db::Connection& connection, const std::string& issuer,
                                        const std::string& subject, const std::string& display_name,
                                        int64_t now_us) {
  SLUICE_VALUE(rows,
               connection.Query("SELECT id, display_name FROM actors WHERE issuer = $1 AND subject = $2",
                                {issuer, subject}));
  if (rows.empty()) {
    const std::string id = "p-" + RandomHex(8);
    SLUICE_TRY(connection.Execute(
        "INSERT INTO actors (id, issuer, subject, display_name, create_time_us) VALUES ($1, $2, $3, $4, $5)",
        {id, issuer, subject, display_name, now_us}));
    return id;
  }
  const std::string id = rows.front().Text(0);
  if (rows.front().Text(1) != display_name) {
    SLUICE_TRY(connection.Execute("UPDATE actors SET display_name = $2 WHERE id = $1", {id, display_name}));
  }
  return id;
}

absl::StatusOr<std::string> ReadActorName(db::Connection& connection, const std::string& id) {
  SLUICE_VALUE(rows, connection.Query("SELECT display_name FROM actors WHERE id = $1", {id}));
  return rows.empty() ? id : rows.front().Text(0);
}

absl::StatusOr<std::string> ReadActor(db::Connection& connection, const std::string& issuer,
                                      const std::string& subject) {
  SLUICE_VALUE(
      rows, connection.Query("SELECT id FROM actors WHERE issuer = $1 AND subject = $2", {issuer, subject}));
  return rows.empty() ? std::string() : rows.front().Text(0);
}

absl::StatusOr<std::optional<std::string>> ReadRequest(db::Connection& connection, const RequestKey& key,
                                                       int64_t now_us) {
  SLUICE_VALUE(
      rows, connection.Query("SELECT payload_digest, response FROM requests WHERE actor = $1 AND method = $2 "
                             "AND request_id = $3 AND time_us > $4",
                             {key.actor, key.method, key.request_id, now_us - kRequestLifeUs}));
  if (rows.empty()) return std::optional<std::string>();
  if (rows.front().Text(0) != key.payload_digest) {
    return absl::AlreadyExistsError(fmt::format(
        "a request ID stands for one payload for 7 days ({} was used with another); choose a new one",
        key.request_id));
  }
  return std::optional<std::string>(rows.front().Text(1));
}

absl::Status WriteRequest(db::Connection& connection, const RequestKey& key, const std::string& response,
                          int64_t now_us) {
  SLUICE_TRY(connection.Execute("DELETE FROM requests WHERE time_us <= $1", {now_us - kRequestLifeUs}));
  return connection
      .Execute(
          "INSERT INTO requests (actor, method, request_id, payload_digest, response, time_us) "
          "VALUES ($1, $2, $3, $4, $5, $6)",
          {key.actor, key.method, key.request_id, key.payload_digest, db::Bytes{response}, now_us})
      .status();
}

}  // namespace sluice::controlplane
