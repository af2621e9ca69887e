#include "controlplane/services/changes/once.h"

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"

namespace sluice::controlplane {

absl::StatusOr<std::string> Once(Transaction& transaction, const RequestKey& key,
                                 const std::function<absl::StatusOr<std::string>()>& work) {
  if (key.request_id.empty()) return work();
  const std::string method(key.method);
  const std::string digest = Sha256Hex(wire::Serialize(key.request));
  auto before = transaction.RecallRequest(key.actor, method, key.request_id, digest);
  if (!before.ok()) return before.status();
  if (before->has_value()) return **before;
  absl::StatusOr<std::string> answer = work();
  if (!answer.ok()) return answer;
  absl::Status status = transaction.RememberRequest(key.actor, method, key.request_id, digest, *answer);
  if (!status.ok()) return status;
  return answer;
}

}  // namespace sluice::controlplane
