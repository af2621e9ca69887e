#include "common/schema/avro_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/schema/avro_default.h"
#include "common/schema/avro_logical.h"

namespace sluice::schema {
namespace {

constexpr int64_t kMaxFixed = 2'147'483'647;
constexpr AvroType kPrimitives[] = {AvroType::kNull,  AvroType::kBoolean, AvroType::kInt,
                                    AvroType::kLong,  AvroType::kFloat,   AvroType::kDouble,
                                    AvroType::kBytes, AvroType::kString};

// A primitive without attributes is one node wherever it stands.
const AvroNode* FindPrimitive(std::string_view word) {
  static const std::vector<AvroNode> nodes = [] {
    std::vector<AvroNode> all(std::size(kPrimitives));
    for (const AvroType type : kPrimitives) all[static_cast<size_t>(type)].type = type;
    return all;
  }();
  for (const AvroNode& node : nodes) {
    if (WordOf(node.type) == word) return &node;
  }
  return nullptr;
}

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

bool IsName(std::string_view name) {
  if (name.empty() || !IsLetter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return IsLetter(c) || (c >= '0' && c <= '9'); });
}

bool IsFullName(std::string_view name) {
  for (size_t from = 0;;) {
    const size_t dot = std::min(name.find('.', from), name.size());
    if (!IsName(name.substr(from, dot - from))) return false;
    if (dot == name.size()) return true;
    from = dot + 1;
  }
}

std::string_view SpaceOf(std::string_view full) {
  const size_t dot = full.rfind('.');
  return dot == std::string_view::npos ? "" : full.substr(0, dot);
}

// `text` in quotes, short enough and without control characters.
std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 80;
  size_t size = std::min(text.size(), kMost);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  std::string shown(text.substr(0, size));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return fmt::format("'{}{}'", shown, size < text.size() ? "…" : "");
}

}  // namespace

AvroLoader::AvroLoader(AvroSchema::Data& data, AvroRules rules, const AvroLimits& limits,
                       std::vector<AvroFault>& faults)
    : data_(data), rules_(rules), limits_(limits), faults_(faults) {}

AvroUse AvroLoader::LoadRoot() {
  const AvroUse root = Read(data_.document, {}, &data_.places.emplace_back());
  if (faults_.empty()) CheckDefaults();
  return root;
}

void AvroLoader::Fault(Place at, std::string message) {
  if (faults_.size() < limits_.faults) faults_.push_back({at->Pointer(), std::move(message)});
}

AvroLoader::Place AvroLoader::At(Place parent, const char* word) {
  return &data_.places.emplace_back(AvroPlace{parent, word, 0});
}

AvroLoader::Place AvroLoader::At(Place parent, size_t index) {
  return &data_.places.emplace_back(AvroPlace{parent, nullptr, static_cast<uint32_t>(index)});
}

AvroNode& AvroLoader::Make(AvroType type, const Json& json, Place at) {
  AvroNode& node = data_.nodes.emplace_back();
  node.type = type;
  node.source = &json;
  node.place = at;
  return node;
}

AvroUse AvroLoader::Finish(AvroNode& node, Place at) {
  if (node.source->is_object()) node.logical = ReadLogicalType(*node.source, node);
  data_.completed.push_back(&node);
  return {&node, at};
}

AvroUse AvroLoader::Read(const Json& json, Scope scope, Place at) {
  if (++scope.depth > limits_.depth) {
    Fault(at, fmt::format("types nested more than {} deep", limits_.depth));
    return {};
  }
  if (json.is_string()) return ReadReference(json.string(), scope, at);
  if (json.is_array()) return ReadUnion(json, scope, at);
  if (json.is_object()) return ReadObject(json, scope, at);
  Fault(at, at->parent == nullptr ? "an Avro schema is an object, a union or a name"
                                  : "a type is a word, an object or a list");
  return {};
}

AvroUse AvroLoader::ReadObject(const Json& json, Scope scope, Place at) {
  const Json* type = json.Find("type");
  if (type == nullptr) {
    Fault(at, "an object without 'type' is no type");
    return {};
  }
  if (!type->is_string()) return Read(*type, scope, At(at, "type"));
  const std::string& word = type->string();
  if (word == "record" || word == "error") return ReadRecord(json, scope, at);
  if (word == "enum") return ReadEnum(json, scope, at);
  if (word == "fixed") return ReadFixed(json, scope, at);
  if (word == "array") return ReadPart(AvroType::kArray, "items", json, scope, at);
  if (word == "map") return ReadPart(AvroType::kMap, "values", json, scope, at);
  const AvroNode* primitive = json.object().size() > 1 ? FindPrimitive(word) : nullptr;
  if (primitive == nullptr) return ReadReference(word, scope, at);
  return Finish(Make(primitive->type, json, at), at);
}

AvroUse AvroLoader::ReadReference(const std::string& word, Scope scope, Place at) {
  if (const AvroNode* primitive = FindPrimitive(word)) return {primitive, at};
  // A name without dots is of the namespace around it; Java looks in the empty one as well.
  auto found = named_.end();
  if (word.find('.') == std::string::npos && !scope.space.empty() && word.size() <= limits_.name_bytes) {
    found = named_.find(fmt::format("{}.{}", scope.space, word));
  }
  if (found == named_.end()) found = named_.find(word);
  if (found != named_.end()) return {found->second, at};
  Fault(at, fmt::format("{} is no type: it is none of null, boolean, int, long, float, double, bytes, string "
                        "and not defined before",
                        Quoted(word)));
  return {};
}

AvroUse AvroLoader::ReadUnion(const Json& json, Scope scope, Place at) {
  if (json.array().empty() && rules_ == AvroRules::kEveryVersion) Fault(at, "a union without types");
  AvroNode& node = Make(AvroType::kUnion, json, at);
  std::set<std::string_view> seen;
  for (size_t i = 0; i < json.array().size(); ++i) {
    const Place place = At(at, i);
    const AvroUse branch = Read(json.array()[i], scope, place);
    if (branch.node == nullptr) continue;
    if (branch.node->type == AvroType::kUnion) {
      Fault(place, "a union directly inside a union");
    } else if (!seen.insert(BranchName(*branch.node)).second) {
      Fault(place, fmt::format("a union that has {} twice", BranchName(*branch.node)));
    }
    node.parts.push_back(branch);
  }
  return Finish(node, at);
}

AvroUse AvroLoader::ReadPart(AvroType type, const char* key, const Json& json, Scope scope, Place at) {
  AvroNode& node = Make(type, json, at);
  if (const Json* part = json.Find(key)) {
    node.parts.push_back(Read(*part, scope, At(at, key)));
  } else {
    Fault(at, fmt::format("type '{}' without '{}'", WordOf(type), key));
  }
  return Finish(node, at);
}

std::string_view AvroLoader::FullName(std::string_view space, std::string_view name, Place at) {
  const bool whole = space.empty() || name.find('.') != std::string_view::npos;
  const size_t bytes = name.size() + (whole ? 0 : space.size() + 1);
  name_bytes_ += bytes;
  if (bytes > limits_.name_bytes || name_bytes_ > limits_.all_names) {
    Fault(at, fmt::format("a full name is at most {} bytes long, and all together {}", limits_.name_bytes,
                          limits_.all_names));
    return "";
  }
  return whole ? name : data_.names.emplace_back(fmt::format("{}.{}", space, name));
}

void AvroLoader::Define(AvroNode& node, const Json& json, Scope scope, Place at) {
  const Json* name = json.Find("name");
  if (name == nullptr || !name->is_string() || !IsFullName(name->string())) {
    Fault(at, "a record, enum or fixed needs a 'name' of letters, digits and '_'");
    return;
  }
  std::string_view space = scope.space;
  const Json* own = json.Find("namespace");
  if (own != nullptr && own->is_string()) {
    space = own->string();
  } else if (own != nullptr && !own->is_null()) {
    Fault(At(at, "namespace"), "a namespace is a string");
  }
  if (!space.empty() && !IsFullName(space)) {
    Fault(at, fmt::format("namespace {} is no name", Quoted(space)));
    return;
  }
  node.name = FullName(space, name->string(), at);
  if (node.name.empty()) return;
  if (FindPrimitive(node.ShortName()) != nullptr) {
    Fault(at, fmt::format("{} is the name of a primitive type", Quoted(node.ShortName())));
  }
  if (!named_.emplace(node.name, &node).second) {
    Fault(at, fmt::format("{} is defined twice", Quoted(node.name)));
  }
  for (const std::string_view alias : ReadAliases(json, at)) {
    if (IsFullName(alias)) {
      node.aliases.push_back(FullName(SpaceOf(node.name), alias, at));
    } else {
      Fault(At(at, "aliases"), fmt::format("alias {} is no name", Quoted(alias)));
    }
  }
}

std::vector<std::string_view> AvroLoader::ReadAliases(const Json& json, Place at) {
  std::vector<std::string_view> aliases;
  const Json* list = json.Find("aliases");
  if (list == nullptr || list->is_null()) return aliases;
  const bool strings = list->is_array() && std::all_of(list->array().begin(), list->array().end(),
                                                       [](const Json& alias) { return alias.is_string(); });
  if (!strings) {
    Fault(At(at, "aliases"), "aliases are a list of names");
    return aliases;
  }
  for (const Json& alias : list->array()) aliases.push_back(alias.string());
  return aliases;
}

AvroUse AvroLoader::ReadRecord(const Json& json, Scope scope, Place at) {
  AvroNode& node = Make(AvroType::kRecord, json, at);
  Define(node, json, scope, at);
  scope.space = node.name.empty() ? scope.space : SpaceOf(node.name);
  const Json* fields = json.Find("fields");
  if (fields == nullptr || !fields->is_array()) {
    Fault(at, "a record needs a list of 'fields'");
    return Finish(node, at);
  }
  const Place list = At(at, "fields");
  node.fields.reserve(fields->array().size());
  for (size_t i = 0; i < fields->array().size(); ++i) ReadField(fields->array()[i], scope, At(list, i), node);
  IndexFields(node);
  return Finish(node, at);
}

void AvroLoader::ReadField(const Json& json, Scope scope, Place at, AvroNode& record) {
  const Json* name = json.Find("name");
  if (name == nullptr || !name->is_string() || !IsName(name->string())) {
    Fault(at, "a field needs a 'name' of letters, digits and '_'");
    return;
  }
  const Json* type = json.Find("type");
  if (type == nullptr) {
    Fault(at, "a field needs a 'type'");
    return;
  }
  AvroField field;
  field.name = name->string();
  field.source = &json;
  field.place = at;
  field.default_value = json.Find("default");
  field.aliases = ReadAliases(json, at);
  if (!std::all_of(field.aliases.begin(), field.aliases.end(), IsName)) {
    Fault(At(at, "aliases"), "an alias of a field is a name of letters, digits and '_'");
  }
  const Json* order = json.Find("order");
  if (order != nullptr && *order != Json("ascending") && *order != Json("descending") &&
      *order != Json("ignore")) {
    Fault(At(at, "order"), "an order is 'ascending', 'descending' or 'ignore'");
  }
  field.type = Read(*type, scope, At(at, "type"));
  record.fields.push_back(std::move(field));
}

void AvroLoader::IndexFields(AvroNode& record) {
  for (uint32_t i = 0; i < record.fields.size(); ++i) record.by_name.push_back(i);
  const auto name = [&](uint32_t i) { return record.fields[i].name; };
  std::sort(record.by_name.begin(), record.by_name.end(),
            [&](uint32_t a, uint32_t b) { return name(a) != name(b) ? name(a) < name(b) : a < b; });
  for (size_t i = 1; i < record.by_name.size(); ++i) {
    const AvroField& field = record.fields[record.by_name[i]];
    if (field.name != name(record.by_name[i - 1])) continue;
    Fault(field.place, fmt::format("the record has field {} twice", Quoted(field.name)));
  }
}

AvroUse AvroLoader::ReadEnum(const Json& json, Scope scope, Place at) {
  AvroNode& node = Make(AvroType::kEnum, json, at);
  Define(node, json, scope, at);
  ReadSymbols(json, at, node);
  return Finish(node, at);
}

void AvroLoader::ReadSymbols(const Json& json, Place at, AvroNode& node) {
  const Json* symbols = json.Find("symbols");
  if (symbols == nullptr || !symbols->is_array() || symbols->array().empty()) {
    Fault(at, "an enum needs a list of 'symbols'");
    return;
  }
  std::set<std::string_view> seen;
  const Place list = At(at, "symbols");
  for (size_t i = 0; i < symbols->array().size(); ++i) {
    const Json& symbol = symbols->array()[i];
    if (!symbol.is_string() || !IsName(symbol.string())) {
      Fault(At(list, i), "a symbol is a word of letters, digits and '_'");
    } else if (!seen.insert(symbol.string()).second) {
      Fault(At(list, i), fmt::format("the enum has {} twice", Quoted(symbol.string())));
    } else {
      node.symbols.push_back(symbol.string());
    }
  }
  const Json* value = json.Find("default");
  if (value == nullptr) return;
  if (value->is_string() && seen.count(value->string()) > 0) {
    node.enum_default = value->string();
  } else {
    Fault(At(at, "default"), "the enum's default is none of its symbols");
  }
}

AvroUse AvroLoader::ReadFixed(const Json& json, Scope scope, Place at) {
  AvroNode& node = Make(AvroType::kFixed, json, at);
  Define(node, json, scope, at);
  const Json* size = json.Find("size");
  const std::optional<int64_t> bytes =
      size != nullptr && size->is_number() ? size->number().ToInt64() : std::nullopt;
  if (bytes && *bytes >= 0 && *bytes <= kMaxFixed) {
    node.size = *bytes;
  } else {
    Fault(at, fmt::format("a fixed needs a 'size' in bytes, from 0 to {}", kMaxFixed));
  }
  return Finish(node, at);
}

// At the end, because a default can be of a type that is still being read where it stands.
void AvroLoader::CheckDefaults() {
  size_t steps = limits_.default_steps;
  for (const AvroNode* node : data_.completed) {
    for (const AvroField& field : node->fields) {
      if (field.default_value == nullptr) continue;
      const std::optional<bool> fits = FitsAsDefault(*field.default_value, *field.type.node, rules_, steps);
      if (fits == true) continue;
      const bool in_union = field.type.node->type == AvroType::kUnion;
      const char* first = rules_ == AvroRules::kEveryVersion
                              ? "the default does not fit the first type of the union"
                              : "the default fits no type of the union";
      Fault(field.place, !fits      ? "the defaults are too many and too large to check"
                         : in_union ? first
                                    : "the default does not fit the type");
      if (!fits || faults_.size() >= limits_.faults) return;
    }
  }
}

}  // namespace sluice::schema
