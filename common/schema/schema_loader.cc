#include "common/schema/schema_loader.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/pointer.h"
#include "common/schema/uri.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostNodes = 60'000;
constexpr size_t kMostDepth = 256;
constexpr size_t kMostPointerBytes = 32 * 1024 * 1024;
constexpr size_t kMostProblems = 20;

std::optional<Dialect> PublishedDialect(std::string_view uri) {
  std::string_view name = SplitFragment(uri).resource;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (name.substr(0, scheme.size()) == scheme) name.remove_prefix(scheme.size());
  }
  if (name == "json-schema.org/draft-04/schema") return Dialect::kDraft4;
  if (name == "json-schema.org/draft-06/schema") return Dialect::kDraft6;
  if (name == "json-schema.org/draft-07/schema") return Dialect::kDraft7;
  if (name == "json-schema.org/draft/2019-09/schema") return Dialect::kDraft2019;
  if (name == "json-schema.org/draft/2020-12/schema") return Dialect::kDraft2020;
  return std::nullopt;
}

// The text of `$id`; nullptr when there is none. Up to draft-07 one beside a `$ref` means nothing, but that
// of a whole document is read all the same: schemas in use name themselves and then refer to one of their
// definitions.
const std::string* FindId(const Json& schema, Dialect dialect, bool whole_document) {
  const Json* id = schema.Find(dialect == Dialect::kDraft4 ? "id" : "$id");
  if (id == nullptr || !id->is_string()) return nullptr;
  if (!whole_document && dialect <= Dialect::kDraft7 && schema.Find("$ref") != nullptr) return nullptr;
  return &id->string();
}

}  // namespace

absl::Status SchemaLoader::Load(const Json& document) {
  by_source_.reserve(256);
  AddDocument(document, "");
  if (!full_) FollowReferences();
  if (problem_count_ == 0) CheckChains();
  return Problems();
}

int SchemaLoader::AddDocument(const Json& json, std::string name) {
  const int document = static_cast<int>(loaded_.documents.size());
  const int number = static_cast<int>(loaded_.resources.size());
  SchemaDocument& added = loaded_.documents.emplace_back(SchemaDocument{std::move(name), json});
  SchemaResource& resource = loaded_.resources.emplace_back();
  resource.base = SplitFragment(added.name).resource;
  resource.root = &added.json;
  resource.document = document;
  resource.dialect = options_.dialect;
  resources_.emplace(resource.base, number);
  ReadNode(added.json, {document, number, "", 0});
  return number;
}

bool SchemaLoader::HasRoom(const Place& place) {
  pointer_bytes_ += place.pointer.size();
  if (full_) return false;
  std::string bound;
  if (loaded_.nodes.size() >= kMostNodes) {
    bound = fmt::format("there are more than {} subschemas", kMostNodes);
  } else if (place.depth > kMostDepth) {
    bound = fmt::format("subschemas are nested deeper than {}", kMostDepth);
  } else if (pointer_bytes_ > kMostPointerBytes) {
    bound =
        fmt::format("the pointers of all subschemas together are longer than {} bytes", kMostPointerBytes);
  } else {
    return true;
  }
  full_ = true;
  Problem(place.document, place.pointer, bound);
  return false;
}

const Node* SchemaLoader::ReadNode(const Json& source, Place place) {
  if (!HasRoom(place)) return loaded_.nodes.empty() ? &loaded_.nodes.emplace_back() : &loaded_.nodes.front();
  Node& node = loaded_.nodes.emplace_back();
  node.source = &source;
  node.index = static_cast<int>(loaded_.nodes.size()) - 1;
  node.pointer = place.pointer;
  node.document = loaded_.documents[static_cast<size_t>(place.document)].name;
  by_source_.emplace(&source, &node);
  if (source.is_object()) {
    EnterResource(node, place);
    ReadMembers(node, place);
    return &node;
  }
  SchemaResource& resource = loaded_.resources[static_cast<size_t>(place.resource)];
  if (resource.root == &source) resource.node = &node;
  node.resource = place.resource;
  node.dialect = resource.dialect;
  if (!source.is_boolean()) {
    Problem(place.document, place.pointer, "a schema is an object or a boolean");
  } else {
    node.never = !source.boolean();
  }
  return &node;
}

// A resource inside of the one at `place`, which becomes that of `place`.
SchemaResource& SchemaLoader::AddResource(const Json& root, Place& place) {
  const SchemaResource& outer = loaded_.resources[static_cast<size_t>(place.resource)];
  place.resource = static_cast<int>(loaded_.resources.size());
  SchemaResource& added = loaded_.resources.emplace_back();
  added.base = outer.base;
  added.root = &root;
  added.pointer = place.pointer;
  added.document = place.document;
  added.dialect = outer.dialect;
  added.validation = outer.validation;
  return added;
}

// Begins a resource where one begins, and reads the dialect.
void SchemaLoader::EnterResource(Node& node, Place& place) {
  const Json& source = *node.source;
  SchemaResource* resource = &loaded_.resources[static_cast<size_t>(place.resource)];
  const bool whole_document = resource->root == &source && resource->node == nullptr;
  const Json* meta_schema =
      whole_document || source.Find("$id") != nullptr ? source.Find("$schema") : nullptr;
  std::optional<Vocabulary> vocabulary;
  if (meta_schema != nullptr) {
    vocabulary = FindVocabulary(*meta_schema, 0);
    if (!vocabulary) {
      Problem(place.document, Child(place.pointer, "$schema"),
              fmt::format("unknown dialect {}; known are draft-04, draft-06, draft-07, 2019-09 and 2020-12",
                          meta_schema->ToString()));
    }
  }
  const Dialect dialect = vocabulary ? vocabulary->dialect : resource->dialect;
  const std::string* id = FindId(source, dialect, whole_document);
  const bool names_resource = id != nullptr && (dialect > Dialect::kDraft7 || id->substr(0, 1) != "#");
  if (names_resource && !whole_document) resource = &AddResource(source, place);
  if (names_resource) {
    resource->base = SplitFragment(ResolveUri(resource->base, *id)).resource;
    resources_.emplace(resource->base, place.resource);
  }
  if (whole_document || names_resource) {
    resource->node = &node;
    if (vocabulary) resource->dialect = vocabulary->dialect;
    if (vocabulary) resource->validation = vocabulary->validation;
  }
  if (id != nullptr && resource->dialect <= Dialect::kDraft7) {  // where a fragment makes an anchor
    const std::string_view anchor = SplitFragment(*id).fragment;
    if (!anchor.empty()) resource->anchors.emplace(anchor, &node);
  }
  node.resource = place.resource;
  node.dialect = resource->dialect;
}

void SchemaLoader::ReadMembers(Node& node, const Place& place) {
  const bool validation = loaded_.resources[static_cast<size_t>(node.resource)].validation;
  const Json* ref = node.dialect <= Dialect::kDraft7 ? node.source->Find("$ref") : nullptr;
  for (const auto& [name, value] : node.source->object()) {
    const KeywordRule* rule = FindRule(name);
    if (rule == nullptr || node.dialect < rule->first || node.dialect > rule->last) continue;
    if (rule->validation && !validation) continue;
    if (ref != nullptr && name != "$ref" && name != "definitions" && name != "$defs") continue;
    (this->*rule->read)({node, name, value, place.document, place.depth});
  }
  if (node.if_ == nullptr) node.then_ = node.else_ = nullptr;
  if (node.contains == nullptr) node.min_contains = node.max_contains = std::nullopt;
  const auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(node.dependent_required.begin(), node.dependent_required.end(), by_name);
  std::sort(node.dependent_schemas.begin(), node.dependent_schemas.end(), by_name);
}

std::optional<SchemaLoader::Vocabulary> SchemaLoader::FindVocabulary(const Json& meta_schema,
                                                                     size_t hops) const {
  if (!meta_schema.is_string() || hops > 8) return std::nullopt;
  if (const std::optional<Dialect> dialect = PublishedDialect(meta_schema.string()))
    return Vocabulary{*dialect, true};
  const auto given = options_.references.find(std::string(SplitFragment(meta_schema.string()).resource));
  if (given == options_.references.end()) return std::nullopt;
  const Json* above = given->second.Find("$schema");
  std::optional<Vocabulary> vocabulary = above == nullptr ? std::nullopt : FindVocabulary(*above, hops + 1);
  if (const Json* list = given->second.Find("$vocabulary"); vocabulary && list != nullptr) {
    vocabulary->validation =
        list->Find("https://json-schema.org/draft/2020-12/vocab/validation") != nullptr ||
        list->Find("https://json-schema.org/draft/2019-09/vocab/validation") != nullptr;
  }
  return vocabulary;
}

std::string SchemaLoader::Keyword::Pointer() const { return Child(node.pointer, name); }

void SchemaLoader::Problem(const Keyword& keyword, std::string text) {
  Problem(keyword.document, keyword.Pointer(), std::move(text));
}

void SchemaLoader::Problem(int document, std::string_view pointer, std::string text) {
  if (++problem_count_ > kMostProblems) return;
  const std::string& name = loaded_.documents[static_cast<size_t>(document)].name;
  problems_.push_back(
      fmt::format("{}{}{}: {}", name, name.empty() && !pointer.empty() ? "" : "#", pointer, text));
}

absl::Status SchemaLoader::Problems() const {
  if (problem_count_ == 0) return absl::OkStatus();
  const std::string more =
      problem_count_ > kMostProblems ? fmt::format("; and {} more", problem_count_ - kMostProblems) : "";
  return absl::InvalidArgumentError(absl::StrJoin(problems_, "; ") + more);
}

}  // namespace sluice::schema
