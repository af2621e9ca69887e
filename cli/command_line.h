// The command line: words into options, options into a command. The only file that knows CLI11.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/session.h"

namespace sluice::cli {

struct Invocation {
  GlobalOptions options;
  std::function<ExitCode(Session&)> command;  // empty: nothing to run, `code` and `text` are the answer
  ExitCode code = kDone;
  std::string text;  // help (kDone), or what is wrong with the usage
};

// `words` are the arguments without the program's name. SLUICE_CONTEXT and SLUICE_CONFIG are read from the
// environment.
Invocation ParseCommandLine(const std::vector<std::string>& words);

}  // namespace sluice::cli
