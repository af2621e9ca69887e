#include "common/schema/edits.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr int kMostSteps = 200'000;
constexpr size_t kMostEdits = 1'000;
constexpr size_t kMostShared = 10'000;
constexpr int kMostDepth = 200;

// Members of a schema that are words for people, of both sides, where they differ.
struct Words {
  JsonObject before, after;
  std::string keywords;

  void Note(const std::string& keyword, const Json* old_value, const Json* new_value) {
    keywords.append(keywords.empty() ? "" : ", ").append(keyword);
    if (old_value != nullptr) before.Set(keyword, *old_value);
    if (new_value != nullptr) after.Set(keyword, *new_value);
  }
};

const Json* SourceOf(const Operand& operand) {
  const Json* source = operand.nodes.empty() ? nullptr : operand.nodes[0]->source;
  return source != nullptr && source->is_object() ? source : nullptr;
}

// The first value of `keyword` among the schemas that apply.
std::pair<const Node*, const Json*> FindWord(const View& view, std::string_view keyword) {
  for (const Node* node : view.nodes) {
    if (node->source == nullptr) continue;
    if (const Json* value = node->source->Find(keyword)) return {node, value};
  }
  return {nullptr, nullptr};
}

std::vector<std::string> FormatsOf(const View& view) {
  std::vector<std::string> formats;
  for (const Node* node : view.nodes) {
    if (!node->format.empty()) formats.push_back(node->format);
  }
  std::sort(formats.begin(), formats.end());
  formats.erase(std::unique(formats.begin(), formats.end()), formats.end());
  return formats;
}

const Node* FormatNode(const View& view) {
  for (const Node* node : view.nodes) {
    if (!node->format.empty()) return node;
  }
  return nullptr;
}

}  // namespace

std::string Subject(std::string_view field) { return field.empty() ? "the message" : std::string(field); }

std::string Shown(const Json& value) {
  constexpr size_t kMost = 80;
  std::string text = value.ToString();
  if (text.size() <= kMost) return text;
  size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string Kebab(std::string_view keyword) {
  std::string text;
  for (const char c : keyword) {
    if (c >= 'A' && c <= 'Z') {
      text += '-';
      text += static_cast<char>(c - 'A' + 'a');
    } else {
      text += c;
    }
  }
  return text;
}

PairKey KeyOf(const Operand& before, const Operand& after) {
  PairKey key;
  key.reserve(before.nodes.size() + before.without.size() + after.nodes.size() + after.without.size() + 3);
  key.insert(key.end(), before.nodes.begin(), before.nodes.end());
  key.push_back(nullptr);
  key.insert(key.end(), before.without.begin(), before.without.end());
  key.push_back(nullptr);
  key.insert(key.end(), after.nodes.begin(), after.nodes.end());
  key.push_back(nullptr);
  key.insert(key.end(), after.without.begin(), after.without.end());
  return key;
}

bool Walk::Spend(size_t steps) {
  if (state_.steps < 0 || static_cast<size_t>(state_.steps) < steps) {
    state_.steps = -1;
    result_.complete = false;
    return false;
  }
  state_.steps -= static_cast<int>(steps);
  return true;
}

std::string Walk::OldPointer(const Pair& pair) {
  return pair.old_operand.nodes.empty() ? pair.place.old_pointer : PointerOf(*pair.old_operand.nodes[0]);
}

std::string Walk::NewPointer(const Pair& pair) {
  return pair.new_operand.nodes.empty() ? pair.place.new_pointer : PointerOf(*pair.new_operand.nodes[0]);
}

void Walk::Add(std::string kind, const Weight& weight, const Pair& pair, std::string old_pointer,
               std::string new_pointer, std::optional<Json> before, std::optional<Json> after,
               std::string reason) {
  AddEdit({.kind = std::move(kind),
           .old_pointer = std::move(old_pointer),
           .new_pointer = std::move(new_pointer),
           .field = pair.place.field,
           .before = std::move(before),
           .after = std::move(after),
           .gravity = weight.gravity,
           .hurts = weight.hurts,
           .reason = std::move(reason),
           .declared = weight.declared});
}

void Walk::AddEdit(SchemaEdit edit) {
  if (result_.edits.size() < kMostEdits) {
    result_.edits.push_back(std::move(edit));
  } else {
    result_.complete = false;
  }
}

bool Walk::SeenBefore(const Operand& before, const Operand& after, const Place& place) {
  const auto [known, is_new] = seen_.try_emplace(KeyOf(before, after), place.field);
  if (is_new) return false;
  if (known->second != place.field) {
    if (result_.shared.size() < kMostShared) {
      result_.shared.push_back({place.field, known->second});
    } else {
      result_.complete = false;
    }
  }
  return true;
}

bool Walk::Same(const Operand& before, const Operand& after, int depth) {
  const PairKey key = KeyOf(before, after);
  const auto [known, is_new] = state_.same.try_emplace(key, true);
  if (!is_new) return known->second;
  Walk walk(state_, trials_);
  walk.Compare(before, after, {.field = "", .old_pointer = "", .new_pointer = "", .depth = depth + 1});
  const Edits found = walk.Take();
  if (!found.complete) result_.complete = false;
  const bool same = found.complete && std::all_of(found.edits.begin(), found.edits.end(), IsDocumentation);
  state_.same[key] = same;
  return same;
}

void Walk::Compare(Operand before, Operand after, const Place& place) {
  for (const Node*& node : before.nodes) node = Follow(node);
  for (const Node*& node : after.nodes) node = Follow(node);
  if (before.nodes == after.nodes && before.without == after.without) return;
  if (before.nodes.size() == 1 && after.nodes.size() == 1 && before.without.empty() &&
      after.without.empty()) {
    if (AreEqualTexts(*before.nodes[0], *after.nodes[0])) return;
  }
  if (!Spend(1)) return;
  if (SeenBefore(before, after, place)) return;
  if (place.depth > kMostDepth) {
    result_.complete = false;
    return;
  }
  const View a = views_.Of(before);
  const View b = views_.Of(after);
  if (!a.complete || !b.complete) result_.complete = false;
  const Pair pair{before, after, a, b, place};
  CompareDocumentation(pair);
  if (!CompareTypes(pair)) return;
  if (CompareWholeWithBranches(pair)) return;
  CompareMeaning(pair);
  CompareFormats(pair);
  CompareEnumerations(pair);
  const Types both = a.types & b.types;
  if ((both & kInteger) != 0) CompareNumbers(pair);
  if ((both & kString) != 0) ComparePatterns(pair);
  CompareCounts(pair);
  if ((both & kArray) != 0) CompareArrays(pair);
  if ((both & kObject) != 0) CompareObjects(pair);
  CompareGroups(pair);
  CompareConditions(pair);
}

void Walk::CompareDocumentation(const Pair& pair) {
  const Json* before = SourceOf(pair.old_operand);
  const Json* after = SourceOf(pair.new_operand);
  if (before == nullptr || after == nullptr) return;
  Words words;
  for (const auto& [keyword, value] : before->object()) {
    if (!IsDocumentationKeyword(keyword)) continue;
    const Json* now = after->Find(keyword);
    if (now == nullptr || !(*now == value)) words.Note(keyword, &value, now);
  }
  for (const auto& [keyword, value] : after->object()) {
    if (IsDocumentationKeyword(keyword) && before->Find(keyword) == nullptr)
      words.Note(keyword, nullptr, &value);
  }
  if (words.keywords.empty()) return;
  Add("documentation-changed", kDescribes, pair, OldPointer(pair), NewPointer(pair), words.before.Done(),
      words.after.Done(),
      fmt::format("{}: {} changed, which no message shows", Subject(pair.place.field), words.keywords));
}

void Walk::CompareMeaning(const Pair& pair) {
  for (const std::string_view keyword :
       {"contentEncoding", "contentMediaType", "unit", "unitCode", "units", "x-unit", "x-units"}) {
    const auto [old_node, before] = FindWord(pair.a, keyword);
    const auto [new_node, after] = FindWord(pair.b, keyword);
    if (before == nullptr && after == nullptr) continue;
    if (before != nullptr && after != nullptr && *before == *after) continue;
    const std::string word(keyword);
    const std::string old_pointer =
        old_node != nullptr ? KeywordPointer(*old_node, {keyword}) : OldPointer(pair);
    const std::string new_pointer =
        new_node != nullptr ? KeywordPointer(*new_node, {keyword}) : NewPointer(pair);
    const std::string subject = Subject(pair.place.field);
    const std::string kind = word.starts_with("content") ? Kebab(word) : "unit";
    if (before == nullptr) {
      Add(kind + "-added", kTightens, pair, old_pointer, new_pointer, std::nullopt, *after,
          fmt::format("{}: {} {} is declared now", subject, word, Shown(*after)));
    } else if (after == nullptr) {
      Add(kind + "-removed", kTakesAway, pair, old_pointer, new_pointer, *before, std::nullopt,
          fmt::format("{}: {} {} is declared no longer", subject, word, Shown(*before)));
    } else {
      Add(kind + "-changed", kBreaksByDeclaration, pair, old_pointer, new_pointer, *before, *after,
          fmt::format("{}: {} was {} and is now {}; the same value means something else", subject, word,
                      Shown(*before), Shown(*after)));
    }
  }
}

void Walk::CompareFormats(const Pair& pair) {
  const std::vector<std::string> before = FormatsOf(pair.a);
  const std::vector<std::string> after = FormatsOf(pair.b);
  if (before == after) return;
  const Node* old_node = FormatNode(pair.a);
  const Node* new_node = FormatNode(pair.b);
  const std::string old_pointer =
      old_node != nullptr ? KeywordPointer(*old_node, {"format"}) : OldPointer(pair);
  const std::string new_pointer =
      new_node != nullptr ? KeywordPointer(*new_node, {"format"}) : NewPointer(pair);
  const std::string subject = Subject(pair.place.field);
  const std::string old_format = fmt::format("{}", fmt::join(before, " and "));
  const std::string new_format = fmt::format("{}", fmt::join(after, " and "));
  if (std::includes(after.begin(), after.end(), before.begin(), before.end())) {
    Add("format-added", kTightens, pair, old_pointer, new_pointer,
        before.empty() ? std::nullopt : std::optional<Json>(old_format), Json(new_format),
        fmt::format("{}: format {} is declared now; producers promise more than before", subject,
                    new_format));
  } else if (std::includes(before.begin(), before.end(), after.begin(), after.end())) {
    Add("format-removed", kTakesAway, pair, old_pointer, new_pointer, Json(old_format),
        after.empty() ? std::nullopt : std::optional<Json>(new_format),
        fmt::format("{}: format {} is declared no longer; consumers cannot rely on it", subject, old_format));
  } else {
    Add("format-changed", kBreaksByDeclaration, pair, old_pointer, new_pointer, Json(old_format),
        Json(new_format),
        fmt::format("{}: the format was {} and is now {}", subject, old_format, new_format));
  }
}

bool Walk::CompareTypes(const Pair& pair) {
  const Types before = pair.a.types;
  const Types after = pair.b.types;
  const std::string subject = Subject(pair.place.field);
  const auto old_source = [&] {
    return pair.old_operand.nodes.empty() ? std::nullopt : std::optional(*pair.old_operand.nodes[0]->source);
  };
  const auto new_source = [&] {
    return pair.new_operand.nodes.empty() ? std::nullopt : std::optional(*pair.new_operand.nodes[0]->source);
  };
  if (pair.a.never && pair.b.never) return false;
  if (pair.a.never) {
    Add("value-allowed", kLoosens, pair, OldPointer(pair), NewPointer(pair), old_source(), new_source(),
        fmt::format("{}: nothing was accepted and {} is now", subject, TypesText(after)));
    return false;
  }
  if (pair.b.never) {
    Add("value-forbidden", kAsksWriters, pair, OldPointer(pair), NewPointer(pair), old_source(), new_source(),
        fmt::format("{}: {} was accepted and nothing is now", subject, TypesText(before)));
    return false;
  }
  if (before == after) return true;
  const auto pointer_of = [](const View& view, const std::string& otherwise) {
    for (const Node* node : view.nodes) {
      if (node->types || node->enumeration) return KeywordPointer(*node, {"type", "enum", "const"});
    }
    return otherwise;
  };
  const bool narrower = (after & ~before) == 0;
  const bool wider = (before & ~after) == 0;
  const Weight& weight = narrower ? kTightens : kBreaks;
  std::string reason =
      fmt::format("{}: the type was {} and is now {}", subject, TypesText(before), TypesText(after));
  reason += narrower ? "; producers promise more than before" : "; consumers are built for what it was";
  Add(narrower ? "type-narrowed"
      : wider  ? "type-widened"
               : "type-changed",
      weight, pair, pointer_of(pair.a, OldPointer(pair)), pointer_of(pair.b, NewPointer(pair)),
      Json(TypesText(before)), Json(TypesText(after)), std::move(reason));
  return (before & after) != 0;
}

Edits FindEdits(const Schema& before, const Schema& after) {
  WalkState state{.steps = kMostSteps, .same = {}, .costs = {}};
  Walk walk(state);
  walk.Compare({.nodes = {&before.root()}, .without = {}}, {.nodes = {&after.root()}, .without = {}}, {});
  return walk.Take();
}

bool IsDocumentation(const SchemaEdit& edit) { return edit.kind == "documentation-changed"; }

std::string_view ClassName(SchemaClass change_class) {
  switch (change_class) {
    case SchemaClass::kCompatible:
      return "COMPATIBLE";
    case SchemaClass::kCoordinated:
      return "COORDINATED";
    case SchemaClass::kBreaking:
      return "BREAKING";
  }
  return "";
}

}  // namespace sluice::schema
