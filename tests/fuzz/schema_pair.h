// The inputs of the targets about schemas: JSON texts, a line each.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "common/schema/schema.h"

namespace sluice::fuzz {

// The first line and the rest. The rest may have several lines.
inline std::pair<std::string_view, std::string_view> SplitAtLine(std::string_view text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end + 1)};
}

// nullopt: the text is no JSON.
inline std::optional<schema::Json> JsonFrom(std::string_view text) {
  absl::StatusOr<schema::Json> json = schema::ParseJson(text);
  if (!json.ok()) return std::nullopt;
  return *std::move(json);
}

// nullopt: no JSON, or no schema.
inline std::optional<schema::Schema> SchemaFrom(std::string_view text) {
  const std::optional<schema::Json> json = JsonFrom(text);
  if (!json) return std::nullopt;
  absl::StatusOr<schema::Schema> schema = schema::Schema::Load(*json);
  if (!schema.ok()) return std::nullopt;
  return *std::move(schema);
}

}  // namespace sluice::fuzz
