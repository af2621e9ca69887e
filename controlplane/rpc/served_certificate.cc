#include "controlplane/rpc/served_certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/log/log.h"
#include "controlplane/rpc/certificates.h"

namespace sluice::controlplane {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr std::streamsize kMaxFile = 1 << 20;

absl::StatusOr<std::string> Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(fmt::format("cannot read {}", path));
  std::string text(kMaxFile, '\0');
  file.read(text.data(), kMaxFile);
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

absl::StatusOr<int> MakeMemoryFile(const char* name) {
  const int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd >= 0) return fd;
  return absl::InternalError(fmt::format("no file in memory: {}", std::strerror(errno)));
}

absl::Status Replace(int fd, const std::string& text) {
  if (pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
      ftruncate(fd, static_cast<off_t>(text.size())) == 0) {
    return absl::OkStatus();
  }
  return absl::InternalError(fmt::format("a file in memory cannot be written: {}", std::strerror(errno)));
}

std::string PathOf(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

}  // namespace

absl::StatusOr<std::unique_ptr<ServedCertificate>> ServedCertificate::Open(const CertificateFiles& files,
                                                                           Clock& clock) {
  std::unique_ptr<ServedCertificate> served(new ServedCertificate(files, clock));
  for (auto [fd, name] : {std::pair(&served->certificate_fd_, "certificate"),
                          std::pair(&served->key_fd_, "key"), std::pair(&served->ca_fd_, "agents-ca")}) {
    auto made = MakeMemoryFile(name);
    if (!made.ok()) return made.status();
    *fd = *made;
  }
  served->paths_ = {PathOf(served->certificate_fd_), PathOf(served->key_fd_), PathOf(served->ca_fd_)};
  if (absl::Status status = served->Refresh(); !status.ok()) return status;
  served->thread_ = std::thread([self = served.get()] { self->Loop(); });
  return served;
}

ServedCertificate::~ServedCertificate() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const int fd : {certificate_fd_, key_fd_, ca_fd_}) {
    if (fd >= 0) close(fd);
  }
}

int64_t ServedCertificate::ends_at() const {
  std::lock_guard lock(mutex_);
  return ends_at_;
}

absl::StatusOr<ServedCertificate::Contents> ServedCertificate::Read() const {
  Contents contents;
  for (auto [path, text] : {std::pair(&files_.certificate, &contents.certificate),
                            std::pair(&files_.key, &contents.key), std::pair(&files_.ca, &contents.ca)}) {
    auto read = Slurp(*path);
    if (!read.ok()) return read.status();
    *text = *std::move(read);
  }
  return contents;
}

absl::Status ServedCertificate::Publish(const Contents& contents) {
  if (absl::Status status = CheckPair(contents.certificate, contents.key); !status.ok()) return status;
  const auto end = CertificateEnd(contents.certificate);
  if (!end.ok()) return end.status();
  if (auto ca = CertificateEnd(contents.ca); !ca.ok())
    return absl::InvalidArgumentError(fmt::format("{} holds no CA certificate", files_.ca));
  absl::Status status = Replace(key_fd_, contents.key);
  status.Update(Replace(certificate_fd_, contents.certificate));
  status.Update(Replace(ca_fd_, contents.ca));
  std::lock_guard lock(mutex_);
  ends_at_ = *end;
  return status;
}

absl::Status ServedCertificate::Refresh() {
  auto contents = Read();
  if (!contents.ok()) return contents.status();
  if (*contents == seen_) return absl::OkStatus();
  seen_ = *contents;  // the same again is tried, and said, once
  return Publish(*contents);
}

void ServedCertificate::Loop() {
  absl::Status last;
  std::unique_lock lock(mutex_);
  while (!closed_) {
    const auto next = clock_.Steady() + kInterval;
    while (!closed_ && clock_.Steady() < next) clock_.WaitUntil(wake_, lock, next);
    if (closed_) return;
    const int64_t before = ends_at_;
    lock.unlock();
    const absl::Status status = Refresh();
    lock.lock();
    if (!status.ok() && status != last) {
      log::Error("the changed certificate is not served; the former one stays",
                 {{"certificate", files_.certificate}, {"reason", std::string(status.message())}});
    } else if (before != ends_at_) {
      log::Info("another certificate is served from now on", {{"certificate", files_.certificate}});
    }
    last = status;
  }
}

}  // namespace sluice::controlplane
