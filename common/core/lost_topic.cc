#include "common/core/lost_topic.h"

#include "common/core/text.h"

namespace sluice::core {
namespace {

constexpr std::string_view kReplacedBy = ") was replaced by another (ID ";

}  // namespace

std::string RecreateCommand(std::string_view topic, std::string_view cluster) {
  return Cat("sluice recreate ", topic, cluster.empty() ? "" : " --cluster ", cluster);
}

std::string GoneMessage(std::string_view topic, std::string_view id, std::string_view cluster) {
  return Cat("the topic that was created (ID ", id, ") is gone; `", RecreateCommand(topic, cluster),
             "` makes an empty one in its place");
}

std::string ReplacedMessage(std::string_view topic, std::string_view id, std::string_view other,
                            std::string_view cluster) {
  return Cat("the topic that was created (ID ", id, kReplacedBy, other,
             ") of the same name; nothing of it is touched; `", RecreateCommand(topic, cluster), " --accept ",
             other, "` takes it as ours");
}

std::string_view ReplacementIn(std::string_view message) {
  const size_t at = message.find(kReplacedBy);
  if (at == std::string_view::npos) return {};
  message.remove_prefix(at + kReplacedBy.size());
  return message.substr(0, message.find(')'));
}

}  // namespace sluice::core
