// TcpProxy: a way to a server on the loopback that can be made bad: down, silent, slow, cut in the middle.
// For Kafka the proxy must listen where the broker says that it is (DevCluster::proxy_port), else clients
// leave it out. Thread safety: all members may be called from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace sluice::testing {

class TcpProxy {
 public:
  // To `target` (`127.0.0.1:9093`), listening on 127.0.0.1:`port`; 0: any. Fails the test when it cannot.
  explicit TcpProxy(const std::string& target, int port = 0);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // One of these holds at a time; kOpen at first.
  void Open();    // everything passes, also what was held back
  void Down();    // connections are cut, and new ones as soon as they are made
  void Silent();  // connections are kept and made, and nothing passes
  void Mute();    // requests pass and answers do not
  // Every piece of an answer comes so much later. Holds beside the others.
  void Delay(std::chrono::milliseconds time);
  // The next `bytes` of answers still pass; then every connection is cut, once.
  void CutAfter(size_t bytes);

  int connections() const;  // made so far
  size_t answered() const;  // bytes of answers that passed so far

 private:
  struct Link;
  enum class Mode { kOpen, kDown, kSilent, kMute };

  void Set(Mode mode);
  void Wake();
  void Run();
  void Accept();
  void Serve(Link& link);
  void CloseAll();
  bool Forward(Link& link, bool answer);

  const std::string target_;
  int port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};

  mutable std::mutex mutex_;
  bool stopping_ = false;
  Mode mode_ = Mode::kOpen;
  std::chrono::milliseconds delay_{0};
  bool cut_ = false;     // CutAfter holds
  size_t cut_left_ = 0;  // bytes
  int connections_ = 0;
  size_t answered_ = 0;
  std::map<int, std::unique_ptr<Link>> links_;  // by the client's socket
  std::thread thread_;
};

}  // namespace sluice::testing
