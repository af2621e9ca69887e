// The benchmarks of bench_kafka: each on a dev cluster that holds nothing else (SLUICE_DEV_ENV).
#pragma once

#include "tests/bench/bench.h"

namespace sluice::bench {

void Bulk(Report& report);
void Idle(Report& report);
void Drift(Report& report);
void Restart(Report& report);
void Subjects(Report& report);
void Apply(Report& report);
void One(Report& report);  // also on us-prod

}  // namespace sluice::bench
