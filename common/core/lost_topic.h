// What is said of a topic of ours that was lost, with the command that mends it. In one place, because the
// control plane reads out of it which topic stands there now.
#pragma once

#include <string>
#include <string_view>

namespace sluice::core {

// `sluice recreate TOPIC --cluster NAME`; an empty cluster is left out.
std::string RecreateCommand(std::string_view topic, std::string_view cluster);

// It is not there any more.
std::string GoneMessage(std::string_view topic, std::string_view id, std::string_view cluster);
// `other` has its name.
std::string ReplacedMessage(std::string_view topic, std::string_view id, std::string_view other,
                            std::string_view cluster);
// The `other` of a ReplacedMessage; empty for every other text.
std::string_view ReplacementIn(std::string_view message);

}  // namespace sluice::core
