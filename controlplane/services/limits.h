// Limits of the public API, each as the protos document it.
#pragma once

#include <cstddef>

namespace sluice::controlplane {

inline constexpr int kDefaultPage = 100;
inline constexpr int kMaxPage = 1000;
inline constexpr size_t kMaxName =
    512;  // longer than any name: topics have 249, grants two names and a slash
inline constexpr size_t kMaxResource = kMaxName + 32;  // `{kind}/{name}`
inline constexpr size_t kMaxToken = 1024;    // page tokens
inline constexpr size_t kMaxComment = 4096;  // comments, reasons, justifications
inline constexpr size_t kMaxRequestId = 64;  // a UUID and more
inline constexpr int kMaxEdits = 5000;       // in one request
inline constexpr size_t kMaxEditsOfChange = 1000;
inline constexpr int kMaxRecreations = 1000;
inline constexpr size_t kMaxChangeBytes = 16 << 20;
inline constexpr int kMaxPlanSteps = 1000;  // of one cluster, in an answer

}  // namespace sluice::controlplane
