// Exit codes of `sluice`, as users' scripts rely on them.
#pragma once

#include <absl/status/status.h>

namespace sluice::cli {

enum ExitCode : int {
  kDone = 0,         // done, or nothing to do
  kFailed = 1,       // refused or broken for another reason than those below
  kInvalid = 2,      // wrong usage, or an invalid manifest
  kHasChanges = 3,   // diff: the plan has changes
  kWaiting = 4,      // waiting for approval
  kDenied = 5,       // no, expired or insufficient credentials
  kUnreachable = 6,  // the control plane cannot be reached or does not answer in time
  kBehind = 7,       // done in the control plane, but a cluster is behind
  kInterrupted = 130,
};

inline ExitCode ExitCodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
      return kInvalid;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kDenied;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    default:
      return kFailed;
  }
}

}  // namespace sluice::cli
