// Process: a child process of a test, with its output in a file. Killed and reaped when the object goes.
// Thread safety: one thread at a time.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace sluice::testing {

class Process {
 public:
  // Starts `command` (absolute path first) with the given variables beside PATH, HOME and the sanitizers' options.
  // Standard output and error go to `log`. Fails the test when it cannot start.
  Process(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
          const std::string& log);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal);
  int Wait();      // exit code; 128 + signal when a signal ended it
  bool Running();  // without waiting
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

struct Finished {
  int exit_code = -1;
  std::string output;  // standard output
  std::string errors;  // standard error
};

// Runs `command` to its end with `input` on standard input.
Finished Run(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
             const std::string& input = "");

// A directory of its own below the system's temporary one; removed at the end unless the test failed.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& content) const;  // returns the path

 private:
  std::string path_;
};

std::string ReadFile(const std::string& path);  // empty: none

}  // namespace sluice::testing
