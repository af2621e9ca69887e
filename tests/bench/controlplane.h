// The benchmarks of the control plane, and what they share.
#pragma once

#include <string>

#include "common/clock/clock.h"
#include "controlplane/rpc/testing.h"
#include "tests/bench/bench.h"

namespace sluice::bench {

using Scratch = controlplane::TestDirectory;  // removed at the end

void Audit(Report& report);
void Reads(Report& report);
void Writes(Report& report);
void OneChange(Report& report);
void Apply(Report& report);

}  // namespace sluice::bench
