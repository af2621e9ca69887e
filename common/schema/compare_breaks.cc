#include "common/schema/compare_breaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

using Tokens = std::vector<std::string>;

Tokens TokensOf(const std::string& pointer) { return SplitPointer(pointer).value_or(Tokens{}); }

// How many tokens `field` and `instance` have in common from the start; `*` is any token.
size_t CommonLength(const Tokens& field, const Tokens& instance) {
  size_t length = 0;
  while (length < field.size() && length < instance.size() &&
         (field[length] == "*" || field[length] == instance[length]))
    ++length;
  return length;
}

// 0: elsewhere. Else the closer `field` is to `instance`, the more; the root is close to nothing but itself
// and its members.
int FieldScore(const Tokens& field, const Tokens& instance) {
  const size_t common = CommonLength(field, instance);
  if (common < std::min(field.size(), instance.size())) return 0;
  const size_t distance =
      field.size() > instance.size() ? field.size() - instance.size() : instance.size() - field.size();
  if (distance == 0) return 10;
  if (distance == 1) return 6;
  return common == 0 ? 1 : field.size() > instance.size() ? 2 : 4;
}

// The same of a pointer in a schema: the keyword at or below the edit's place, or the edit at the keyword's
// schema.
int PointerScore(const std::string& edit, const std::string& keyword) {
  const auto below = [](const std::string& whole, const std::string& part) {
    return whole.size() > part.size() && whole.compare(0, part.size(), part) == 0 &&
           whole[part.size()] == '/';
  };
  if (edit == keyword) return 8;
  if (edit.empty() || keyword.empty()) return 1;
  if (below(keyword, edit))
    return std::count(keyword.begin(), keyword.end(), '/') == std::count(edit.begin(), edit.end(), '/') + 1
               ? 6
               : 4;
  return below(edit, keyword) ? 2 : 0;
}

// The schema whose members a pointer to `required`, `properties` or one of these is about.
std::string ObjectOf(const std::string& pointer) {
  const size_t last = pointer.rfind('/');
  if (last == std::string::npos) return pointer;
  const std::string above = pointer.substr(0, last);
  if (pointer.substr(last) == "/required" || pointer.substr(last) == "/properties") return above;
  return above.ends_with("/properties")
             ? above.substr(0, above.size() - std::string_view("/properties").size())
             : pointer;
}

// Kinds that explain a refusal by `rule`, by how they begin.
std::vector<std::string> KindsOf(const std::string& rule) {
  if (rule == "required") return {"required-", "field-made-"};
  if (rule == "type") return {"type-", "value-"};
  if (rule == "enum" || rule == "const") return {"enum-", "const-"};
  if (rule == "additionalProperties" || rule == "unevaluatedProperties" || rule == "closed" ||
      rule == "false")
    return {"object-",           "free-fields-", "optional-field-", "required-field-",
            "pattern-property-", "value-",       "item-",           "array-"};
  if (rule == "items" || rule == "additionalItems" || rule == "unevaluatedItems") return {"array-", "item-"};
  if (rule == "anyOf" || rule == "oneOf") return {"branch", "any-of-", "one-of-", "type-"};
  if (rule == "exclusiveMinimum") return {"minimum-"};
  if (rule == "exclusiveMaximum") return {"maximum-"};
  if (rule == "dependentRequired" || rule == "dependencies") return {"dependent-"};
  return {Kebab(rule) + "-"};
}

bool Explains(const std::vector<std::string>& kinds, const std::string& kind) {
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](const std::string& start) { return kind.starts_with(start); });
}

bool IsFieldKind(const std::string& kind) {
  return kind.starts_with("field-made-") || kind.find("-field-") != std::string::npos;
}

// Whether the message lacks the member that `edit` is about, in the object that is refused.
bool LacksField(const SchemaEdit& edit, const Tokens& field, const Escape& escape) {
  const Json* object = Resolve(escape.witness, escape.instance);
  if (field.empty() || object == nullptr) return false;
  if (edit.kind == "required-field-renamed" && edit.after && edit.after->is_string() &&
      object->Find(edit.after->string()) == nullptr)
    return true;
  return object->Find(field.back()) == nullptr;
}

// Whether the reason names the member that `edit` is about: an object can lack several.
bool IsNamed(const Tokens& field, const Escape& escape) {
  return !field.empty() && escape.reason.find(Json(field.back()).ToString()) != std::string::npos;
}

// Whether `edit` is about a member of the object at which the reader misses one.
bool IsAboutMember(const SchemaEdit& edit, const Tokens& field, const Escape& escape, Direction direction,
                   const Tokens& instance) {
  if (!IsFieldKind(edit.kind)) return false;
  const std::string& side = direction == Direction::kForward ? edit.old_pointer : edit.new_pointer;
  if (ObjectOf(side) == ObjectOf(escape.reader)) return true;
  return field.size() == instance.size() + 1 && CommonLength(field, instance) == instance.size();
}

bool ComesOrGoes(const std::string& kind) {
  return kind.find("-field-") != std::string::npos || kind.starts_with("pattern-property-") ||
         kind.starts_with("free-fields-") || kind.starts_with("object-") || kind.starts_with("array-") ||
         kind.starts_with("item-") || kind.starts_with("branch");
}

// Whether `edit` can make messages of `direction` fail at all.
bool Fits(const SchemaEdit& edit, Direction direction) {
  if (edit.hurts == Hurts::kWriters && direction == Direction::kForward)
    return edit.kind == "required-field-added";
  if (edit.hurts == Hurts::kEnumReaders) return direction == Direction::kForward;
  const bool adds = edit.kind == "optional-field-added" || edit.kind == "pattern-property-added" ||
                    edit.kind == "item-added";
  const bool tightens = edit.hurts == Hurts::kNobody && !adds;
  return !(tightens && direction == Direction::kForward);
}

// How well `edit`, at `field`, explains `escape` at `instance`; 0: not at all.
int Score(const SchemaEdit& edit, const Tokens& field, const Escape& escape, Direction direction,
          const std::vector<std::string>& kinds, const Tokens& instance) {
  if (IsDocumentation(edit) || !Fits(edit, direction)) return 0;
  const bool forward = direction == Direction::kForward;
  int place = std::max(FieldScore(field, instance),
                       std::max(PointerScore(forward ? edit.old_pointer : edit.new_pointer, escape.reader),
                                PointerScore(forward ? edit.new_pointer : edit.old_pointer, escape.writer)));
  const bool about_member =
      escape.rule == "required" && IsAboutMember(edit, field, escape, direction, instance);
  if (about_member) place = std::max(place, 8);
  if (place == 0) return 0;
  const bool explains = Explains(kinds, edit.kind);
  if (about_member) {
    if (!explains || !LacksField(edit, field, escape)) return 0;
    return place + (IsNamed(field, escape) ? 25 : 20);
  }
  if (explains) return place + 10;
  // What came or went lets any value through at its place, refused by whatever keyword.
  if (ComesOrGoes(edit.kind)) return place >= 4 ? place + 4 : 0;
  if (edit.kind.starts_with("value-")) return place + 3;  // explains everything below it
  return place >= 6 ? place : 0;
}

}  // namespace

BreakMaker::BreakMaker(const std::vector<SchemaEdit>& edits) : edits_(edits) {
  fields_.reserve(edits.size());
  for (const SchemaEdit& edit : edits) fields_.push_back(TokensOf(edit.field));
}

Break BreakMaker::Make(const Escape& escape, Direction direction, Reading reading) const {
  const bool forward = direction == Direction::kForward;
  const std::vector<std::string> kinds = KindsOf(escape.rule);
  const Tokens instance = TokensOf(escape.instance);
  std::optional<size_t> best;
  int most = 0;
  for (size_t i = 0; i < edits_.size(); ++i) {
    const int score = Score(edits_[i], fields_[i], escape, direction, kinds, instance);
    if (score <= most) continue;
    most = score;
    best = i;
  }
  Break found{.kind = Kebab(escape.rule),
              .direction = direction,
              .reading = reading,
              .old_pointer = forward ? escape.reader : escape.writer,
              .new_pointer = forward ? escape.writer : escape.reader,
              .instance = escape.instance,
              .reason = escape.reason,
              .witness = escape.witness,
              .edit = best,
              .refusal = escape.reason};
  if (!best) return found;
  const SchemaEdit& edit = edits_[*best];
  found.kind = edit.kind;
  found.old_pointer = edit.old_pointer;
  found.new_pointer = edit.new_pointer;
  found.reason = edit.reason + "; a reader refuses the witness: " + escape.reason;
  return found;
}

}  // namespace sluice::schema
