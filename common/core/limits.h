// Limits: every bound that Validate holds definitions to, with its reason. Grammar bounds stand in names.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::core {

// Texts, in bytes.
inline constexpr size_t kMaxTitle = 200;         // one line in a list
inline constexpr size_t kMaxDescription = 4096;  // a screen of text; more belongs into a document
inline constexpr size_t kMaxReason = 4096;       // as descriptions
inline constexpr size_t kMaxContact = 320;       // the longest mail address (RFC 3696)
inline constexpr size_t kMaxOwner = 200;         // longest group names of common identity providers
inline constexpr size_t kMaxPointer = 512;       // a JSON Pointer that a person still reads
inline constexpr size_t kMaxKeyText = 256;       // a template of a record key
inline constexpr size_t kMaxEventType = 255;     // CloudEvents tools keep `type` in columns of this size
inline constexpr size_t kMaxLabelValue = 63;     // as labels elsewhere (Kubernetes)
inline constexpr size_t kMaxConfigValue = 1024;  // Kafka's longest sensible value is a short list
inline constexpr size_t kMaxAgentUri =
    255;  // SPIFFE allows 2048; a certificate name that people compare is short
inline constexpr size_t kMaxUrl = 1024;                // bootstrap lists and registry addresses
inline constexpr size_t kMaxSchema = size_t{1} << 20;  // registries refuse more than about 1 MiB
inline constexpr size_t kMaxSchemaDepth = 200;         // deeper JSON is an attack or an accident

// Lists.
inline constexpr size_t kMaxOwners = 50;  // more people is a group
inline constexpr size_t kMaxCustomersNamed = 10'000;
inline constexpr size_t kMaxPresence = 200;  // regions
inline constexpr size_t kMaxEnvironments = 50;
inline constexpr size_t kMaxLabels = 50;
inline constexpr size_t kMaxPrincipals = 200;  // clusters times two for a rotation
inline constexpr size_t kMaxAlso = 100;        // single group names; more wants a prefix
inline constexpr size_t kMaxAgents = 10;       // a pair, and its successors
inline constexpr size_t kMaxReserved = 200;
inline constexpr size_t kMaxVersions = 50;  // majors are kept as topics for ever
inline constexpr size_t kMaxStreams = 20;   // topics of one version, times customers
inline constexpr size_t kMaxEvents = 200;
inline constexpr size_t kMaxKeyFields = 16;
inline constexpr size_t kMaxConfigs = 50;  // Kafka knows fewer keys
inline constexpr size_t kMaxAccess = 50;
inline constexpr size_t kMaxUsedFields = 1000;

// Numbers.
inline constexpr int32_t kMaxMeaning = 10'000;   // changes of meaning in the life of one schema
inline constexpr int32_t kMaxMajor = 9999;  // four digits in a topic name
inline constexpr int32_t kMaxEnvironmentOrder = 1000;
inline constexpr int32_t kMaxPartitions = 10'000;        // KRaft refuses more records in one request
inline constexpr int32_t kMaxReplicationFactor = 15;     // more replicas than any cluster needs
inline constexpr int64_t kMaxClusterLimit = 10'000'000;  // partitions or ACLs beyond what any cluster holds

// Answers.
inline constexpr size_t kMaxFindingsPerEdit = 1000;  // a person mends the first of them anyway
inline constexpr size_t kMaxSuggestions = 200;       // searches for the nearest name in one Validate
inline constexpr size_t kMaxCandidates = 2000;       // names that one search compares

}  // namespace sluice::core
