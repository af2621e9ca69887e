// RawKafka: the baseline. librdkafka's own calls with the best batches that we know, and nothing else: no
// plan, no journal, no matching of results. Ends the program on any error, because then there is no figure.
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/kafka/kafka.h"
#include "agent/kafka/rd.h"
#include "common/core/slice.h"

namespace sluice::bench {

class RawKafka {
 public:
  explicit RawKafka(const agent::KafkaOptions& options);
  ~RawKafka();

  // Mutations; return after the last answer.
  void CreateTopics(const std::vector<core::Topic>& topics);
  void CreateAcls(const std::vector<core::Acl>& acls);
  void SetConfigs(const std::map<std::string, core::Config>& by_topic);
  void DeleteTopics(const std::vector<std::string>& names);
  void DeleteAcls(const std::vector<core::Acl>& acls);
  void DeleteAclsOf(const std::vector<std::string>& users);  // all that grant them anything

  // Fetch and decode: counts of what was read, so that nothing is optimised away.
  size_t CountTopics();  // metadata
  std::vector<std::string> TopicNames(const std::string& prefix);
  size_t ReadTopics(const std::vector<std::string>& names);  // DescribeTopics
  size_t ReadConfigs(const std::vector<std::string>& names,
                     const std::vector<std::string>& keys);  // DescribeConfigs
  size_t CountAcls();

  int mutations() const { return mutations_; }  // requests so far

 private:
  using Send = std::function<void(rd_kafka_t*, rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  agent::kafka::EventPtr Call(rd_kafka_admin_op_t operation, const Send& send);

  rd_kafka_t* client_ = nullptr;
  int mutations_ = 0;
};

}  // namespace sluice::bench
