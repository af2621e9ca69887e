// Where references lead (JSON Schema Core, 8.2 and 9): into the document, into documents that were given, or
// to a meta-schema.
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/meta_schemas.h"
#include "common/schema/pointer.h"
#include "common/schema/schema_loader.h"
#include "common/schema/uri.h"

namespace sluice::schema {
namespace {

constexpr uint16_t kMostChain = 256;

// The schemas that apply to the value that `node` applies to.
void AppendInPlace(const Node& node, std::vector<const Node*>& out) {
  for (const Node* one : {node.ref, node.dynamic_ref, node.not_, node.if_, node.then_, node.else_}) {
    if (one != nullptr) out.push_back(one);
  }
  for (const auto* many : {&node.all_of, &node.any_of, &node.one_of})
    out.insert(out.end(), many->begin(), many->end());
  for (const auto& [name, schema] : node.dependent_schemas) out.push_back(schema);
}

}  // namespace

void SchemaLoader::FollowReferences() {
  for (size_t i = 0; i < references_.size() && !full_; ++i) {  // grows while documents are read
    const Reference reference = references_[i];
    Follow(reference);
  }
}

void SchemaLoader::Follow(const Reference& reference) {
  Node& node = *reference.node;
  const SchemaResource& resource = loaded_.resources[static_cast<size_t>(node.resource)];
  const int document = resource.document;
  const std::string uri = ResolveUri(resource.base, reference.text);
  const Node* target = FindTarget(node, uri, reference.text);
  const bool recursive = node.dialect == Dialect::kDraft2019;
  if (target == nullptr) {
    const std::string_view keyword = !reference.dynamic ? "$ref"
                                     : recursive        ? "$recursiveRef"
                                                        : "$dynamicRef";
    return Problem(document, Child(node.pointer, keyword),
                   fmt::format("{} leads nowhere; nothing is fetched", Json(reference.text).ToString()));
  }
  if (!reference.dynamic) {
    node.ref = target;
    return;
  }
  node.dynamic_ref = target;
  const std::string anchor =
      recursive ? "$recursiveAnchor" : std::string(SplitFragment(reference.text).fragment);
  const auto& anchors = loaded_.resources[static_cast<size_t>(target->resource)].dynamic_anchors;
  const auto marked = anchors.find(anchor);
  if (marked != anchors.end() && marked->second == target) node.dynamic_anchor = anchor;
}

const Node* SchemaLoader::FindTarget(const Node& from, const std::string& uri, std::string_view text) {
  const SplitUri parts = SplitFragment(uri);
  const bool local = text.substr(0, 1) == "#";
  const std::string key = local ? fmt::format("{}{}", from.resource, text) : fmt::format(" {}", uri);
  const auto known = targets_.find(key);
  if (known != targets_.end()) return known->second;
  const int number = local ? from.resource : FindResource(parts.resource, SplitFragment(text).resource);
  if (number < 0) return nullptr;
  const std::string fragment = PercentDecode(parts.fragment);
  const SchemaResource& resource = loaded_.resources[static_cast<size_t>(number)];
  const Node* target = nullptr;
  if (fragment.empty()) {
    target = resource.node;
  } else if (fragment[0] == '/') {
    target = FindPointer(number, fragment);
  } else if (const auto anchor = resource.anchors.find(fragment); anchor != resource.anchors.end()) {
    target = anchor->second;
  }
  if (target != nullptr) targets_.emplace(key, target);
  return target;
}

// The number of the resource that `uri`, or as it was written `text`, names; -1 when there is none.
int SchemaLoader::FindResource(std::string_view uri, std::string_view text) {
  const std::string name(uri);
  if (const auto known = resources_.find(name); known != resources_.end()) return known->second;
  for (const std::string& key : {name, name + "#", std::string(text), std::string(text) + "#"}) {
    if (const std::optional<int> given = LoadGiven(key)) return *given;
  }
  if (const std::string_view meta_schema = MetaSchemaText(name); !meta_schema.empty()) {
    return AddDocument(ParseJson(meta_schema).value_or(Json()), name);
  }
  for (const auto& [key, document] : options_.references) {
    const Json* id = document.Find("$id") != nullptr ? document.Find("$id") : document.Find("id");
    if (id == nullptr || !id->is_string() || SplitFragment(ResolveUri(key, id->string())).resource != name)
      continue;
    return LoadGiven(key).value_or(-1);
  }
  return -1;
}

std::optional<int> SchemaLoader::LoadGiven(const std::string& name) {
  const auto given = options_.references.find(name);
  if (given == options_.references.end()) return std::nullopt;
  const std::string key(SplitFragment(name).resource);
  if (const auto known = resources_.find(key); known != resources_.end()) return known->second;
  return AddDocument(given->second, name);
}

// What a JSON Pointer names in a resource; where nothing was read yet (in a keyword that we do not know), it
// is read as a schema of the innermost resource around it.
const Node* SchemaLoader::FindPointer(int resource, std::string_view fragment) {
  const SchemaResource& start = loaded_.resources[static_cast<size_t>(resource)];
  const std::optional<std::vector<std::string>> tokens = SplitPointer(fragment);
  if (!tokens || start.root == nullptr) return nullptr;
  Place place{start.document, resource, start.pointer, 0};
  const Json* value = start.root;
  const std::string& document = loaded_.documents[static_cast<size_t>(start.document)].name;
  const Node* node = start.node;
  for (const std::string& token : *tokens) {
    value = value->is_object() ? value->Find(token) : Resolve(*value, Child("", token));
    if (value == nullptr) return nullptr;
    place.pointer = Child(place.pointer, token);
    const auto read = by_source_.find(value);
    const bool same = read != by_source_.end() && read->second->pointer == place.pointer &&
                      read->second->document == document;
    node = same ? read->second : nullptr;
    if (node != nullptr) place.resource = node->resource;
  }
  if (node != nullptr) return node;
  const std::string key = fmt::format("{}#{}", start.document, place.pointer);
  if (const auto known = by_pointer_.find(key); known != by_pointer_.end()) return known->second;
  if (!value->is_object() && !value->is_boolean()) return nullptr;
  node = ReadNode(*value, place);
  by_pointer_.emplace(key, node);
  return node;
}

// Refuses schemas that apply to one value without end, and too long chains, which nobody could follow by
// recursion.
void SchemaLoader::CheckChains() {
  enum : uint16_t { kUnseen = 0, kOpen = 0xFFFF };
  std::vector<uint16_t> height(loaded_.nodes.size(), kUnseen);  // of those that are done, from 1
  struct Step {
    const Node* node;
    std::vector<const Node*> next;
    size_t at = 0;
    uint16_t height = 1;
  };
  std::vector<Step> path;
  const auto begin = [&](const Node& node) {
    height[static_cast<size_t>(node.index)] = kOpen;
    AppendInPlace(node, path.emplace_back(Step{&node, {}}).next);
  };
  for (const Node& root : loaded_.nodes) {
    if (height[static_cast<size_t>(root.index)] == kUnseen) begin(root);
    while (!path.empty()) {
      Step& step = path.back();
      const int document = loaded_.resources[static_cast<size_t>(step.node->resource)].document;
      if (path.size() > kMostChain || step.height > kMostChain) {
        return Problem(
            document, step.node->pointer,
            fmt::format("more than {} schemas apply to one value one through the other", kMostChain));
      }
      if (step.at == step.next.size()) {
        const uint16_t done = step.height;
        height[static_cast<size_t>(step.node->index)] = done;
        path.pop_back();
        if (!path.empty()) path.back().height = std::max<uint16_t>(path.back().height, done + 1);
        continue;
      }
      const Node& next = *step.next[step.at++];
      const uint16_t known = height[static_cast<size_t>(next.index)];
      if (known == kOpen) return Problem(document, step.node->pointer, "a reference that is its own target");
      if (known == kUnseen) {
        begin(next);
      } else {
        step.height = std::max<uint16_t>(step.height, known + 1);
      }
    }
  }
}

}  // namespace sluice::schema
