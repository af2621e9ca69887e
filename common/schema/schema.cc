#include "common/schema/schema.h"

#include <algorithm>
#include <utility>

#include "common/schema/loaded_schema.h"
#include "common/schema/schema_loader.h"

namespace sluice::schema {

absl::StatusOr<Schema> Schema::Load(const Json& document, const LoadOptions& options) {
  const auto loaded = std::make_shared<LoadedSchema>();
  const absl::Status status = SchemaLoader(*loaded, options).Load(document);
  if (!status.ok()) return status;
  return Schema(loaded, &loaded->nodes.front());
}

const Json& Schema::document() const { return loaded_->documents.front().json; }

size_t Schema::size() const { return loaded_->nodes.size(); }

const Node* Schema::DynamicAnchor(int resource, std::string_view anchor) const {
  const auto& anchors = loaded_->resources[static_cast<size_t>(resource)].dynamic_anchors;
  const auto found = anchors.find(std::string(anchor));
  return found == anchors.end() ? nullptr : found->second;
}

bool Schema::Enumerates(const Node& node, const Json& value) const {
  const std::vector<Json>& values = *node.enumeration;
  if (values.size() <= kLargeEnumeration)
    return std::find(values.begin(), values.end(), value) != values.end();
  const ValueIndex& index = loaded_->enumerations.at(node.index);
  const size_t hash = value.Hash();
  auto at = std::lower_bound(index.begin(), index.end(), std::pair<size_t, uint32_t>(hash, 0));
  for (; at != index.end() && at->first == hash; ++at) {
    if (values[at->second] == value) return true;
  }
  return false;
}

Schema Schema::At(const Node& root) const { return Schema(loaded_, &root); }

}  // namespace sluice::schema
