// Descriptions: one resource in full, its manifest and how it stands.
#pragma once

#include <string>

#include "cli/session.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::cli {

std::string DescribeResource(const sluice::v1::Resource& resource, const Session& session);

}  // namespace sluice::cli
