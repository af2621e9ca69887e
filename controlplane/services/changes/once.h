// Once: makes the repetition of a request harmless. Same caller, method, request ID and payload: the same
// answer, without doing it again, for as long as the store remembers.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <string_view>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

struct RequestKey {
  std::string actor;  // opaque ID
  std::string_view method;
  const std::string& request_id;  // empty: not repeatable
  const google::protobuf::Message& request;
};

// The answer of `work`, or the one that it gave before. ALREADY_EXISTS: the ID was used with another payload.
absl::StatusOr<std::string> Once(Transaction& transaction, const RequestKey& key,
                                 const std::function<absl::StatusOr<std::string>()>& work);

}  // namespace sluice::controlplane
