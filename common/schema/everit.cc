#include "common/schema/everit.h"

#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>
#include <absl/status/status.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/everit_extract.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

uint64_t Under(uint64_t location, std::string_view token) {
  return absl::HashOf(location, std::hash<std::string_view>{}(token));
}

// The bytes that a URI fragment stands for (RFC 3986, 2.1).
std::string Unescape(std::string_view fragment) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  std::string text;
  for (size_t i = 0; i < fragment.size(); ++i) {
    if (fragment[i] == '%' && i + 2 < fragment.size() && digit(fragment[i + 1]) >= 0 &&
        digit(fragment[i + 2]) >= 0) {
      text.push_back(static_cast<char>(digit(fragment[i + 1]) * 16 + digit(fragment[i + 2])));
      i += 2;
    } else {
      text.push_back(fragment[i]);
    }
  }
  return text;
}

struct Place {
  const EveritNode* parent = nullptr;
  std::string_view keyword;
  std::optional<std::string> name;
};

// Reads one document. References are followed after everything else, so that cycles end and recursion is as
// deep as the document.
class Loader {
 public:
  Loader(const Json& document, EveritDialect dialect, StepBudget& budget, std::deque<EveritNode>& nodes)
      : document_(document), dialect_(dialect), budget_(budget), nodes_(nodes) {}

  absl::StatusOr<const EveritNode*> Run() {
    const EveritNode* root = Load(document_, {});
    while (!waiting_.empty() && error_.ok()) {
      const auto [node, reference] = waiting_.back();
      waiting_.pop_back();
      node->target = Target(*node, *reference);
    }
    if (!error_.ok()) return error_;
    return root;
  }

 private:
  bool modern() const { return dialect_ == EveritDialect::kModern; }
  bool draft4() const { return dialect_ == EveritDialect::kDraft4; }

  void Fail(const EveritNode& node, std::string_view keyword, std::string_view why) {
    if (!error_.ok()) return;
    const std::string place = keyword.empty() ? node.Pointer() : Child(node.Pointer(), keyword);
    error_ = absl::InvalidArgumentError(fmt::format("{}: {}", place.empty() ? "the schema" : place, why));
  }

  EveritNode* Make(const Json& json, Place place) {
    EveritNode& node = nodes_.emplace_back();
    node.source = &json;
    node.dialect = dialect_;
    if (place.parent != nullptr) node.location = Under(place.parent->location, place.keyword);
    if (place.name) node.location = Under(node.location, *place.name);
    node.parent = place.parent;
    node.keyword = place.keyword;
    node.name = std::move(place.name);
    if (!budget_.Spend(json.is_object() ? 8 + json.object().size() : 8) && error_.ok()) {
      error_ = absl::ResourceExhaustedError("the schemas are too big to predict what the registry says");
    }
    return &node;
  }

  const EveritNode* Load(const Json& json, Place place) {
    if (const auto found = loaded_.find(&json); found != loaded_.end()) return found->second;
    EveritNode* node = Make(json, std::move(place));
    loaded_.emplace(&json, node);
    Fill(node);
    return node;
  }

  void Fill(EveritNode* node) {
    if (!error_.ok()) return;
    const Json& json = *node->source;
    if (json.is_boolean()) {
      node->kind = json.boolean() ? EveritKind::kTrue : EveritKind::kFalse;
      return;
    }
    if (!json.is_object()) return Fail(*node, "", "neither an object nor a boolean");
    std::optional<EveritObjection> objection;
    const std::vector<EveritExtract> extracts = ExtractSchemas(json, dialect_, objection);
    if (objection) return Fail(*node, objection->keyword, objection->reason);
    if (extracts.size() == 1) return Build(node, node, extracts.front());
    if (extracts.empty()) return;
    node->kind = EveritKind::kAllOf;
    for (const EveritExtract& extract : extracts) node->parts.push_back(Part(node, extract));
  }

  // A node at the place of `whole`, whose children are children of `whole`.
  const EveritNode* Part(EveritNode* whole, const EveritExtract& extract) {
    EveritNode* part = Make(*whole->source, {whole->parent, whole->keyword, whole->name});
    part->base = whole->base;
    part->location = whole->location;
    part->alone = false;
    Build(part, whole, extract);
    return part;
  }

  // Makes `node` what `extract` says; `whole` is the node of the object.
  void Build(EveritNode* node, EveritNode* whole, const EveritExtract& extract) {
    node->kind = extract.kind;
    node->requires_integer = extract.integer;
    if (const auto objection = ObjectionToKeywords(*node->source, node->kind, dialect_)) {
      return Fail(*whole, objection->keyword, objection->reason);
    }
    switch (extract.kind) {
      case EveritKind::kObject:
        node->object = BuildObject(*whole);
        break;
      case EveritKind::kArray:
        node->array = BuildArray(*whole);
        break;
      case EveritKind::kEnum:
        if (!extract.value->is_array()) Fail(*whole, "enum", "must be an array");
        break;
      case EveritKind::kNot:
        node->parts.push_back(Load(*extract.value, {whole, "not", {}}));
        break;
      case EveritKind::kAllOf:
      case EveritKind::kAnyOf:
      case EveritKind::kOneOf:
        BuildBranches(node, whole, extract);
        break;
      case EveritKind::kConditional:
        for (const char* keyword : {"if", "then", "else"}) {
          const Json* child = whole->Find(keyword);
          node->parts.push_back(child == nullptr ? nullptr : Load(*child, {whole, keyword, {}}));
        }
        break;
      case EveritKind::kReference:
        if (!extract.value->is_string()) return Fail(*whole, extract.keyword, "must be a string");
        waiting_.emplace_back(node, &extract.value->string());
        break;
      default:
        break;
    }
  }

  void BuildBranches(EveritNode* node, EveritNode* whole, const EveritExtract& extract) {
    if (!extract.value->is_array()) return Fail(*whole, extract.keyword, "must be an array");
    size_t index = 0;
    for (const Json& branch : extract.value->array()) {
      if (!error_.ok()) return;
      node->parts.push_back(extract.keyword == "type"
                                ? Part(whole, *ExtractType(branch))
                                : Load(branch, {whole, extract.keyword, std::to_string(index++)}));
    }
  }

  // Where a schema must stand.
  const EveritNode* Schema(EveritNode& whole, const Json& json, std::string_view keyword,
                           std::optional<std::string> name = {}) {
    if (!json.is_object() && !json.is_boolean()) Fail(whole, keyword, "holds what is not a schema");
    return Load(json, {&whole, keyword, std::move(name)});
  }

  std::vector<NamedNode> Schemas(EveritNode& whole, const char* keyword) {
    std::vector<NamedNode> named;
    const Json* children = whole.Find(keyword);
    if (children == nullptr) return named;
    if (!children->is_object()) {
      Fail(whole, keyword, "must be an object");
      return named;
    }
    named.reserve(children->object().size());
    for (const auto& [name, child] : children->object()) {
      if (!error_.ok()) break;
      named.emplace_back(name, Schema(whole, child, keyword, name));
    }
    return named;
  }

  std::vector<std::string_view> Names(const EveritNode& whole, const char* keyword, const Json& list) {
    std::vector<std::string_view> names;
    const auto is_name = [](const Json& name) { return name.is_string(); };
    if (!list.is_array() || !std::all_of(list.array().begin(), list.array().end(), is_name)) {
      Fail(whole, keyword, "must be a list of names");
      return names;
    }
    budget_.Spend(list.array().size());
    for (const Json& name : list.array()) names.push_back(name.string());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  // A boolean or a schema.
  void Rest(EveritNode& whole, const char* keyword, const EveritNode** schema, bool* permits) {
    const Json* rest = whole.Find(keyword);
    if (rest == nullptr) return;
    if (rest->is_boolean()) {
      *permits = rest->boolean();
    } else {
      *schema = Load(*rest, {&whole, keyword, {}});
    }
  }

  std::unique_ptr<EveritObject> BuildObject(EveritNode& whole) {
    auto object = std::make_unique<EveritObject>();
    object->properties = Schemas(whole, "properties");
    object->pattern_properties = Schemas(whole, "patternProperties");
    Rest(whole, "additionalProperties", &object->additional, &object->permits_additional);
    if (const Json* required = whole.Find("required")) object->required = Names(whole, "required", *required);
    const Json* names = draft4() ? nullptr : whole.Find("propertyNames");
    if (names != nullptr) object->property_names = Schema(whole, *names, "propertyNames");
    if (modern()) object->schema_dependencies = Schemas(whole, "dependentSchemas");
    Dependencies(whole, modern() ? "dependentRequired" : "dependencies", *object);
    return object;
  }

  void Dependencies(EveritNode& whole, const char* keyword, EveritObject& object) {
    const Json* dependencies = whole.Find(keyword);
    if (dependencies == nullptr) return;
    if (!dependencies->is_object()) return Fail(whole, keyword, "must be an object");
    for (const auto& [name, dependency] : dependencies->object()) {
      if (!error_.ok()) return;
      if (!dependency.is_array()) {
        object.schema_dependencies.emplace_back(name, Schema(whole, dependency, keyword, name));
      } else if (!dependency.array().empty()) {  // the library drops an empty list
        object.property_dependencies.emplace_back(name, Names(whole, keyword, dependency));
      }
    }
  }

  std::unique_ptr<EveritArray> BuildArray(EveritNode& whole) {
    auto array = std::make_unique<EveritArray>();
    const char* const tuple_keyword = modern() ? "prefixItems" : "items";
    const char* const rest_keyword = modern() ? "items" : "additionalItems";
    const Json* tuple = whole.Find(tuple_keyword);
    array->has_tuple = tuple != nullptr && tuple->is_array();
    if (array->has_tuple) {
      for (size_t i = 0; i < tuple->array().size() && error_.ok(); ++i) {
        array->tuple.push_back(Schema(whole, tuple->array()[i], tuple_keyword, std::to_string(i)));
      }
    } else if (tuple != nullptr) {
      if (draft4() && !tuple->is_object()) Fail(whole, "items", "must be an object or an array in draft-04");
      array->items = Schema(whole, *tuple, tuple_keyword);
    }
    const bool only_items = modern() && !array->has_tuple;
    Rest(whole, rest_keyword, only_items ? &array->items : &array->additional, &array->permits_additional);
    const Json* contains = draft4() ? nullptr : whole.Find("contains");
    if (contains != nullptr) array->contains = Schema(whole, *contains, "contains");
    return array;
  }

  // The node that `reference` leads to: by pointer or by `$id` or anchor in the document.
  const EveritNode* Target(const EveritNode& node, const std::string& reference) {
    const size_t hash = reference.find('#');
    const std::string fragment =
        hash == std::string::npos ? "" : Unescape(std::string_view(reference).substr(hash + 1));
    const Json* id = document_.Find(draft4() ? "id" : "$id");
    const bool here = hash == 0 || (id != nullptr && id->is_string() && !id->string().empty() &&
                                    WithoutFragment(id->string()) == reference.substr(0, hash));
    if (here && (fragment.empty() || fragment.front() == '/')) {
      if (const Json* target = Resolve(document_, fragment)) return LoadTarget(*target, fragment);
    } else if (const Json* target = WithId(reference)) {
      return LoadTarget(*target, "");
    }
    if (here) {
      Fail(node, "$ref", fmt::format("{:.200} leads nowhere", reference));
    } else if (error_.ok()) {
      error_ = absl::UnimplementedError(
          fmt::format("{}: the registry would fetch {:.200}", node.Pointer(), reference));
    }
    return &node;
  }

  static std::string WithoutFragment(const std::string& uri) { return uri.substr(0, uri.find('#')); }

  // The object whose `$id` is `reference`, or whose anchor it names.
  const Json* WithId(const std::string& reference) {
    if (!ids_known_) IndexIds();
    ids_known_ = true;
    const auto found = ids_.find(reference);
    return found == ids_.end() ? nullptr : found->second;
  }

  void IndexIds() {
    std::vector<const Json*> todo = {&document_};
    while (!todo.empty() && budget_.Spend()) {
      const Json* json = todo.back();
      todo.pop_back();
      if (json->is_array()) {
        for (const Json& item : json->array()) todo.push_back(&item);
      } else if (json->is_object()) {
        for (const auto& [key, value] : json->object()) {
          if (value.is_string() && key == (draft4() ? "id" : "$id")) ids_.emplace(value.string(), json);
          if (value.is_string() && (key == "$anchor" || key == "$dynamicAnchor")) {
            ids_.emplace("#" + value.string(), json);
          }
          todo.push_back(&value);
        }
      }
    }
  }

  const EveritNode* LoadTarget(const Json& json, const std::string& pointer) {
    if (const auto found = loaded_.find(&json); found != loaded_.end()) return found->second;
    EveritNode* node = Make(json, {});
    const auto tokens = SplitPointer(pointer);
    for (size_t i = 0; tokens && i < tokens->size(); ++i)
      node->location = Under(node->location, (*tokens)[i]);
    node->base = pointer;
    loaded_.emplace(&json, node);
    Fill(node);
    return node;
  }

  const Json& document_;
  const EveritDialect dialect_;
  StepBudget& budget_;
  std::deque<EveritNode>& nodes_;
  absl::flat_hash_map<const Json*, const EveritNode*> loaded_;
  std::vector<std::pair<EveritNode*, const std::string*>> waiting_;
  absl::flat_hash_map<std::string, const Json*> ids_;
  bool ids_known_ = false;
  absl::Status error_;
};

}  // namespace

const EveritNode* EveritObject::Property(std::string_view name) const {
  const auto found = std::lower_bound(properties.begin(), properties.end(), name,
                                      [](const NamedNode& a, std::string_view b) { return a.first < b; });
  return found != properties.end() && found->first == name ? found->second : nullptr;
}

bool EveritObject::Requires(std::string_view name) const {
  return std::binary_search(required.begin(), required.end(), name);
}

std::string EveritNode::Pointer() const {
  std::vector<const EveritNode*> path;
  const EveritNode* node = this;
  for (; node->parent != nullptr; node = node->parent) path.push_back(node);
  std::string pointer = node->base;
  for (auto step = path.rbegin(); step != path.rend(); ++step) {
    pointer = Child(pointer, (*step)->keyword);
    if ((*step)->name) pointer = Child(pointer, *(*step)->name);
  }
  return pointer;
}

absl::StatusOr<EveritSchema> EveritSchema::Load(const Json& document, EveritDialect dialect,
                                                StepBudget& budget) {
  EveritSchema schema;
  schema.document_ = std::make_shared<const Json>(document);
  auto nodes = std::make_shared<std::deque<EveritNode>>();
  const absl::StatusOr<const EveritNode*> root = Loader(*schema.document_, dialect, budget, *nodes).Run();
  if (!root.ok()) return root.status();
  schema.nodes_ = std::move(nodes);
  schema.root_ = *root;
  return schema;
}

}  // namespace sluice::schema
