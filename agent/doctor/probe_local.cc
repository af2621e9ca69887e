// Probes of what is on this machine.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include "agent/doctor/probe.h"

namespace sluice::agent::doctor {
namespace {

// Whether another process holds the lock of a store, without taking it.
bool IsLocked(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool locked = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close(fd);
  return locked;
}

// The nearest directory above that exists.
std::filesystem::path Existing(std::filesystem::path path) {
  std::error_code error;
  while (!path.empty() && path != path.parent_path() && !std::filesystem::exists(path, error))
    path = path.parent_path();
  return path.empty() ? "." : path;
}

}  // namespace

DirectoryFacts ProbeDirectory(const std::string& path) {
  DirectoryFacts facts;
  facts.path = path;
  struct stat found = {};
  facts.exists = stat(path.c_str(), &found) == 0;
  facts.is_directory = facts.exists && S_ISDIR(found.st_mode);
  facts.ours = facts.exists && found.st_uid == geteuid();
  facts.others_may = facts.exists && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  const std::string nearest = Existing(std::filesystem::absolute(path)).string();
  facts.writable = access(nearest.c_str(), W_OK | X_OK) == 0;
  struct statvfs space = {};
  if (statvfs(nearest.c_str(), &space) == 0) facts.free_bytes = uint64_t{space.f_bavail} * space.f_frsize;
  facts.locked = IsLocked(path + "/cache.db.lock");
  return facts;
}

std::vector<CertificateFacts> ProbeCertificates(const sluice::internal::v1::AgentConfig& config) {
  std::vector<CertificateFacts> all;
  for (CertificateFile& file : CertificateFilesOf(config)) {
    CertificateFacts facts;
    facts.certificates = ReadCertificates(file.path);
    if (!file.key.empty()) facts.chain_and_key = CheckChainAndKey(file.path, file.key);
    facts.file = std::move(file);
    all.push_back(std::move(facts));
  }
  return all;
}

std::vector<std::string> KafkaNamesOf(const sluice::internal::v1::AgentConfig& config) {
  std::vector<std::string> names;
  const auto user = config.kafka().properties().find("sasl.username");
  if (user != config.kafka().properties().end()) names.push_back("User:" + user->second);
  const auto certificates = ReadCertificates(config.kafka().tls().certificate());
  if (!certificates.ok()) return names;
  const std::string& subject = certificates->front().subject;
  const size_t begin = subject.find("CN=");
  if (begin != std::string::npos) {  // as mapping rules mostly make it
    names.push_back("User:" + subject.substr(begin + 3, subject.find(',', begin) - begin - 3));
  }
  names.push_back("User:" + subject);
  return names;
}

}  // namespace sluice::agent::doctor
