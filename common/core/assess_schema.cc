// Schemas: from what a change of a schema means to whom it is asked of, by DESIGN's tables.
#include <algorithm>
#include <optional>

#include "common/core/schema_impact.h"
#include "common/core/schema_text.h"
#include "common/core/text.h"
#include "common/core/verdict.h"

namespace sluice::core {
namespace {

using Effect = SchemaImpact::Effect;

constexpr size_t kMaxSchemaEdits = 200;
constexpr size_t kMaxSchemaBreaks = 50;
constexpr size_t kMaxUnaffected = 100;  // applications that are told about without need
constexpr size_t kMaxReasons = 10;
constexpr size_t kMaxValue = 1000;  // bytes of a keyword before and after
constexpr size_t kMaxWitness = 16384;

ChangeClass ClassOf(schema::SchemaClass gravity) {
  switch (gravity) {
    case schema::SchemaClass::kCompatible:
      return ChangeClass::kCompatible;
    case schema::SchemaClass::kCoordinated:
      return ChangeClass::kCoordinated;
    case schema::SchemaClass::kBreaking:
      break;
  }
  return ChangeClass::kBreaking;
}

std::string Shown(const std::optional<schema::Json>& value) {
  if (!value) return "";
  std::string text = value->ToString();
  if (text.size() <= kMaxValue) return text;
  size_t end = kMaxValue;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // between characters
  return text.substr(0, end) + "…";
}

// The schema of one version before and after.
class VersionSchema {
 public:
  VersionSchema(const DataProduct& product, const ProductVersion& before, const ProductVersion& after,
                Verdict& verdict)
      : product_(product),
        before_(before),
        after_(after),
        verdict_(verdict),
        name_(Cat(product.name, " v", after.major)),
        registered_(RegisteredFor(verdict.after(), product.name, after.major)) {
    change_.resource = ResourceName(Kind::kDataProduct, product.name);
    change_.major = after.major;
  }

  void Assess() {
    if (!before_.schema || !after_.schema) {
      const char* why =
          before_.schema ? "it loses its schema" : "it had no schema that this one could be compared with";
      ForAll(ChangeClass::kCoordinated, Effect::kUndecided, why);
    } else if (before_.schema->format != after_.schema->format) {
      ForAll(ChangeClass::kBreaking, Effect::kBreaks, "its messages are in another format");
    } else if (before_.schema->describes != after_.schema->describes) {
      ForAll(ChangeClass::kBreaking, Effect::kBreaks,
             "it describes the data instead of the whole value, or the reverse");
    } else {
      Compare();
    }
    Ask();
    Keep();
  }

 private:
  // What concerns every consumer alike.
  void ForAll(ChangeClass change_class, Effect effect, const std::string& why) {
    change_.change_class = change_class;
    change_.reasons.push_back(why);
    for (const Registered& one : registered_) {
      SchemaImpact impact = Untouched(one);
      if (!one.producer) {
        impact.effect = effect;
        impact.reason = why;
      }
      change_.impacts.push_back(std::move(impact));
    }
  }

  void Compare() {
    const Compared compared = verdict_.schema_work().Compare(before_, after_);
    change_.impacts = Impacts(*compared);
    change_.predictions = compared->predictions;
    if (!compared->problem.empty()) {
      change_.change_class = ChangeClass::kCoordinated;
      change_.reasons.push_back(compared->problem);
      return;
    }
    Describe(compared->comparison);
    WarnOfRefusals();
  }

  // Looked at again only when something is new: a schema, or who is registered and what they declare.
  std::vector<SchemaImpact> Impacts(const ComparedSchemas& compared) {
    const std::string_view root = FieldRoot(*after_.schema);
    SchemaMemo* memo = verdict_.schema_work().memo();
    if (memo == nullptr || !compared.problem.empty()) return ImpactsOn(compared, root, registered_);
    const std::string key = Cat(KeyOf(root, registered_), verdict_.schema_work().KeyOf(before_, after_));
    if (const auto found = memo->impacts.Find(key)) return *found;
    std::vector<SchemaImpact> impacts = ImpactsOn(compared, root, registered_);
    memo->impacts.Keep(key, std::make_shared<const std::vector<SchemaImpact>>(impacts));
    return impacts;
  }

  void Describe(const schema::Comparison& comparison) {
    change_.change_class = ClassOf(comparison.change_class);
    change_.reasons = comparison.reasons;
    for (const SchemaImpact& impact : change_.impacts) {
      if (impact.effect == Effect::kNone || change_.change_class >= ChangeClass::kCoordinated) continue;
      change_.change_class = ChangeClass::kCoordinated;
      change_.reasons = {Cat(impact.application, ": ", impact.reason)};
    }
    for (const auto direction : {schema::Direction::kBackward, schema::Direction::kForward}) {
      for (const auto reading : {schema::Reading::kStrict, schema::Reading::kClosed}) {
        const schema::Verdict& verdict = comparison.verdict(direction, reading);
        change_.verdicts.push_back({direction, reading, verdict.answer, verdict.undecided});
      }
    }
    DescribeBreaks(comparison.breaks);
    DescribeEdits(comparison.edits);
  }

  void DescribeBreaks(const std::vector<schema::Break>& breaks) {
    for (const schema::Break& from : breaks) {
      if (change_.breaks.size() == kMaxSchemaBreaks) return;
      std::string witness = from.witness.ToString();
      if (witness.size() > kMaxWitness) witness.clear();
      if (!verdict_.schema_work().TakeText(witness.size() + from.reason.size() + from.old_pointer.size() +
                                           from.new_pointer.size() + from.instance.size()))
        return;
      change_.breaks.push_back({from.kind, from.direction, from.reading, from.old_pointer, from.new_pointer,
                                from.instance, from.reason, std::move(witness)});
    }
  }

  void DescribeEdits(const std::vector<schema::SchemaEdit>& edits) {
    using Gravity = schema::SchemaClass;
    change_.edit_count = edits.size();
    for (const Gravity gravity : {Gravity::kBreaking, Gravity::kCoordinated, Gravity::kCompatible}) {
      for (const schema::SchemaEdit& edit : edits) {
        if (edit.gravity != gravity) continue;
        if (change_.edits.size() == kMaxSchemaEdits || !AddEdit(edit)) return;
      }
    }
  }

  bool AddEdit(const schema::SchemaEdit& from) {
    SchemaEdit edit{from.kind,
                    from.old_pointer,
                    from.new_pointer,
                    Cat(FieldRoot(*after_.schema), from.field),
                    Shown(from.before),
                    Shown(from.after),
                    ClassOf(from.gravity),
                    from.reason};
    if (!verdict_.schema_work().TakeText(edit.old_pointer.size() + edit.new_pointer.size() +
                                         edit.field.size() + edit.before.size() + edit.after.size() +
                                         edit.reason.size()))
      return false;
    change_.edits.push_back(std::move(edit));
    return true;
  }

  void WarnOfRefusals() {
    const auto version = std::find_if(product_.versions.begin(), product_.versions.end(),
                                      [&](const ProductVersion& one) { return one.major == after_.major; });
    const std::string field =
        Cat(Item("versions", static_cast<size_t>(version - product_.versions.begin())), ".schema.text");
    for (const RegistryPrediction& prediction : change_.predictions) {
      if (prediction.answer != RegistryPrediction::Answer::kRefuses) continue;
      std::string remedy;
      for (const std::string& way : prediction.ways_out) remedy += Cat(remedy.empty() ? "" : "; ", way);
      Finding warning;
      warning.resource = change_.resource;
      warning.field = field;
      warning.rule = "registry-refuses";
      warning.message = Cat("a registry of kind ", prediction.registry, " will refuse it at level ",
                            prediction.level, ": ", prediction.reason);
      warning.remedy = remedy.empty() ? "declare a new major version" : std::move(remedy);
      verdict_.Warn(std::move(warning));
    }
  }

  // Whose word the class asks for.
  void Ask() {
    for (const SchemaImpact& impact : change_.impacts) {
      if (impact.effect != Effect::kNone) verdict_.Affect(impact.application);
    }
    const std::string what = Cat(name_, " changes its schema: ", Because(), "; ", WhoIsHurt());
    verdict_.Raise(change_.change_class, what);
    switch (change_.change_class) {
      case ChangeClass::kBreaking:
        verdict_.NeedJustification();
        return AskBoardAndOwner(product_, "schema-breaking", what, change_.resource, verdict_);
      case ChangeClass::kCoordinated:
        AskOwner(product_, "schema-change", what, verdict_);
        return AskAffected();
      default:
        return AskOwner(product_, "schema-compatible", what, verdict_);
    }
  }

  void AskAffected() {
    for (const SchemaImpact& impact : change_.impacts) {
      if (impact.effect == Effect::kNone) continue;
      verdict_.OwnApply({"schema-change", Cat("owner of ", impact.application),
                         verdict_.OwnersOfApplication(impact.application),
                         Cat(name_, " changes its schema, and ", impact.application,
                             impact.producer ? " produces it: " : " consumes it: ", impact.reason),
                         change_.resource});
    }
  }

  std::string Because() const {
    std::string text;
    for (size_t i = 0; i < change_.reasons.size() && i < kMaxReasons; ++i)
      text += Cat(i == 0 ? "" : "; ", change_.reasons[i]);
    if (change_.reasons.size() > kMaxReasons)
      text += Cat("; and ", change_.reasons.size() - kMaxReasons, " more");
    return text;
  }

  // `3 of 41 consumers break`.
  std::string WhoIsHurt() const {
    size_t consumers = 0, broken = 0, others = 0;
    for (const SchemaImpact& impact : change_.impacts) {
      if (impact.producer) continue;
      ++consumers;
      broken += impact.effect == Effect::kBreaks;
      others += impact.effect == Effect::kUndecided || impact.effect == Effect::kConcerned;
    }
    if (consumers == 0) return "nobody consumes it";
    std::string text = Cat(broken, " of ", consumers, consumers == 1 ? " consumer" : " consumers",
                           broken == 1 ? " breaks" : " break");
    if (others > 0) text += Cat(", ", others, " more must look");
    return text;
  }

  // Counts, and drops those who are told without need beyond a bound.
  void Keep() {
    std::vector<SchemaImpact> kept;
    size_t unaffected = 0;
    for (SchemaImpact& impact : change_.impacts) {
      if (!impact.producer) {
        ++change_.consumers_total;
        change_.consumers_broken += impact.effect == Effect::kBreaks;
        change_.consumers_undecided += impact.effect == Effect::kUndecided;
      }
      if (impact.effect == Effect::kNone && ++unaffected > kMaxUnaffected) continue;
      kept.push_back(std::move(impact));
    }
    change_.impacts = std::move(kept);
    verdict_.Add(std::move(change_));
  }

  const DataProduct& product_;
  const ProductVersion& before_;
  const ProductVersion& after_;
  Verdict& verdict_;
  const std::string name_;
  const std::vector<Registered> registered_;
  SchemaChange change_;
};

// Whether both say the same but for the order of keys and white space.
bool IsRewritten(const ProductVersion& before, const ProductVersion& after) {
  return before.schema && after.schema && before.schema->format == after.schema->format &&
         before.schema->describes == after.schema->describes &&
         before.schema->meaning == after.schema->meaning && SameJson(before.schema->text, after.schema->text);
}

}  // namespace

void AssessSchema(const DataProduct& product, const ProductVersion& before, const ProductVersion& after,
                  Verdict& verdict) {
  if (before.schema == after.schema) return;
  if (!IsRewritten(before, after)) return VersionSchema(product, before, after, verdict).Assess();
  const std::string what = Cat(product.name, " v", after.major,
                               " writes the same schema differently (order of keys, white space)");
  verdict.Raise(ChangeClass::kCompatible, what);
  AskOwner(product, "schema-compatible", what, verdict);
}

}  // namespace sluice::core
