// Commands: what an operator does with a data directory from the command line. Each prints its result to
// standard output, errors to standard error, and returns the exit code.
#pragma once

#include <string>

namespace sluice::controlplane {

// 0: done, whole. 1: something is wrong, or it could not be done. 2: wrong use.
enum class Output { kTable, kJson };

int RunCheck(const std::string& directory, Output output);
int RunBackup(const std::string& data_directory, const std::string& target, Output output);
int RunRestore(const std::string& backup, const std::string& data_directory, Output output);

}  // namespace sluice::controlplane
