// Facts: what the doctor's probes found, before anybody judges it. Plain values.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/certificates.h"
#include "common/clock/clock.h"
#include "common/core/slice.h"

namespace sluice::agent::doctor {

using Operations = std::set<core::Operation>;

// A configuration file and the guard file that it names.
struct ConfigFacts {
  std::string file;
  absl::Status status;  // every problem, one a line
  std::string guard_file;
  absl::Status guard;  // where there is a guard file
  int guard_rules = 0;
};

struct DirectoryFacts {
  std::string path;
  bool exists = false, is_directory = false, writable = false;
  bool others_may = false;  // group or others have rights in it
  bool ours = false;        // belongs to the user that asks
  uint64_t free_bytes = 0;
  bool locked = false;  // an agent works in it
};

struct CertificateFacts {
  CertificateFile file;
  absl::StatusOr<std::vector<Certificate>> certificates = absl::UnknownError("not read");
  absl::Status chain_and_key;
};

// A call that is refused for its missing incarnation when all else is well, so that it changes nothing.
struct ControlPlaneFacts {
  std::string address;
  std::string cluster;
  absl::Status answer;
  std::optional<Time> time;  // the control plane's
};

struct RegistryFacts {
  bool configured = false;
  std::string url;
  bool tls = false;
  std::string credentials;  // `basic`, `bearer token`, `client certificate`, `none`
  absl::Status reached;     // of GET /config, credentials included
  std::string default_level;
  absl::Status reads;  // versions of a subject that does not exist
  absl::StatusOr<std::string> mode = absl::UnknownError("not asked");
  std::optional<Time> time;  // the registry's
};

// A broker's setting: its value, or hidden (the broker shows that it is set, and no more).
struct Setting {
  std::string value;
  bool hidden = false;
  bool operator==(const Setting&) const = default;
};
using Settings = std::map<std::string, Setting>;

struct KafkaFacts {
  std::string bootstrap_servers;
  absl::Status reached;
  std::string cluster_id;
  int brokers = 0;
  bool has_controller = false;
  absl::StatusOr<Operations> on_cluster =
      absl::UnknownError("not asked");  // what this user may do, as the broker says it
  absl::StatusOr<std::set<core::Acl>> acls = absl::UnknownError("not asked");
  std::vector<std::string> names;               // that this user may have: `User:sluice-agent`
  std::map<std::string, Operations> on_topics;  // some topics, and what this user may do on them
  // What asking for an operation on a topic that does not exist was answered, where it could be tried without
  // changing anything: PERMISSION_DENIED: this user may not; UNAVAILABLE, DEADLINE_EXCEEDED: not known;
  // anything else: it may.
  std::map<core::Operation, absl::Status> on_no_topic;
  // Asked about a group that does not exist, and whether any ACL applies to that: if none does, the answer
  // tells what the brokers do where there is no ACL.
  absl::Status look_at_group = absl::UnknownError("not asked");
  bool group_has_acls = true;
  std::map<int32_t, absl::StatusOr<Settings>> settings;  // by broker
};

struct Facts {
  Time now;
  ConfigFacts config;
  DirectoryFacts directory;
  std::vector<CertificateFacts> certificates;
  ControlPlaneFacts control_plane;
  KafkaFacts kafka;
  RegistryFacts registry;
};

}  // namespace sluice::agent::doctor
