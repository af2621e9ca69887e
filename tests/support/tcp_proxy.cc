#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <vector>

namespace sluice::testing {
namespace {

using Steady = std::chrono::steady_clock::time_point;

constexpr size_t kMostHeld = 1U << 20;  // bytes held back in one direction; then its sender has to wait

// Closes with a reset, so that nobody waits for a goodbye.
void Cut(int socket) {
  const linger none{1, 0};
  (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  close(socket);
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

void NoDelay(int socket) {
  const int on = 1;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

// A client, the server, and what is on its way between them.
struct TcpProxy::Link {
  struct Piece {
    Steady due;
    std::string bytes;
  };
  struct Way {
    std::deque<Piece> pieces;
    size_t held = 0;
    bool ended = false;   // the sender will send nothing more
    bool closed = false;  // and the receiver was told
  };
  int client = -1, server = -1;
  Way request, answer;
  bool broken = false;
};

TcpProxy::TcpProxy(const std::string& target, int port) : target_(target) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  (void)setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = Loopback(port);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener_, any, size), 0) << "port " << port << " is taken";
  EXPECT_EQ(listen(listener_, 64), 0);
  EXPECT_EQ(getsockname(listener_, any, &size), 0);
  port_ = ntohs(address.sin_port);
  EXPECT_EQ(pipe2(wake_, O_NONBLOCK | O_CLOEXEC), 0);
  thread_ = std::thread([this] { Run(); });
}

TcpProxy::~TcpProxy() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  CloseAll();
  for (const int file : {listener_, wake_[0], wake_[1]}) close(file);
}

void TcpProxy::Wake() { (void)!write(wake_[1], "w", 1); }

void TcpProxy::Set(Mode mode) {
  {
    std::lock_guard lock(mutex_);
    mode_ = mode;
    if (mode == Mode::kDown) CloseAll();
  }
  Wake();
}

void TcpProxy::Open() { Set(Mode::kOpen); }
void TcpProxy::Down() { Set(Mode::kDown); }
void TcpProxy::Silent() { Set(Mode::kSilent); }
void TcpProxy::Mute() { Set(Mode::kMute); }

void TcpProxy::Delay(std::chrono::milliseconds time) {
  std::lock_guard lock(mutex_);
  delay_ = time;
}

void TcpProxy::CutAfter(size_t bytes) {
  std::lock_guard lock(mutex_);
  cut_ = true;
  cut_left_ = bytes;
}

int TcpProxy::connections() const {
  std::lock_guard lock(mutex_);
  return connections_;
}

size_t TcpProxy::answered() const {
  std::lock_guard lock(mutex_);
  return answered_;
}

void TcpProxy::CloseAll() {
  for (auto& [socket, link] : links_) {
    Cut(link->client);
    Cut(link->server);
  }
  links_.clear();
}

void TcpProxy::Accept() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    ++connections_;
    if (mode_ == Mode::kDown) {
      Cut(client);
      continue;
    }
    auto link = std::make_unique<Link>();
    link->client = client;
    link->server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(std::atoi(target_.substr(target_.rfind(':') + 1).c_str()));
    (void)connect(link->server, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    NoDelay(client);
    NoDelay(link->server);
    links_[client] = std::move(link);
  }
}

// Reads what came, and sends on what is due. False: the link is broken, or is to be cut.
bool TcpProxy::Forward(Link& link, bool answer) {
  Link::Way& way = answer ? link.answer : link.request;
  const int from = answer ? link.server : link.client, to = answer ? link.client : link.server;
  const Steady now = std::chrono::steady_clock::now();
  char buffer[16384];
  while (!way.ended && way.held < kMostHeld) {
    const ssize_t got = recv(from, buffer, sizeof(buffer), 0);
    if (got < 0) {
      if (errno == EAGAIN || errno == ENOTCONN) break;
      return false;
    }
    if (got == 0) way.ended = true;
    if (got == 0) break;
    way.pieces.push_back({now + (answer ? delay_ : std::chrono::milliseconds(0)),
                          std::string(buffer, static_cast<size_t>(got))});
    way.held += static_cast<size_t>(got);
  }
  const bool passes = mode_ == Mode::kOpen || (mode_ == Mode::kMute && !answer);
  while (passes && !way.pieces.empty() && way.pieces.front().due <= now) {
    std::string& bytes = way.pieces.front().bytes;
    const size_t most = answer && cut_ ? std::min(bytes.size(), cut_left_) : bytes.size();
    const ssize_t sent = most == 0 ? 0 : send(to, bytes.data(), most, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == ENOTCONN;
    way.held -= static_cast<size_t>(sent);
    if (answer) answered_ += static_cast<size_t>(sent);
    if (answer && cut_ && (cut_left_ -= static_cast<size_t>(sent)) == 0) {
      cut_ = false;
      for (auto& [socket, other] : links_) other->broken = true;
      return false;
    }
    bytes.erase(0, static_cast<size_t>(sent));
    if (bytes.empty()) way.pieces.pop_front();
  }
  if (way.ended && way.pieces.empty() && !way.closed) {
    way.closed = true;
    (void)shutdown(to, SHUT_WR);
  }
  return true;
}

void TcpProxy::Serve(Link& link) {
  if (!Forward(link, /*answer=*/false) || !Forward(link, /*answer=*/true)) link.broken = true;
  link.broken |= link.request.closed && link.answer.closed;
}

void TcpProxy::Run() {
  for (;;) {
    std::vector<pollfd> waiting = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      Accept();
      for (auto& [socket, link] : links_) Serve(*link);
      std::erase_if(links_, [](auto& item) {
        if (!item.second->broken) return false;
        Cut(item.second->client);
        Cut(item.second->server);
        return true;
      });
      for (auto& [socket, link] : links_) {
        if (!link->request.ended && link->request.held < kMostHeld)
          waiting.push_back({link->client, POLLIN, 0});
        if (!link->answer.ended && link->answer.held < kMostHeld)
          waiting.push_back({link->server, POLLIN, 0});
      }
    }
    // What waits for its time, or for a receiver, is looked at again soon.
    poll(waiting.data(), waiting.size(), 5);
    char drain[64];
    while (read(wake_[0], drain, sizeof(drain)) > 0) {
    }
  }
}

}  // namespace sluice::testing
