// Session: everything that a command works with. Commands are free functions from (Session, options) to an
// exit code; they print what was asked for on `out`, and problems and progress on `err`.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "cli/client.h"
#include "cli/config.h"
#include "cli/exit_codes.h"
#include "common/clock/clock.h"

namespace sluice::cli {

// Where a command reads and writes.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;  // on `out`
};

enum class Format { kTable, kJson, kYaml, kName };

// Options that every command takes.
struct GlobalOptions {
  std::string context;                   // --context
  std::string config_path;               // SLUICE_CONFIG, or the default
  std::chrono::milliseconds timeout{0};  // --timeout; 0: 30 s for a call, 10 min for waiting
  Format format = Format::kTable;        // -o
};

struct Session {
  Terminal terminal;
  GlobalOptions options;
  const Clock& clock;
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<absl::StatusOr<std::shared_ptr<Client>>()> connect;  // to the chosen context's control plane
};

// `error: …` on `err`; the code that belongs to the status.
ExitCode Fail(Session& session, const absl::Status& status);

// `error: …` on `err` about how the command was called; kInvalid.
ExitCode WrongUsage(Session& session, const std::string& message);

}  // namespace sluice::cli
