// SchemaLoader: reads JSON documents into the nodes of a LoadedSchema. Its methods are in three files:
// schema_loader.cc (documents, resources, nodes), schema_keywords.cc (what each keyword means) and
// schema_references.cc (where references lead).
//
// Thread safety: none; one loader loads one schema.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/schema/loaded_schema.h"

namespace sluice::schema {

class SchemaLoader {
 public:
  SchemaLoader(LoadedSchema& loaded, const LoadOptions& options) : loaded_(loaded), options_(options) {}

  // The root of `document` and of everything that it refers to. Once.
  absl::Status Load(const Json& document);

 private:
  // A keyword where it occurs.
  struct Keyword {
    Node& node;
    std::string_view name;
    const Json& value;
    int document;
    size_t depth;

    std::string Pointer() const;
  };
  using Read = void (SchemaLoader::*)(const Keyword&);
  struct KeywordRule {
    Dialect first;
    Dialect last;
    bool validation;  // of the validation vocabulary
    Read read;
  };
  struct Place {
    int document = 0;
    int resource = 0;
    std::string pointer;
    size_t depth = 0;
  };
  struct Reference {
    Node* node;
    bool dynamic;
    std::string text;
  };
  // What a `$schema` says.
  struct Vocabulary {
    Dialect dialect;
    bool validation;
  };

  // schema_loader.cc
  int AddDocument(const Json& json, std::string name);  // the number of its resource
  const Node* ReadNode(const Json& source, Place place);
  SchemaResource& AddResource(const Json& root, Place& place);
  void EnterResource(Node& node, Place& place);
  void ReadMembers(Node& node, const Place& place);
  std::optional<Vocabulary> FindVocabulary(const Json& meta_schema, size_t hops) const;
  bool HasRoom(const Place& place);
  void Problem(int document, std::string_view pointer, std::string text);
  void Problem(const Keyword& keyword, std::string text);
  absl::Status Problems() const;

  // schema_keywords.cc
  static const KeywordRule* FindRule(std::string_view keyword);
  const Node* ReadChild(const Keyword& keyword, const Json& source, std::string pointer);
  std::optional<std::vector<std::string>> Names(const Keyword& keyword, const Json& value);
  bool NeedsObject(const Keyword& keyword);
  bool NeedsArray(const Keyword& keyword);
  std::shared_ptr<const Pattern> MakePattern(const Keyword& keyword, std::string_view text);
  template <std::optional<Decimal> Node::* kField>
  void ReadNumber(const Keyword& keyword);
  template <std::optional<Decimal> Node::* kField>
  void ReadCount(const Keyword& keyword);
  template <std::optional<Decimal> Node::* kInclusive, std::optional<Decimal> Node::* kExclusive>
  void ReadBound(const Keyword& keyword);
  template <std::optional<Decimal> Node::* kExclusive>
  void ReadExclusiveBound(const Keyword& keyword);
  template <const Node* Node::* kField>
  void ReadSchema(const Keyword& keyword);
  template <std::vector<const Node*> Node::* kField>
  void ReadSchemas(const Keyword& keyword);
  void ReadMultipleOf(const Keyword& keyword);
  void ReadTypes(const Keyword& keyword);
  void ReadEnum(const Keyword& keyword);
  void ReadConst(const Keyword& keyword);
  void ReadPattern(const Keyword& keyword);
  void ReadFormat(const Keyword& keyword);
  void ReadUniqueItems(const Keyword& keyword);
  void ReadItems(const Keyword& keyword);
  void ReadAdditionalItems(const Keyword& keyword);
  void ReadProperties(const Keyword& keyword);
  void ReadPatternProperties(const Keyword& keyword);
  void ReadRequired(const Keyword& keyword);
  void ReadDependencies(const Keyword& keyword);
  void ReadDependentRequired(const Keyword& keyword);
  void ReadDependentSchemas(const Keyword& keyword);
  void ReadDefinitions(const Keyword& keyword);
  void ReadReference(const Keyword& keyword);
  void ReadDynamicReference(const Keyword& keyword);
  void ReadAnchor(const Keyword& keyword);
  void ReadDynamicAnchor(const Keyword& keyword);
  void ReadRecursiveAnchor(const Keyword& keyword);

  // schema_references.cc
  void FollowReferences();
  void Follow(const Reference& reference);
  const Node* FindTarget(const Node& from, const std::string& uri, std::string_view text);
  int FindResource(std::string_view uri, std::string_view text);
  std::optional<int> LoadGiven(const std::string& name);
  const Node* FindPointer(int resource, std::string_view fragment);
  void CheckChains();

  LoadedSchema& loaded_;
  const LoadOptions& options_;
  absl::flat_hash_map<std::string, int> resources_;  // by URI
  absl::flat_hash_map<const Json*, const Node*>
      by_source_;  // the first one where parts of documents are shared
  absl::flat_hash_map<std::string, const Node*> by_pointer_;  // what was read because a reference leads there
  absl::flat_hash_map<std::string, const Node*> targets_;     // by absolute URI
  std::vector<Reference> references_;
  bool full_ = false;  // a bound was passed; nothing more is read
  size_t pointer_bytes_ = 0;
  std::vector<std::string> problems_;
  size_t problem_count_ = 0;
};

}  // namespace sluice::schema
