// bench_kafka: what involves a Kafka cluster.
#include "tests/bench/kafka_benchmarks.h"

int main(int argc, char** argv) {
  using namespace sluice::bench;
  return Main(argc, argv,
              {{"bulk", &Bulk},
               {"idle", &Idle},
               {"drift", &Drift},
               {"restart", &Restart},
               {"subjects", &Subjects},
               {"apply", &Apply},
               {"one", &One}});
}
