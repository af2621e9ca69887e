// Schema changes of the core as protos.
#include "common/schema/compare.h"
#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

namespace v1 = sluice::v1;

v1::SchemaDirection Direction(schema::Direction from) {
  return from == schema::Direction::kBackward ? v1::SCHEMA_DIRECTION_BACKWARD : v1::SCHEMA_DIRECTION_FORWARD;
}

v1::SchemaReading Reading(schema::Reading from) {
  return from == schema::Reading::kStrict ? v1::SCHEMA_READING_STRICT : v1::SCHEMA_READING_CLOSED;
}

v1::SchemaAnswer Answer(schema::Answer from) {
  switch (from) {
    case schema::Answer::kCompatible:
      return v1::SCHEMA_ANSWER_COMPATIBLE;
    case schema::Answer::kIncompatible:
      return v1::SCHEMA_ANSWER_INCOMPATIBLE;
    case schema::Answer::kUndecided:
      break;
  }
  return v1::SCHEMA_ANSWER_UNDECIDED;
}

v1::SchemaAnswer Answer(core::RegistryPrediction::Answer from) {
  switch (from) {
    case core::RegistryPrediction::Answer::kAccepts:
      return v1::SCHEMA_ANSWER_COMPATIBLE;
    case core::RegistryPrediction::Answer::kRefuses:
      return v1::SCHEMA_ANSWER_INCOMPATIBLE;
    case core::RegistryPrediction::Answer::kUnknown:
      break;
  }
  return v1::SCHEMA_ANSWER_UNKNOWN;
}

v1::SchemaImpact::Effect Effect(core::SchemaImpact::Effect from) {
  switch (from) {
    case core::SchemaImpact::Effect::kNone:
      return v1::SchemaImpact::EFFECT_NONE;
    case core::SchemaImpact::Effect::kBreaks:
      return v1::SchemaImpact::EFFECT_BREAKS;
    case core::SchemaImpact::Effect::kUndecided:
      return v1::SchemaImpact::EFFECT_UNDECIDED;
    case core::SchemaImpact::Effect::kConcerned:
      break;
  }
  return v1::SchemaImpact::EFFECT_CONCERNED;
}

void Fill(const core::SchemaVerdict& from, v1::SchemaVerdict* to) {
  to->set_direction(Direction(from.direction));
  to->set_reading(Reading(from.reading));
  to->set_answer(Answer(from.answer));
  for (const std::string& undecided : from.undecided) to->add_undecided(undecided);
}

void Fill(const core::SchemaEdit& from, v1::SchemaEdit* to) {
  to->set_kind(from.kind);
  to->set_old_pointer(from.old_pointer);
  to->set_new_pointer(from.new_pointer);
  to->set_field(from.field);
  to->set_before(from.before);
  to->set_after(from.after);
  to->set_class_(ToProto(from.change_class));
  to->set_reason(from.reason);
}

void Fill(const core::SchemaBreak& from, v1::SchemaBreak* to) {
  to->set_kind(from.kind);
  to->set_direction(Direction(from.direction));
  to->set_reading(Reading(from.reading));
  to->set_old_pointer(from.old_pointer);
  to->set_new_pointer(from.new_pointer);
  to->set_instance(from.instance);
  to->set_reason(from.reason);
  to->set_witness(from.witness);
}

void Fill(const core::SchemaImpact& from, v1::SchemaImpact* to) {
  to->set_grant(from.grant);
  to->set_application(from.application);
  to->set_producer(from.producer);
  to->set_effect(Effect(from.effect));
  to->set_reason(from.reason);
  to->set_witness(from.witness);
  to->set_instance(from.instance);
}

void Fill(const core::RegistryPrediction& from, v1::RegistryPrediction* to) {
  to->set_registry(from.registry);
  to->set_level(from.level);
  to->set_answer(Answer(from.answer));
  to->set_reason(from.reason);
  for (const std::string& way : from.ways_out) to->add_ways_out(way);
}

}  // namespace

v1::SchemaChange ToProto(const core::SchemaChange& from) {
  v1::SchemaChange to;
  to.set_resource(from.resource);
  to.set_major(from.major);
  to.set_class_(ToProto(from.change_class));
  for (const std::string& reason : from.reasons) to.add_reasons(reason);
  for (const core::SchemaVerdict& verdict : from.verdicts) Fill(verdict, to.add_verdicts());
  for (const core::SchemaEdit& edit : from.edits) Fill(edit, to.add_edits());
  to.set_edit_count(static_cast<int32_t>(from.edit_count));
  for (const core::SchemaBreak& one : from.breaks) Fill(one, to.add_breaks());
  for (const core::SchemaImpact& impact : from.impacts) Fill(impact, to.add_impacts());
  to.set_consumers_broken(static_cast<int32_t>(from.consumers_broken));
  to.set_consumers_undecided(static_cast<int32_t>(from.consumers_undecided));
  to.set_consumers_total(static_cast<int32_t>(from.consumers_total));
  for (const core::RegistryPrediction& prediction : from.predictions) Fill(prediction, to.add_predictions());
  return to;
}

}  // namespace sluice::wire
