// Conversions between the public protos and the plain values of common/core. Total in both directions: what
// UNSPECIFIED means is spelled out on the way in; what a proto holds and core does not (etag, meta, status)
// is dropped.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/assess.h"
#include "common/core/catalog.h"
#include "common/core/diff.h"
#include "common/core/finding.h"
#include "common/core/slice.h"
#include "sluice/v1/agent.pb.h"
#include "sluice/v1/change.pb.h"
#include "sluice/v1/resource.pb.h"
#include "sluice/v1/slice.pb.h"

namespace sluice::wire {

// Checks that need the proto: nothing set, unknown enum numbers, fields that a later version brings (option
// `planned`), required fields left out (option `behavior`), text that is not UTF-8, bounds on lengths and
// counts. Appends findings for edit `index`.
void CheckResource(const sluice::v1::Resource& resource, size_t index, std::vector<core::Finding>& findings);

// Precondition: none; wrong input becomes what Validate refuses. Config values are made canonical (`7d` ->
// `604800000`), those that cannot be are kept for Validate to name.
core::Definition FromProto(const sluice::v1::Resource& resource);
// The canonical proto of a definition.
sluice::v1::Resource ToProto(const core::Definition& definition);

core::Kind KindOf(const sluice::v1::Resource& resource);
std::string NameOf(const sluice::v1::Resource& resource);
// Empties etag, meta and status, so that what is left is content.
void StripOutput(sluice::v1::Resource& resource);
std::string EtagOf(const sluice::v1::Resource& resource);
void SetEtag(sluice::v1::Resource& resource, const std::string& etag);
sluice::v1::ResourceMeta* MutableMeta(sluice::v1::Resource& resource);

// Deterministic bytes: the same message gives the same bytes in every run of the same build.
std::string Serialize(const google::protobuf::Message& message);

sluice::v1::Finding ToProto(const core::Finding& finding);
sluice::v1::ChangeClass ToProto(core::ChangeClass change_class);
sluice::v1::Requirement ToProto(const core::Requirement& requirement);
sluice::v1::SchemaChange ToProto(const core::SchemaChange& change);
sluice::v1::PlanStep ToProto(const core::Step& step);
sluice::v1::Slice ToProto(const core::Slice& slice);
absl::StatusOr<core::Slice> FromProto(
    const sluice::v1::Slice& slice);  // INVALID_ARGUMENT: an enum that this version does not know
sluice::v1::Absence ToProto(const core::Absence& absence);
absl::StatusOr<core::Absence> FromProto(const sluice::v1::Absence& absence);

// Offset of the first byte that does not belong into a text: not UTF-8, or a control character other than
// newline, carriage return and tab; npos: none.
size_t FirstBadByte(std::string_view text);

// `7d`, `1h30m`, `500ms`, `604800000` -> milliseconds; `1MiB`, `64KiB`, `1048576` -> bytes. nullopt: neither.
std::optional<int64_t> ParseDurationMs(std::string_view text);
std::optional<int64_t> ParseBytes(std::string_view text);
// The shortest exact text that the parsers above read back: `7d`, `1h30m`, `0s`; `1MiB`, `1500`.
// Precondition: not negative.
std::string FormatDurationMs(int64_t milliseconds);
std::string FormatBytes(int64_t bytes);

}  // namespace sluice::wire
