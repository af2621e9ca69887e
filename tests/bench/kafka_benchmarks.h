// The benchmarks of bench_kafka: each on a dev cluster that holds nothing else (SLUICE_DEV_ENV).
#pragma once

#include "tests/bench/bench.h"

namespace sluice::bench {

void Bulk(Report& report);
void Idle(Report& report);
void Drift(Report& report);
void Restart(Report& report);

}  // namespace sluice::bench
