// Contexts: where the control planes are, and as whom to speak to them. Kept in a YAML file
// (sluice.internal.v1.CliConfig) that holds names of files and commands, never a secret.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>

#include "sluice/internal/v1/config.pb.h"

namespace sluice::cli {

// SLUICE_CONFIG, else $XDG_CONFIG_HOME/sluice/config.yaml, else $HOME/.config/sluice/config.yaml.
std::string DefaultConfigPath();

// INVALID_ARGUMENT, with file:line, if it is not right or not there; says how to write one.
absl::StatusOr<sluice::internal::v1::CliConfig> LoadCliConfig(const std::string& path);

// The context called `name`, or the current one when `name` is empty. Its file names are made relative to the
// configuration file. INVALID_ARGUMENT: there is none of that name.
absl::StatusOr<sluice::internal::v1::CliContext> ChooseContext(const sluice::internal::v1::CliConfig& config,
                                                               const std::string& name,
                                                               const std::string& path);

// Makes `name` the current context: changes that line of the file and leaves the rest, comments included, as
// it is.
absl::Status UseContext(const std::string& path, const std::string& name);

// The bearer token: the content of token_file, or what token_command prints; empty when the context names
// neither. UNAUTHENTICATED: there is none. Messages never hold any of it.
absl::StatusOr<std::string> ReadToken(const sluice::internal::v1::CliContext& context);

}  // namespace sluice::cli
