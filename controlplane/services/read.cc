#include "controlplane/services/read.h"

namespace sluice::controlplane {

std::string EtagFor(int64_t revision) { return fmt::format("r{}", revision); }

void SetOutput(sluice::v1::Resource& resource) {
  wire::SetEtag(resource, EtagFor(wire::MutableMeta(resource)->revision()));
}

}  // namespace sluice::controlplane
