// Texts: what is common to every file, and documents one by one.
#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"
#include "common/manifest/decode.h"
#include "common/manifest/manifest.h"
#include "common/manifest/words.h"
#include "common/wire/wire.h"

namespace sluice::manifest {
namespace {

constexpr std::string_view kKind = "kind";

Problem MakeProblem(Location at, std::string message, std::string remedy) {
  return {.at = std::move(at), .field = "", .message = std::move(message), .remedy = std::move(remedy)};
}

// Brackets that open a level without closing one cost the parser memory long before the level's own limit is
// seen.
constexpr size_t kMaxOpenBrackets = 100'000;

bool OpensTooManyBrackets(std::string_view text) {
  size_t open = 0;
  for (char c : text) {
    if (c == '[' || c == '{') ++open;
    if ((c == ']' || c == '}') && open > 0) --open;
    if (open > kMaxOpenBrackets) return true;
  }
  return false;
}

// What forbids to read a text at all.
std::vector<Problem> CheckText(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileBytes) {
    return {MakeProblem({file, 0, 0},
                        fmt::format("a file has at most 16 MiB (got {} MiB)", (text.size() >> 20) + 1),
                        "split it up")};
  }
  if (OpensTooManyBrackets(text)) {
    return {MakeProblem({file, 0, 0}, fmt::format("a document has at most {} levels", kMaxDepth),
                        "close brackets, and nest less")};
  }
  size_t bad = wire::FirstBadByte(text);
  if (bad == std::string_view::npos) return {};
  std::string_view before = text.substr(0, bad);
  size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {
      MakeProblem({file, static_cast<int>(line), static_cast<int>(bad - start + 1)},
                  fmt::format("a file is UTF-8 text (byte 0x{:02X})", static_cast<unsigned char>(text[bad])),
                  "store it as UTF-8, without control characters")};
}

// Keeps the first problems of too many.
void Cap(const std::string& file, std::vector<Problem>& problems) {
  if (problems.size() <= kMaxProblems) return;
  problems.resize(kMaxProblems - 1);
  problems.push_back(MakeProblem({file, 0, 0}, fmt::format("there are more than {} problems", kMaxProblems),
                                 "mend these first"));
}

Problem EmptyFile(const std::string& file, std::string_view remedy) {
  return MakeProblem({file, 0, 0}, "the file is empty", std::string(remedy));
}

// The field of Resource that the document is about; nullptr: a problem says why not.
const google::protobuf::FieldDescriptor* TakeKind(const Node& root, std::vector<Problem>& problems) {
  auto add = [&problems](const Location& at, std::string message, std::string remedy) {
    problems.push_back(MakeProblem(at, std::move(message), std::move(remedy)));
    return nullptr;
  };
  if (root.kind != Node::Kind::kMap) {
    return add(root.at, fmt::format("a manifest is a mapping with a 'kind' (got {})", Got(root)),
               "begin it with `kind: DataProduct`");
  }
  auto entry = std::find_if(root.entries.begin(), root.entries.end(),
                            [](const MapEntry& e) { return e.key == kKind; });
  if (entry == root.entries.end()) {
    return add(root.at, "a manifest says its 'kind'",
               fmt::format("add `kind:` with one of {}", core::List(KnownKinds())));
  }
  const Node& kind = *entry->value;
  if (kind.kind != Node::Kind::kScalar || kind.IsNull()) {
    return add(kind.at, fmt::format("'kind' is a word (got {})", Got(kind)),
               fmt::format("say one of {}", core::List(KnownKinds())));
  }
  const auto* field = KindField(kind.text);
  if (field != nullptr) return field;
  if (IsPlannedKind(kind.text)) {
    return add(kind.at, fmt::format("kind {} is not available yet", kind.text), "leave the document out");
  }
  return add(kind.at, fmt::format("unknown kind {}", core::Quote(kind.text)),
             Suggest(kind.text, KnownKinds()));
}

bool ByPlace(const Problem& a, const Problem& b) {
  return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
}

Document TakeBody(const Node& root, const google::protobuf::FieldDescriptor* kind, const ReadFile& read_file,
                  std::vector<Problem>& problems) {
  Document document;
  document.kind = kind->message_type()->name();
  auto* body = document.resource.GetReflection()->MutableMessage(&document.resource, kind);
  Decode(root, std::string(kKind), *body, {read_file, document.locations, problems});
  return document;
}

void TakeDocument(const YamlDocument& yaml, const ReadFile& read_file, Parsed& parsed) {
  size_t before = parsed.problems.size();
  parsed.problems.insert(parsed.problems.end(), yaml.problems.begin(), yaml.problems.end());
  if (yaml.root == nullptr) return;
  const auto* field = TakeKind(*yaml.root, parsed.problems);
  if (field != nullptr) parsed.documents.push_back(TakeBody(*yaml.root, field, read_file, parsed.problems));
  std::stable_sort(parsed.problems.begin() + static_cast<std::ptrdiff_t>(before), parsed.problems.end(),
                   ByPlace);
  if (field != nullptr) parsed.documents.back().complete = parsed.problems.size() == before;
}

}  // namespace

std::string Format(const Location& location) {
  if (location.line == 0) return location.file;
  return fmt::format("{}:{}:{}", location.file, location.line, location.column);
}

std::string Format(const Problem& problem) {
  std::string line = Format(problem.at) + ": ";
  if (!problem.field.empty()) line += problem.field + ": ";
  line += problem.message;
  if (!problem.remedy.empty()) line += "; " + problem.remedy;
  return line;
}

Location Locate(const Locations& locations, std::string_view field) {
  std::string path(field);
  while (true) {
    auto found = locations.find(path);
    if (found != locations.end()) return found->second;
    if (path.empty()) return {};
    size_t cut = path.find_last_of(".[");
    path.resize(cut == std::string::npos ? 0 : cut);
  }
}

Parsed ParseManifests(std::string_view text, const std::string& file, const ReadFile& read_file) {
  Parsed parsed;
  parsed.problems = CheckText(text, file);
  if (!parsed.problems.empty()) return parsed;
  YamlReader reader(text, file);
  bool empty = true;
  while (parsed.problems.size() <= kMaxProblems) {
    std::optional<YamlDocument> yaml = reader.Next();
    if (!yaml) break;
    if (yaml->root != nullptr && yaml->root->IsNull() && yaml->problems.empty()) continue;
    empty = false;
    TakeDocument(*yaml, read_file, parsed);
  }
  if (empty) parsed.problems.push_back(EmptyFile(file, "write a manifest: `kind: DataProduct` and so on"));
  Cap(file, parsed.problems);
  return parsed;
}

std::vector<Problem> ParseMessage(std::string_view text, const std::string& file,
                                  google::protobuf::Message& message) {
  std::vector<Problem> problems = CheckText(text, file);
  if (!problems.empty()) return problems;
  YamlReader reader(text, file);
  std::optional<YamlDocument> yaml = reader.Next();
  if (!yaml || (yaml->root != nullptr && yaml->root->IsNull()))
    return {EmptyFile(file, "write its settings")};
  problems = std::move(yaml->problems);
  if (yaml->root == nullptr) return problems;
  Locations locations;
  Decode(*yaml->root, "", message, {nullptr, locations, problems});
  RequireFields(message, "", locations, problems);
  if (std::optional<YamlDocument> more = reader.Next()) {
    problems.insert(problems.end(), more->problems.begin(), more->problems.end());
    if (more->root != nullptr && !more->root->IsNull()) {
      problems.push_back(MakeProblem(more->root->at, "a configuration file has one document",
                                     "remove the `---` and what follows"));
    }
  }
  Cap(file, problems);
  return problems;
}

}  // namespace sluice::manifest
