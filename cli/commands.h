// Commands: one function each, from a session and the command's options to an exit code.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/session.h"

namespace sluice::cli {

enum class WaitFor { kNothing, kApproved, kApplied };

struct ApplyOptions {
  std::vector<std::string> paths;
  bool validate_only = false;
  bool together = false;
  bool pending_ok = false;
  std::string justification;
  std::string change;  // own waiting change whose edits these replace
  WaitFor wait = WaitFor::kNothing;
};
// Proposes the manifests; prints the changes that this makes, and waits for them if asked to.
ExitCode Apply(Session& session, const ApplyOptions& options);
// What Apply would do, step by step; kHasChanges if it would do anything. Stores nothing.
ExitCode DiffManifests(Session& session, const ApplyOptions& options);

struct DeleteOptions {
  std::string kind;
  std::vector<std::string> names;
  ApplyOptions apply;  // its paths name what to delete too
};
ExitCode Delete(Session& session, const DeleteOptions& options);

struct RecreateOptions {
  std::vector<std::string> topics;
  std::string cluster;
  std::string accept;  // ID of the topic that stands in the place of the lost one; empty: make an empty one
  ApplyOptions apply;
};
// Proposes to give lost topics up.
ExitCode Recreate(Session& session, const RecreateOptions& options);

struct GetOptions {
  std::string kind;
  std::vector<std::string> names;
  std::string product, application;  // of grants
  std::string state;                 // of changes
  bool mine = false;                 // of changes
};
ExitCode Get(Session& session, const GetOptions& options);
ExitCode Describe(Session& session, const GetOptions& options);

struct ChangeOptions {
  std::string change;
  std::string digest;
  std::string text;  // comment or reason
  WaitFor wait = WaitFor::kApplied;
};
// Shows the change, asks on a terminal, and approves exactly what it showed.
ExitCode Approve(Session& session, const ChangeOptions& options);
ExitCode Reject(Session& session, const ChangeOptions& options);
ExitCode Withdraw(Session& session, const ChangeOptions& options);
ExitCode Wait(Session& session, const ChangeOptions& options);
ExitCode Inbox(Session& session);

struct AuditOptions {
  std::string change, resource, actor, action, cluster;
  std::string since, until;  // `2d`, `2026-11-22`, RFC 3339
  int limit = 50;
};
ExitCode AuditQuery(Session& session, const AuditOptions& options);
// The latest entries, then those to come, until interrupted.
ExitCode AuditTail(Session& session, const AuditOptions& options);

struct ExplainOptions {
  std::string name;                // of the product or the change
  bool defaults = false;           // also what the product does not say itself
  std::vector<std::string> paths;  // manifests to name the lines of
};
ExitCode ExplainProduct(Session& session, const ExplainOptions& options);
ExitCode ExplainChange(Session& session, const ExplainOptions& options);

struct VerifyOptions {
  std::vector<std::string> agent_configs;  // configurations of agents: how to reach Kafka and registries
  std::string baseline;                    // an earlier output of `verify -o json`
  std::string changes;                     // file with names of changes that must exist
  std::chrono::milliseconds settle{0};     // how long differences may last; 0: 20 s
};
// Whether everything is as it was approved; kFailed if anything is wrong.
ExitCode Verify(Session& session, const VerifyOptions& options);

// What messages are held against: a schema, or a stream of a product.
struct EventContractOptions {
  std::string schema_file;
  std::string describes;           // data (default) or message, of schema_file
  std::vector<std::string> paths;  // manifests
  std::string product;             // empty: the only one of the manifests
  int version = 0;                 // 0: the newest
  std::string stream;              // suffix; empty: the only one that is no dead-letter stream
};

struct EventValidateOptions {
  EventContractOptions contract;
  std::string profile;  // cloudevents or house; empty: as fits the contract
  std::vector<std::string> files;
  std::string jsonl;
  std::vector<std::string> headers;  // NAME=VALUE
  std::optional<std::string> key;
  bool tombstone = false;
  bool closed = false;    // warn of members that the schema does not declare
  bool formats = false;   // assert `format`
  bool warnings = false;  // in the answers to --jsonl too
};
// Whether messages are events that the product's readers can take; kFailed if one is not. Needs no control plane.
ExitCode EventValidate(Session& session, const EventValidateOptions& options);

struct EventSampleOptions {
  EventContractOptions contract;
  std::string profile;
  std::optional<size_t> valid;    // how many; nothing: 1, or 0 with `invalid`
  std::optional<size_t> invalid;  // at most how many
  uint64_t seed = 0;
};
// Messages made from a schema, one a line. Needs no control plane.
ExitCode EventSamples(Session& session, const EventSampleOptions& options);

struct SchemaDiffOptions {
  std::string before, after;  // files, or `-`
  std::vector<std::string> earlier;  // versions before `before` that are kept too, the oldest first: a table by version
  std::string pairs;          // JSON Lines instead: a file, or `-`
  std::string format;         // json-schema or avro; empty: by the files' names
  std::string level = "FORWARD_TRANSITIVE";  // at which registries are predicted
  bool semantic_break = false;
};
// What the change of a schema means: kDone when it is compatible, kHasChanges when others must agree, kFailed when it is breaking; of pairs
// kDone, each line has its own answer. Needs no control plane.
ExitCode SchemaDiff(Session& session, const SchemaDiffOptions& options);

struct SchemaCheckOptions {
  std::string grant;   // of a consumer: whether a waiting change breaks it
  ApplyOptions apply;  // its paths: what applying them would do to schemas
};
// With paths: the control plane's verdict, kDone when compatible, kHasChanges when others must agree, kFailed when breaking. With a
// grant: kFailed when a waiting change would break that consumer, else kDone. Stores nothing.
ExitCode SchemaCheck(Session& session, const SchemaCheckOptions& options);
// The first of the two.
ExitCode CheckManifestSchemas(Session& session, const ApplyOptions& options);

ExitCode Who(Session& session, const std::string& name);
ExitCode Status(Session& session);
ExitCode Version(Session& session, bool client_only);

ExitCode ContextList(Session& session);
ExitCode ContextUse(Session& session, const std::string& name);

// Completion for `shell` (bash, zsh, fish) of the given commands.
ExitCode Completion(Session& session, const std::string& shell, const std::vector<std::string>& commands);

}  // namespace sluice::cli
