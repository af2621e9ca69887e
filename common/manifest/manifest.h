// Manifests: the one mapping between what people write (YAML, JSON) and proto messages, without per-kind
// code. Configuration files of the programs are read through it too. Rules, all from the messages'
// descriptors and the options of sluice/v1/annotations.proto:
//   - keys are field names in snake_case; an unknown or repeated key is a problem, as is a field that the
//   server writes;
//   - enum values lose their prefix (`ACTIVE`); durations are `5s`, `1h30m`, `7d`; UNIT_BYTES takes `1MiB`,
//   UNIT_PER_SECOND `50/s`,
//     UNIT_DATE `2027-06-30`; text may come from a file where the option `from_file` names a key for it;
//   - the field's type decides what a scalar is: `1.10`, `no` and `0777` stay text in a text field, and are
//   refused elsewhere;
//   - values of map<string, string> keep their source text (`min.insync.replicas: 2`).
// What descriptors cannot say (references, grammar of names, planned fields) is the server's to refuse;
// nothing is checked twice.
//
// Every problem is reported at once, with its place (the first 1000 of a file). Bounds: files of 16 MiB, 64
// levels, 200,000 nodes a document, aliases expanded. Thread safety: all functions may be called from any
// thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/v1/resource.pb.h"

namespace sluice::manifest {

inline constexpr size_t kMaxFileBytes = size_t{16} << 20;    // a change's own limit
inline constexpr size_t kMaxInlinedBytes = size_t{1} << 20;  // a schema's own limit
inline constexpr int kMaxDepth = 64;
inline constexpr size_t kMaxNodes = 200'000;
inline constexpr size_t kMaxProblems = 1000;  // of one file; the last one says that there are more

// A place in a file. Lines and columns count from 1; 0: the file as a whole.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
  bool operator==(const Location&) const = default;
};
std::string Format(const Location& location);  // `a.yaml:3:7`, `a.yaml`

// One thing that is wrong with a file.
struct Problem {
  Location at;
  std::string field;    // `versions[0].streams[1].suffix`, as findings say it; may be empty
  std::string message;  // what is wrong, with what we got
  std::string remedy;   // what to do
  bool operator==(const Problem&) const = default;
};
std::string Format(
    const Problem& problem);  // `a.yaml:3:7: owners: a list is wanted (got the text 'me'); write …`

// Where each field of a document stands, by its path; `` is the document itself.
using Locations = std::map<std::string, Location>;
// Place of `field`, or of the nearest field around it that is written.
Location Locate(const Locations& locations, std::string_view field);

// One manifest.
struct Document {
  sluice::v1::Resource resource;
  std::string kind;  // `DataProduct`
  Locations locations;
  bool complete = true;  // false: the resource lacks what the document's problems are about
};

struct Parsed {
  std::vector<Document> documents;  // those whose kind is known
  std::vector<Problem> problems;    // none: everything was understood
};

// Reads a file that a manifest names; `path` is already relative to the caller's directory, not to the
// manifest. The status message says what is wrong without the path.
using ReadFile = std::function<absl::StatusOr<std::string>(const std::string& path, size_t limit)>;

// Reads a file of the machine. NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a directory),
// RESOURCE_EXHAUSTED (over `limit` bytes; nothing of it is read).
absl::StatusOr<std::string> ReadLocalFile(const std::string& path, size_t limit);

// The manifests in `text`, one or more documents separated by `---`. `file` is what people call it, and files
// that it names are relative to its directory.
Parsed ParseManifests(std::string_view text, const std::string& file, const ReadFile& read_file);

// The one document in `text` as `message`, for configuration files. Also reports required fields that are
// missing.
std::vector<Problem> ParseMessage(std::string_view text, const std::string& file,
                                  google::protobuf::Message& message);

// Reads and parses a configuration file. INVALID_ARGUMENT: every problem, one a line; else the status of
// reading it, with the path.
absl::Status LoadConfig(const std::string& path, google::protobuf::Message& message);

// The canonical manifest: `kind`, then every input field that is set (etag included), ending in a newline.
// ParseManifests reads it back as the same resource.
std::string PrintYaml(const sluice::v1::Resource& resource);

// Which fields are printed.
enum class Fields { kInput, kAll };

// Any message in the same style: enum prefixes dropped, units for people. Resource: its definition, with
// `kind`.
std::string PrintYaml(const google::protobuf::Message& message, Fields fields);

// One JSON value, indented by two spaces, no newline at the end. Enum prefixes are dropped as in manifests,
// times are RFC 3339 in UTC, numbers are numbers, durations are `5s`; unset fields are left out. Resource:
// its definition, with `kind`.
std::string PrintJson(const google::protobuf::Message& message, Fields fields);

// An enum's word in manifests: `ACTIVE` for STATE_ACTIVE; empty for UNSPECIFIED and for unknown numbers.
std::string EnumWord(const google::protobuf::EnumDescriptor* type, int number);

}  // namespace sluice::manifest
