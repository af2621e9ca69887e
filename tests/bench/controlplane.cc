// Benchmarks of the control plane.
#include "tests/bench/controlplane.h"

int main(int argc, char** argv) {
  return sluice::bench::Main(argc, argv,
                             {{"reads", &sluice::bench::Reads},
                              {"writes", &sluice::bench::Writes},
                              {"audit", &sluice::bench::Audit},
                              {"one_change", &sluice::bench::OneChange},
                              {"control_plane_apply", &sluice::bench::Apply}});
}
