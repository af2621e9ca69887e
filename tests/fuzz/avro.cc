// Avro: a writer's schema in the first line, a reader's after it. Everything that loads has a canonical form
// that loads and is its own one; a schema reads what it wrote itself.
#include "common/schema/avro_canonical.h"
#include "common/schema/avro_resolve.h"
#include "tests/fuzz/schema_pair.h"
#include "tests/fuzz/target.h"

namespace schema = sluice::schema;
using sluice::fuzz::Require;

namespace {

std::optional<schema::AvroSchema> AvroFrom(std::string_view text) {
  const std::optional<schema::Json> json = sluice::fuzz::JsonFrom(text);
  if (!json) return std::nullopt;
  absl::StatusOr<schema::AvroSchema> loaded = schema::AvroSchema::Load(*json);
  Require(loaded.ok() == schema::CheckAvro(*json).empty(), "what has no fault loads");
  if (!loaded.ok()) return std::nullopt;
  return *std::move(loaded);
}

// A name without a namespace inside one with it would be read back as the inner one's: the specification's
// form has no way to say so.
bool MixesNamespaces(const schema::AvroSchema& loaded) {
  bool with = false, without = false;
  for (const schema::AvroNode* node : loaded.nodes()) {
    if (schema::IsNamed(node->type)) (node->name == node->ShortName() ? without : with) = true;
  }
  return with && without;
}

void RequireForm(const schema::AvroSchema& loaded) {
  if (MixesNamespaces(loaded)) return;
  const absl::StatusOr<std::string> form = schema::CanonicalForm(loaded);
  if (!form.ok()) return;
  const std::optional<schema::AvroSchema> again = AvroFrom(*form);
  Require(again.has_value(), "a canonical form is a schema");
  const absl::StatusOr<std::string> second = schema::CanonicalForm(*again);
  Require(second.ok() && *second == *form, "a canonical form is its own one");
  Require(schema::Fingerprint(*form) == schema::Fingerprint(*second), "a fingerprint is of the form");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [first, rest] = sluice::fuzz::SplitAtLine(sluice::fuzz::TextOf(data, size));
  const std::optional<schema::AvroSchema> writer = AvroFrom(first);
  if (!writer) return 0;
  RequireForm(*writer);
  Require(schema::ResolveAvro(*writer, *writer).answer != schema::Answer::kIncompatible,
          "a schema reads what it wrote");
  const std::optional<schema::AvroSchema> reader = AvroFrom(rest);
  if (!reader) return 0;
  const schema::AvroResolution resolution =
      schema::ResolveAvro(*writer, *reader, {.most_problems = 5, .most_steps = 50'000});
  Require((resolution.answer == schema::Answer::kIncompatible) == !resolution.problems.empty(),
          "whoever refuses says why");
  return 0;
}
