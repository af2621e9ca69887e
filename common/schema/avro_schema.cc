#include "common/schema/avro_schema.h"

#include <absl/status/status.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "common/schema/avro_loader.h"

namespace sluice::schema {

std::string_view WordOf(AvroType type) {
  static constexpr std::string_view kWords[] = {"null",   "boolean", "int",    "long",   "float",
                                                "double", "bytes",   "string", "record", "enum",
                                                "fixed",  "array",   "map",    "union"};
  return kWords[static_cast<size_t>(type)];
}

std::string AvroPlace::Pointer() const {
  std::vector<const AvroPlace*> path;
  for (const AvroPlace* place = this; place->parent != nullptr; place = place->parent) path.push_back(place);
  std::string pointer;
  for (auto place = path.rbegin(); place != path.rend(); ++place) {
    pointer += '/';  // no word of the specification needs escaping
    pointer += (*place)->word != nullptr ? std::string((*place)->word) : std::to_string((*place)->index);
  }
  return pointer;
}

const AvroField* AvroNode::FindField(std::string_view field) const {
  const auto found = std::lower_bound(by_name.begin(), by_name.end(), field,
                                      [&](uint32_t i, std::string_view key) { return fields[i].name < key; });
  return found == by_name.end() || fields[*found].name != field ? nullptr : &fields[*found];
}

const Json& AvroSchema::document() const { return data_->document; }
const std::vector<const AvroNode*>& AvroSchema::nodes() const { return data_->completed; }

absl::StatusOr<AvroSchema> AvroSchema::Load(const Json& document, AvroRules rules, const AvroLimits& limits) {
  const auto data = std::make_shared<Data>();
  data->document = document;
  AvroSchema schema;
  std::vector<AvroFault> faults;
  schema.root_ = AvroLoader(*data, rules, limits, faults).LoadRoot();
  schema.data_ = data;
  if (faults.empty()) return schema;
  std::string text;
  for (const AvroFault& fault : faults) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n",
                        fault.pointer.empty() ? "the top" : fault.pointer, fault.message);
  }
  return absl::InvalidArgumentError(text);
}

std::vector<AvroFault> CheckAvro(const Json& document, AvroRules rules, const AvroLimits& limits) {
  AvroSchema::Data data;
  data.document = document;
  std::vector<AvroFault> faults;
  AvroLoader(data, rules, limits, faults).LoadRoot();
  return faults;
}

}  // namespace sluice::schema
