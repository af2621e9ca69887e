// context list, context use.
#include <ostream>

#include "cli/commands.h"
#include "cli/output.h"

namespace sluice::cli {

ExitCode ContextList(Session& session) {
  auto config = LoadCliConfig(session.options.config_path);
  if (!config.ok()) return Fail(session, config.status());
  const std::string& current = session.options.context.empty() ? config->current() : session.options.context;
  Table table({"", "NAME", "ENDPOINT"});
  for (const auto& context : config->contexts()) {
    if (session.options.format == Format::kName) session.terminal.out << context.name() << "\n";
    table.Add({context.name() == current ? "*" : "", context.name(), context.endpoint()});
  }
  if (session.options.format != Format::kName) session.terminal.out << table.Render(session.terminal.color);
  return kDone;
}

ExitCode ContextUse(Session& session, const std::string& name) {
  absl::Status status = UseContext(session.options.config_path, name);
  if (!status.ok()) return Fail(session, status);
  session.terminal.out << "current context: " << name << "\n";
  return kDone;
}

}  // namespace sluice::cli
