// A temporary directory of a benchmark; gone at the end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "tests/bench/bench.h"

namespace sluice::bench {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) Fail("no temporary directory can be made");
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace sluice::bench
