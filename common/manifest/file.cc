// Files: reading them within a bound, and configuration as a whole.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/manifest/manifest.h"

namespace sluice::manifest {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

absl::Status FromErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError("no such file");
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError("permission denied");
    default:
      return absl::UnavailableError(std::strerror(error));
  }
}

absl::Status TooBig(size_t limit) {
  return absl::ResourceExhaustedError(fmt::format("larger than the limit of {} MiB", limit >> 20));
}

}  // namespace

absl::StatusOr<std::string> ReadLocalFile(const std::string& path, size_t limit) {
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return FromErrno(errno);
  struct stat info = {};
  if (fstat(file.fd, &info) != 0) return FromErrno(errno);
  if (S_ISDIR(info.st_mode)) return absl::InvalidArgumentError("it is a directory");
  if (S_ISREG(info.st_mode) && static_cast<size_t>(info.st_size) > limit) return TooBig(limit);
  std::string content;
  char buffer[64 * 1024];
  while (true) {
    ssize_t count = read(file.fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FromErrno(errno);
    if (count == 0) return content;
    content.append(buffer, static_cast<size_t>(count));
    if (content.size() > limit) return TooBig(limit);
  }
}

absl::Status LoadConfig(const std::string& path, google::protobuf::Message& message) {
  absl::StatusOr<std::string> text = ReadLocalFile(path, kMaxFileBytes);
  if (!text.ok()) {
    return absl::Status(text.status().code(),
                        fmt::format("{}: {}", path, std::string(text.status().message())));
  }
  std::string lines;
  for (const Problem& problem : ParseMessage(*text, path, message)) {
    if (!lines.empty()) lines += '\n';
    lines += Format(problem);
  }
  return lines.empty() ? absl::OkStatus() : absl::InvalidArgumentError(lines);
}

}  // namespace sluice::manifest
