// YAML text as a tree of nodes with places, built from libfyaml's events. JSON is read as the subset of YAML
// that it is. Repeated keys, keys that are no plain words, tags, aliases of nothing and everything over the
// bounds of manifest.h are problems; the first of equal keys stays. Thread safety: plain values; a YamlReader
// belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/manifest/manifest.h"

namespace sluice::manifest {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct MapEntry {
  std::string key;
  Location at;  // of the key
  NodePtr value;
};

struct Node {
  enum class Kind { kScalar, kList, kMap };
  Kind kind = Kind::kScalar;
  Location at;
  std::string text;               // kScalar
  bool quoted = false;            // kScalar: was it in quotes or a block
  std::vector<NodePtr> items;     // kList
  std::vector<MapEntry> entries;  // kMap, in their order, keys unique
  size_t size = 1;                // nodes in it, aliases expanded
  int depth = 1;                  // levels in it, aliases expanded

  // Nothing stands there: an empty value, `~` or `null`.
  bool IsNull() const {
    return kind == Kind::kScalar && !quoted && (text.empty() || text == "~" || text == "null");
  }
};

struct YamlDocument {
  NodePtr root;
  std::vector<Problem> problems;
};

// The documents of one text, one after the other.
class YamlReader {
 public:
  YamlReader(std::string_view text, const std::string& file);  // `text` must outlive the reader
  ~YamlReader();
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  // nullopt: the text has ended. After a document whose `root` is null there is no other: the text was broken
  // there.
  std::optional<YamlDocument> Next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::manifest
