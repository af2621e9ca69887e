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
    change_.impacts = ImpactsOn(*compared, FieldRoot(*after_.schema), registered_);
    change_.predictions = compared->predictions;
    if (!compared->problem.empty()) {
      change_.change_class = ChangeClass::kCoordinated;
      change_.reasons.push_back(compared->problem);
      return;
    }
    Describe(compared->comparison);
  }

  void Describe(const schema::Comparison& comparison) {
    change_.change_class = ClassOf(comparison.change_class);
    change_.reasons = comparison.reasons;
    const bool hurts = std::any_of(change_.impacts.begin(), change_.impacts.end(),
                                   [](const SchemaImpact& impact) { return impact.effect != Effect::kNone; });
    if (hurts) change_.change_class = std::max(change_.change_class, ChangeClass::kCoordinated);
    for (const auto direction : {schema::Direction::kBackward, schema::Direction::kForward}) {
      for (const auto reading : {schema::Reading::kStrict, schema::Reading::kClosed}) {
        const schema::Verdict& verdict = comparison.verdict(direction, reading);
        change_.verdicts.push_back({direction, reading, verdict.answer, verdict.undecided});
      }
    }
    DescribeEdits(comparison.edits);
    for (const schema::Break& from : comparison.breaks) {
      if (change_.breaks.size() == kMaxSchemaBreaks) break;
      std::string witness = from.witness.ToString();
      if (witness.size() > kMaxWitness) witness.clear();
      change_.breaks.push_back({from.kind, from.direction, from.reading, from.old_pointer, from.new_pointer,
                                from.instance, from.reason, std::move(witness)});
    }
  }

  void DescribeEdits(const std::vector<schema::SchemaEdit>& edits) {
    using Gravity = schema::SchemaClass;
    const std::string_view root = FieldRoot(*after_.schema);
    change_.edit_count = edits.size();
    for (const Gravity gravity : {Gravity::kBreaking, Gravity::kCoordinated, Gravity::kCompatible}) {
      for (const schema::SchemaEdit& edit : edits) {
        if (edit.gravity != gravity || change_.edits.size() == kMaxSchemaEdits) continue;
        change_.edits.push_back({edit.kind, edit.old_pointer, edit.new_pointer, Cat(root, edit.field),
                                 Shown(edit.before), Shown(edit.after), ClassOf(gravity), edit.reason});
      }
    }
  }

  // Whose word the class asks for.
  void Ask() {
    for (const SchemaImpact& impact : change_.impacts) {
      if (impact.effect != Effect::kNone) verdict_.Affect(impact.application);
    }
    const std::string what = Cat(name_, " changes its schema: ", Because());
    verdict_.Raise(change_.change_class, what);
    switch (change_.change_class) {
      case ChangeClass::kBreaking:
        verdict_.NeedJustification();
        return AskBoardAndOwner(product_, "schema-breaking", what, change_.resource, verdict_);
      case ChangeClass::kCoordinated:
        AskOwner(product_, "schema-change", what, verdict_);
        return AskAffected(what);
      default:
        return AskOwner(product_, "schema-compatible", what, verdict_);
    }
  }

  void AskAffected(const std::string& what) {
    for (const SchemaImpact& impact : change_.impacts) {
      if (impact.effect == Effect::kNone) continue;
      verdict_.OwnApply({"schema-change", Cat("owner of ", impact.application),
                         verdict_.OwnersOfApplication(impact.application),
                         Cat(what, ", and ", impact.application,
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
