#include "common/core/schema_impact.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/core/text.h"
#include "common/schema/impact.h"
#include "common/schema/touched.h"

namespace sluice::core {
namespace {

using Effect = SchemaImpact::Effect;
using schema::Direction;
using schema::Reading;

constexpr size_t kMaxWitness = 16384;

// Both accesses together: what is left out means every field.
void Merge(const Usage& more, Usage& uses) {
  if (more.fields.empty() || uses.fields.empty()) {
    uses.fields.clear();
  } else {
    uses.fields.insert(uses.fields.end(), more.fields.begin(), more.fields.end());
  }
  uses.validates |= more.validates;
  if (more.unknown_enum_values == UnknownEnumValues::kFails)
    uses.unknown_enum_values = UnknownEnumValues::kFails;
}

void AddRole(const Grant& grant, AccessRole role, int32_t major, std::vector<Registered>& registered) {
  bool found = false;
  for (const Access& access : grant.access) {
    if (access.role != role ||
        std::find(access.majors.begin(), access.majors.end(), major) == access.majors.end())
      continue;
    if (found) {
      Merge(access.uses, registered.back().uses);
      continue;
    }
    found = true;
    registered.push_back({.grant = grant.name,
                          .application = grant.name.substr(grant.name.find('/') + 1),
                          .producer = role == AccessRole::kProducer,
                          .uses = access.uses});
  }
}

// The first thing that is said of somebody stays.
void Raise(Effect effect, const std::string& reason, SchemaImpact& impact) {
  if (impact.effect != Effect::kNone) return;
  impact.effect = effect;
  impact.reason = reason;
}

std::string Shown(const schema::Json& witness) {
  std::string text = witness.ToString();
  return text.size() > kMaxWitness ? "" : text;
}

Effect EffectOf(schema::Effect effect) {
  switch (effect) {
    case schema::Effect::kNone:
      return Effect::kNone;
    case schema::Effect::kAffected:
      return Effect::kConcerned;
    case schema::Effect::kUndecided:
      return Effect::kUndecided;
    case schema::Effect::kBroken:
      break;
  }
  return Effect::kBreaks;
}

// Attributes of an event beside its data. A name that is none of them is taken as one of the data whose
// `/data` was forgotten: who declares too little would not be asked.
bool IsAttribute(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kAttributes = {
      "specversion", "type", "source", "id", "time", "datacontenttype", "subject", "dataschema", "meta"};
  return std::find(kAttributes.begin(), kAttributes.end(), name) != kAttributes.end();
}

// The fields of the schema among the fields of the message; nullopt: none of them.
std::optional<std::vector<std::string>> FieldsUnder(std::string_view root,
                                                    const std::vector<std::string>& fields) {
  if (root.empty() || fields.empty()) return fields;
  std::vector<std::string> under;
  for (const std::string& field : fields) {
    const size_t end = field.find('/', 1);
    const std::string_view first = std::string_view(field).substr(0, end);
    if (first == root) {
      under.push_back(end == std::string::npos ? "" : field.substr(end));
    } else if (first.size() <= 1 || !IsAttribute(first.substr(1))) {
      under.push_back(field);
    }
  }
  if (under.empty()) return std::nullopt;
  return under;
}

// What messages prove of each consumer.
void LookAtMessages(const ComparedSchemas& compared, std::string_view root,
                    const std::vector<Registered>& registered, std::vector<SchemaImpact>& impacts) {
  std::vector<schema::ConsumerUse> consumers;
  std::vector<size_t> indices;
  for (size_t i = 0; i < registered.size(); ++i) {
    const Usage& uses = registered[i].uses;
    std::optional<std::vector<std::string>> fields = FieldsUnder(root, uses.fields);
    if (registered[i].producer || (!fields && !uses.validates)) continue;
    schema::ConsumerUse use;
    use.fields = fields ? *std::move(fields) : std::vector<std::string>();
    use.traits.validates = uses.validates;
    use.traits.ignores_unknown_values = uses.unknown_enum_values == UnknownEnumValues::kIgnores;
    consumers.push_back(std::move(use));
    indices.push_back(i);
  }
  const schema::Impact found =
      schema::AssessImpact(*compared.before, *compared.after, compared.comparison, consumers);
  for (size_t i = 0; i < found.consumers.size(); ++i) {
    const schema::ConsumerImpact& from = found.consumers[i];
    SchemaImpact& impact = impacts[indices[i]];
    Raise(EffectOf(from.effect), from.reason, impact);
    impact.instance = from.instance;
    if (from.witness) impact.witness = Shown(*from.witness);
  }
}

// Edits by which a consumer that declares `fields` is touched.
std::vector<size_t> TouchedBy(const std::vector<std::string>& fields, schema::Touched& touched) {
  if (fields.empty()) return touched.all();
  std::vector<size_t> edits;
  for (const std::string& field : fields) {
    const std::vector<size_t>& by = touched.By(field);
    edits.insert(edits.end(), by.begin(), by.end());
  }
  std::sort(edits.begin(), edits.end());
  edits.erase(std::unique(edits.begin(), edits.end()), edits.end());
  return edits;
}

// Avro readers resolve whole messages; what they use tells only which edits are theirs.
void LookAtEdits(const schema::Comparison& comparison, const std::vector<Registered>& registered,
                 std::vector<SchemaImpact>& impacts) {
  const schema::Edits edits{.edits = comparison.edits, .shared = {}, .complete = comparison.complete};
  schema::Touched touched(edits);
  for (size_t i = 0; i < registered.size(); ++i) {
    if (registered[i].producer) continue;
    const std::vector<size_t> mine = TouchedBy(registered[i].uses.fields, touched);
    const auto touches = [&](size_t edit) { return std::binary_search(mine.begin(), mine.end(), edit); };
    for (const schema::Break& found : comparison.breaks) {
      if (found.direction != Direction::kForward ||
          (found.edit && !registered[i].uses.validates && !touches(*found.edit)))
        continue;
      Raise(Effect::kBreaks, found.reason, impacts[i]);
      impacts[i].instance = found.instance;
      if (!found.witness.is_null()) impacts[i].witness = Shown(found.witness);
      break;
    }
    for (const size_t index : mine) {
      const schema::SchemaEdit& edit = comparison.edits[index];
      if (edit.gravity != schema::SchemaClass::kCompatible && edit.hurts == schema::Hurts::kReaders)
        Raise(Effect::kConcerned, edit.reason, impacts[i]);
    }
    if (comparison.semantic_break)
      Raise(Effect::kConcerned, "the meaning of the data changes, which no schema shows", impacts[i]);
  }
}

// Of whom the table says that they are asked though no message breaks them.
void AddConcerned(const schema::Comparison& comparison, const std::vector<Registered>& registered,
                  std::vector<SchemaImpact>& impacts) {
  for (const schema::SchemaEdit& edit : comparison.edits) {
    if (edit.gravity == schema::SchemaClass::kCompatible) continue;
    for (size_t i = 0; i < registered.size(); ++i) {
      const bool reader = edit.hurts == schema::Hurts::kReaders && registered[i].uses.validates;
      const bool writer = edit.hurts == schema::Hurts::kWriters && registered[i].producer;
      if (reader || writer) Raise(Effect::kConcerned, edit.reason, impacts[i]);
    }
  }
}

// What could not be decided, if a direction was not. (What could not beside what is incompatible is looked at
// for each consumer.)
std::optional<std::string> Undecided(const schema::Comparison& comparison) {
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    for (const Reading reading : {Reading::kClosed, Reading::kStrict}) {
      const schema::Verdict& verdict = comparison.verdict(direction, reading);
      if (verdict.answer != schema::Answer::kUndecided) continue;
      return Cat("it is undecided: ",
                 verdict.undecided.empty() ? "too much to compare" : verdict.undecided.front());
    }
  }
  const bool proved =
      comparison.verdict(Direction::kForward, Reading::kStrict).answer == schema::Answer::kCompatible;
  if (comparison.complete || proved) return std::nullopt;
  return "the schemas are too large to name every difference";
}

}  // namespace

std::optional<Usage> UsageOf(const Grant& grant, int32_t major) {
  std::vector<Registered> consumer;
  AddRole(grant, AccessRole::kConsumer, major, consumer);
  if (consumer.empty()) return std::nullopt;
  return consumer.front().uses;
}

std::vector<Registered> RegisteredFor(const Catalog& catalog, std::string_view product, int32_t major) {
  std::vector<Registered> registered;
  const auto [first, last] = catalog.grants.PrefixRange(Cat(product, "/"));
  for (const AccessRole role : {AccessRole::kConsumer, AccessRole::kProducer}) {
    for (size_t i = first; i < last; ++i)
      AddRole(*catalog.grants.entries()[i].value, role, major, registered);
  }
  return registered;
}

std::string_view FieldRoot(const Schema& schema) {
  return schema.format == SchemaFormat::kJsonSchema && schema.describes == Describes::kData ? "/data" : "";
}

SchemaImpact Untouched(const Registered& one) {
  SchemaImpact impact;
  impact.grant = one.grant;
  impact.application = one.application;
  impact.producer = one.producer;
  return impact;
}

std::string KeyOf(std::string_view root, const std::vector<Registered>& registered) {
  std::string key = Cat(root, "\n");
  for (const Registered& one : registered) {
    key += Cat(one.grant, one.producer ? " p" : " c", one.uses.validates ? "v" : "-",
               one.uses.unknown_enum_values == UnknownEnumValues::kFails ? "f" : "-");
    for (const std::string& field : one.uses.fields) key += Cat(" ", field.size(), field);
    key += "\n";
  }
  return key;
}

std::vector<SchemaImpact> ImpactsOn(const ComparedSchemas& compared, std::string_view root,
                                    const std::vector<Registered>& registered) {
  std::vector<SchemaImpact> impacts;
  for (const Registered& one : registered) impacts.push_back(Untouched(one));
  if (!compared.problem.empty()) {
    for (SchemaImpact& impact : impacts) {
      if (!impact.producer) Raise(Effect::kUndecided, compared.problem, impact);
    }
    return impacts;
  }
  if (compared.before) {
    LookAtMessages(compared, root, registered, impacts);
  } else {
    LookAtEdits(compared.comparison, registered, impacts);
  }
  AddConcerned(compared.comparison, registered, impacts);
  if (const std::optional<std::string> undecided = Undecided(compared.comparison)) {
    for (SchemaImpact& impact : impacts) {
      if (!impact.producer) Raise(Effect::kUndecided, *undecided, impact);
    }
  }
  return impacts;
}

}  // namespace sluice::core
