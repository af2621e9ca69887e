// Edits of the fields of records.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "common/schema/avro_edits_walk.h"
#include "common/schema/avro_resolve.h"

namespace sluice::schema {
namespace {

Json ListOf(const std::vector<std::string_view>& words) {
  Json::Array list;
  for (const std::string_view word : words) list.emplace_back(word);
  return Json(std::move(list));
}

}  // namespace

std::vector<const AvroField*> AvroWalk::MatchFields(const AvroNode& before, const AvroNode& after) {
  std::vector<const AvroField*> matched(after.fields.size());
  std::set<const AvroField*> taken;
  const auto match = [&](size_t i, const AvroField* field) {
    if (field == nullptr || matched[i] != nullptr || !taken.insert(field).second) return;
    matched[i] = field;
  };
  for (size_t i = 0; i < matched.size(); ++i) match(i, before.FindField(after.fields[i].name));
  std::map<std::string_view, const AvroField*> by_alias;
  for (const AvroField& field : before.fields) {
    for (const std::string_view alias : field.aliases) by_alias.emplace(alias, &field);
  }
  for (size_t i = 0; i < matched.size(); ++i) {
    for (const std::string_view alias : after.fields[i].aliases) match(i, before.FindField(alias));
    const auto found = by_alias.find(after.fields[i].name);
    if (found != by_alias.end()) match(i, found->second);
  }
  return matched;
}

void AvroWalk::CompareRecords(size_t at) {
  const AvroNode& before = *stops_[at].before.node;
  const AvroNode& after = *stops_[at].after.node;
  const std::vector<const AvroField*> matched = MatchFields(before, after);
  std::set<const AvroField*> kept;
  bool ordered = true;
  const AvroField* last = nullptr;
  for (size_t i = 0; i < matched.size(); ++i) {
    if (matched[i] == nullptr) {
      TellAdded(at, after.fields[i]);
      continue;
    }
    kept.insert(matched[i]);
    ordered = ordered && (last == nullptr || last < matched[i]);
    last = matched[i];
    CompareFields(at, *matched[i], after.fields[i]);
  }
  for (const AvroField& field : before.fields) {
    if (kept.count(&field) == 0) TellRemoved(at, field);
  }
  if (ordered) return;
  Tell(at, {"fields-reordered",
            {},
            before.place->Pointer() + "/fields",
            after.place->Pointer() + "/fields",
            std::nullopt,
            std::nullopt,
            "fields stand in another order; they are read by name"});
}

void AvroWalk::TellAdded(size_t at, const AvroField& field) {
  const bool optional = field.default_value != nullptr;
  const AvroWeight weight =
      optional ? AvroWeight{} : AvroWeight{SchemaClass::kCoordinated, Hurts::kWriters, false};
  if (IsFull(weight.gravity)) return;
  const std::string old_pointer = stops_[at].before.node->place->Pointer() + "/fields";
  Tell(at,
       {optional ? "optional-field-added" : "required-field-added", weight, old_pointer,
        field.place->Pointer(), std::nullopt, *field.source,
        optional ? "is new, with a default for messages without it; today's readers skip it"
                 : "is new, without a default; messages written before cannot be read with the new schema"},
       field.name);
}

void AvroWalk::TellRemoved(size_t at, const AvroField& field) {
  const bool optional = field.default_value != nullptr;
  const AvroWeight weight{optional ? SchemaClass::kCoordinated : SchemaClass::kBreaking, Hurts::kReaders,
                          true};
  if (IsFull(weight.gravity)) return;
  const std::string new_pointer = stops_[at].after.node->place->Pointer() + "/fields";
  Tell(at,
       {optional ? "optional-field-removed" : "required-field-removed", weight, field.place->Pointer(),
        new_pointer, *field.source, std::nullopt,
        optional ? "is gone; today's readers get its default instead"
                 : "is gone and had no default; today's readers cannot read the new messages"},
       field.name);
}

void AvroWalk::CompareFields(size_t at, const AvroField& before, const AvroField& after) {
  if (before.name != after.name) TellRenamed(at, before, after);
  if (before.aliases != after.aliases && !IsFull(SchemaClass::kCompatible)) {
    Tell(at,
         {"aliases-changed",
          {},
          before.place->Pointer() + "/aliases",
          after.place->Pointer() + "/aliases",
          ListOf(before.aliases),
          ListOf(after.aliases),
          "other aliases; no message shows them"},
         before.name);
  }
  CompareDefaults(at, before, after);
  CompareAttributes(at, {before.source, after.source, before.place, after.place, before.name});
  Go(at, before.type, after.type, before.name);
}

void AvroWalk::TellRenamed(size_t at, const AvroField& before, const AvroField& after) {
  const bool optional = before.default_value != nullptr;
  const bool known =
      std::find(before.aliases.begin(), before.aliases.end(), after.name) != before.aliases.end();
  const AvroWeight weight{optional ? SchemaClass::kCoordinated : SchemaClass::kBreaking, Hurts::kReaders,
                          !known};
  if (IsFull(weight.gravity)) return;
  Tell(at,
       {"field-renamed", weight, before.place->Pointer(), after.place->Pointer(), Json(before.name),
        Json(after.name),
        fmt::format("is called {} now; today's readers {}", after.name,
                    known      ? "have the alias"
                    : optional ? "do not find it and get its default"
                               : "do not find it")},
       before.name);
}

void AvroWalk::CompareDefaults(size_t at, const AvroField& before, const AvroField& after) {
  const Json* was = before.default_value;
  const Json* is = after.default_value;
  if (was == is || (was != nullptr && is != nullptr && *was == *is)) return;
  if (IsFull(SchemaClass::kCompatible)) return;
  const char* kind = was == nullptr ? "default-added" : is == nullptr ? "default-removed" : "default-changed";
  const char* reason = was == nullptr ? "has a default now; it may be removed later"
                       : is == nullptr
                           ? "has no default any more; messages without it cannot be read with the new schema"
                           : "has another default; only messages without the field show it";
  Tell(at,
       {kind,
        {},
        before.place->Pointer() + "/default",
        after.place->Pointer() + "/default",
        was != nullptr ? std::optional(*was) : std::nullopt,
        is != nullptr ? std::optional(*is) : std::nullopt,
        reason},
       before.name);
}

}  // namespace sluice::schema
