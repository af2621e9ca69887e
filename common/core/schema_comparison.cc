#include "common/core/schema_comparison.h"

#include <algorithm>

#include "common/core/schema_prediction.h"
#include "common/core/text.h"
#include "common/schema/avro_compare.h"
#include "common/schema/avro_schema.h"

namespace sluice::core {
namespace {

constexpr size_t kMostSteps = 2'000'000;         // of all comparisons of one Assess
constexpr size_t kMostBytes = size_t{32} << 20;  // of schemas that one Assess reads
constexpr size_t kMostPredictions = 100;         // versions of which one Assess predicts what registries say
constexpr size_t kMostText = size_t{2} << 20;    // of what one Assess tells of schemas

const ProductVersion* FindVersion(const DataProduct& product, int32_t major) {
  const auto at = std::find_if(product.versions.begin(), product.versions.end(),
                               [&](const ProductVersion& version) { return version.major == major; });
  return at == product.versions.end() ? nullptr : &*at;
}

size_t CountChangedSchemas(const Catalog& before, const std::vector<Edit>& edits) {
  size_t changed = 0;
  for (const Edit& edit : edits) {
    const auto* product = std::get_if<DataProduct>(&edit.definition);
    const DataProduct* old = product == nullptr ? nullptr : before.products.Find(product->name);
    if (old == nullptr) continue;
    for (const ProductVersion& version : product->versions) {
      const ProductVersion* was = FindVersion(*old, version.major);
      if (was != nullptr && was->schema && version.schema && was->schema != version.schema) ++changed;
    }
  }
  return changed;
}

std::string Unreadable(std::string_view which, const absl::Status& status) {
  return Cat("the ", which, " schema cannot be read: ", std::string(status.message()));
}

void CompareJsonSchemas(const schema::Json& old_json, const schema::Json& new_json,
                        const schema::CompareOptions& options, ComparedSchemas& compared) {
  absl::StatusOr<schema::Schema> old_schema = schema::Schema::Load(old_json);
  absl::StatusOr<schema::Schema> new_schema = schema::Schema::Load(new_json);
  if (!old_schema.ok() || !new_schema.ok()) {
    compared.problem =
        !old_schema.ok() ? Unreadable("old", old_schema.status()) : Unreadable("new", new_schema.status());
    return;
  }
  compared.comparison = schema::Compare(*old_schema, *new_schema, options);
  compared.before = *std::move(old_schema);
  compared.after = *std::move(new_schema);
}

void CompareAvroSchemas(const schema::Json& old_json, const schema::Json& new_json,
                        const schema::CompareOptions& options, ComparedSchemas& compared) {
  const absl::StatusOr<schema::AvroSchema> old_schema = schema::AvroSchema::Load(old_json);
  const absl::StatusOr<schema::AvroSchema> new_schema = schema::AvroSchema::Load(new_json);
  if (!old_schema.ok() || !new_schema.ok()) {
    compared.problem =
        !old_schema.ok() ? Unreadable("old", old_schema.status()) : Unreadable("new", new_schema.status());
    return;
  }
  compared.comparison = schema::CompareAvro(*old_schema, *new_schema, options);
}

void CompareTexts(const Schema& before, const Schema& after, const schema::CompareOptions& options,
                  ComparedSchemas& compared) {
  const absl::StatusOr<schema::Json> old_json = schema::ParseJson(before.text);
  const absl::StatusOr<schema::Json> new_json = schema::ParseJson(after.text);
  if (!old_json.ok() || !new_json.ok()) {
    compared.problem =
        !old_json.ok() ? Unreadable("old", old_json.status()) : Unreadable("new", new_json.status());
  } else if (after.format == SchemaFormat::kAvro) {
    CompareAvroSchemas(*old_json, *new_json, options, compared);
  } else {
    CompareJsonSchemas(*old_json, *new_json, options, compared);
  }
}

}  // namespace

std::shared_ptr<SchemaMemo> NewSchemaMemo() { return std::make_shared<SchemaMemo>(); }

SchemaWork::SchemaWork(const Catalog& before, const std::vector<Edit>& edits, SchemaMemo* memo)
    : memo_(memo), bytes_left_(kMostBytes), predictions_left_(kMostPredictions), text_left_(kMostText) {
  const size_t share = kMostSteps / std::max<size_t>(1, CountChangedSchemas(before, edits));
  limits_.most_steps = std::min(limits_.most_steps, share);
}

std::string SchemaWork::KeyOf(const ProductVersion& before, const ProductVersion& after) const {
  const Schema &old = *before.schema, &now = *after.schema;
  return Cat(static_cast<int>(now.format), " ", static_cast<int>(now.describes), " ", old.envelope, " ",
             now.envelope, " ", now.meaning > old.meaning ? 1 : 0, " ", before.compatibility, " ",
             after.compatibility, " ", limits_.most_steps, " ", old.text.size(), " ", old.text, now.text);
}

Compared SchemaWork::Compare(const ProductVersion& before, const ProductVersion& after) {
  const Schema &old = *before.schema, &now = *after.schema;
  const std::string key = KeyOf(before, after);
  if (memo_ != nullptr) {
    if (Compared found = memo_->comparisons.Find(key)) return found;
  }
  auto compared = std::make_shared<ComparedSchemas>();
  const size_t bytes = old.text.size() + now.text.size();
  if (bytes > bytes_left_) {
    compared->problem =
        "the change has too many large schemas to compare this one as well: a person must look";
    return compared;
  }
  bytes_left_ -= bytes;
  CompareTexts(old, now, {.semantic_break = now.meaning > old.meaning, .limits = limits_}, *compared);
  if (compared->problem.empty()) {
    if (predictions_left_ == 0) return compared;  // not to be remembered: another call says more
    --predictions_left_;
    compared->predictions = PredictRegistries(before, after, compared->comparison);
  }
  if (memo_ != nullptr) memo_->comparisons.Keep(key, compared);
  return compared;
}

bool SchemaWork::TakeText(size_t bytes) {
  if (bytes > text_left_) return false;
  text_left_ -= bytes;
  return true;
}

}  // namespace sluice::core
