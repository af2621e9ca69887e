// The PEM files that an agent shows Kafka.
#pragma once

#include <string>

#include "agent/kafka/kafka.h"

namespace sluice::agent::kafka {

// Of the files as they are on disk now: another stamp, other files. A file that is not there has a stamp too.
std::string StampOfFiles(const KafkaOptions& options);

// That the client certificate is out of date, when, and what to do, in words; empty: it is good by this
// machine's clock, or there is none that can be read.
std::string ExpiredCertificate(const KafkaOptions& options);

}  // namespace sluice::agent::kafka
