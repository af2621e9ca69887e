#include "common/manifest/yaml.h"

#include <fmt/format.h>
#include <libfyaml.h>

#include <cstring>
#include <map>
#include <unordered_map>

#include "common/core/text.h"

namespace sluice::manifest {
namespace {

struct DiagDeleter {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct ParserDeleter {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};

void Discard(fy_diag*, void*, const char*, size_t) {}

std::string TextOf(fy_token* token) {
  size_t length = 0;
  const char* text = token == nullptr ? nullptr : fy_token_get_text(token, &length);
  return text == nullptr ? std::string() : std::string(text, length);
}

// Builds one document's tree from events.
class Builder {
 public:
  Builder(const std::string& file, size_t& expansions) : file_(file), expansions_(expansions) {}

  // False: stop, the document is broken (a problem says why).
  bool Take(fy_event* event) {
    CheckTag(event);
    switch (event->type) {
      case FYET_SCALAR:
        return TakeScalar(event);
      case FYET_ALIAS:
        return TakeAlias(event);
      case FYET_SEQUENCE_START:
        return Open(event, Node::Kind::kList);
      case FYET_MAPPING_START:
        return Open(event, Node::Kind::kMap);
      case FYET_SEQUENCE_END:
      case FYET_MAPPING_END:
        return Close();
      default:
        return true;
    }
  }

  YamlDocument Finish(bool complete) {
    if (!complete) root_ = nullptr;
    return {.root = std::move(root_), .problems = std::move(problems_)};
  }

  void Add(Location at, std::string message, std::string remedy) {
    if (problems_.size() > kMaxProblems) return;
    problems_.push_back(
        {.at = std::move(at), .field = "", .message = std::move(message), .remedy = std::move(remedy)});
  }

 private:
  struct Frame {
    std::shared_ptr<Node> node;
    std::string anchor;
    std::optional<MapEntry> pending;             // key whose value comes next
    bool drop = false;                           // the pending key is not kept
    std::unordered_map<std::string, int> lines;  // of the keys so far
  };

  Location At(fy_event* event) const {
    const fy_mark* mark = fy_event_start_mark(event);
    return mark == nullptr ? Location{file_, 0, 0} : Location{file_, mark->line + 1, mark->column + 1};
  }

  void CheckTag(fy_event* event) {
    fy_token* tag = fy_event_get_tag_token(event);
    if (tag == nullptr || event->type == FYET_DOCUMENT_START || event->type == FYET_DOCUMENT_END) return;
    Add(At(event), fmt::format("tags are not taken ({})", core::Quote(TextOf(tag))),
        "leave it out: the field decides the type");
  }

  bool TakeScalar(fy_event* event) {
    auto node = std::make_shared<Node>();
    node->at = At(event);
    node->text = TextOf(event->scalar.value);
    fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
    node->quoted = event->scalar.value != nullptr && style != FYSS_PLAIN && style != FYSS_ANY;
    std::string anchor = TextOf(event->scalar.anchor);
    if (!anchor.empty()) anchors_[anchor] = node;
    return Place(std::move(node));
  }

  bool TakeAlias(fy_event* event) {
    std::string name = TextOf(event->alias.anchor);
    auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      Add(At(event), fmt::format("the alias *{} names nothing", name),
          fmt::format("mark a value with &{} before it", name));
      return Place(std::make_shared<Node>(Node{.at = At(event)}));
    }
    if (found->second == nullptr) {
      Add(At(event), fmt::format("the alias *{} is inside of what it names", name), "write the value out");
      return false;
    }
    expansions_ += found->second->size;
    if (expansions_ > kMaxNodes) return TooMany(At(event));
    return Place(found->second);
  }

  bool TooMany(Location at) {
    Add(std::move(at), fmt::format("a document has at most {} nodes, aliases expanded", kMaxNodes),
        "split it up, and write values out instead of repeating them by alias");
    return false;
  }

  bool Open(fy_event* event, Node::Kind kind) {
    if (frames_.size() >= static_cast<size_t>(kMaxDepth)) return TooDeep(At(event));
    Frame frame;
    frame.node = std::make_shared<Node>();
    frame.node->kind = kind;
    frame.node->at = At(event);
    frame.anchor =
        TextOf(kind == Node::Kind::kMap ? event->mapping_start.anchor : event->sequence_start.anchor);
    if (!frame.anchor.empty()) anchors_[frame.anchor] = nullptr;  // open: must not hold itself
    frames_.push_back(std::move(frame));
    return true;
  }

  bool TooDeep(Location at) {
    Add(std::move(at), fmt::format("a document has at most {} levels", kMaxDepth), "nest less");
    return false;
  }

  bool Close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (!frame.anchor.empty()) anchors_[frame.anchor] = frame.node;
    return Place(std::move(frame.node));
  }

  // Puts a finished node into the open collection.
  bool Place(NodePtr node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Frame& frame = frames_.back();
    if (frame.node->kind == Node::Kind::kMap && !frame.pending) return TakeKey(frame, *node);
    frame.node->size += node->size;
    frame.node->depth = std::max(frame.node->depth, node->depth + 1);
    if (frame.node->size > kMaxNodes) return TooMany(node->at);
    if (frame.node->depth > kMaxDepth) return TooDeep(node->at);
    if (frame.node->kind == Node::Kind::kList) {
      frame.node->items.push_back(std::move(node));
      return true;
    }
    frame.pending->value = std::move(node);
    if (!frame.drop) frame.node->entries.push_back(*std::move(frame.pending));
    frame.pending.reset();
    return true;
  }

  bool TakeKey(Frame& frame, const Node& key) {
    frame.pending = MapEntry{.key = key.text, .at = key.at, .value = nullptr};
    frame.drop = key.kind != Node::Kind::kScalar;
    if (frame.drop) {
      Add(key.at,
          fmt::format("keys are plain words (got a {})", key.kind == Node::Kind::kList ? "list" : "mapping"),
          "write `key: value`");
      return true;
    }
    auto [first, fresh] = frame.lines.emplace(key.text, key.at.line);
    if (fresh) return true;
    frame.drop = true;
    Add(key.at,
        fmt::format("the key {} occurs twice (first in line {})", core::Quote(key.text), first->second),
        "remove one of them");
    return true;
  }

  const std::string& file_;
  size_t& expansions_;  // nodes that aliases added in the whole text
  std::vector<Frame> frames_;
  std::map<std::string, NodePtr> anchors_;
  NodePtr root_;
  std::vector<Problem> problems_;
};

}  // namespace

struct YamlReader::State {
  std::string file;
  std::unique_ptr<fy_diag, DiagDeleter> diag;
  std::unique_ptr<fy_parser, ParserDeleter> parser;
  size_t expansions = 0;
  bool ended = false;

  // What libfyaml has to say about the place where it stopped.
  Problem SyntaxProblem() const {
    void* iterator = nullptr;
    const fy_diag_error* error = fy_diag_errors_iterate(diag.get(), &iterator);
    Problem problem{.at = {file, 0, 0},
                    .field = "",
                    .message = "this is not YAML",
                    .remedy = "check indentation and quotes"};
    if (error == nullptr) return problem;
    problem.at = {file, error->line, error->column};
    problem.message = fmt::format("this is not YAML: {}", error->msg == nullptr ? "" : error->msg);
    if (problem.message.find("tab") != std::string::npos) problem.remedy = "indent with spaces";
    return problem;
  }
};

YamlReader::YamlReader(std::string_view text, const std::string& file) : state_(std::make_unique<State>()) {
  state_->file = file;
  fy_diag_cfg diag_config;
  fy_diag_cfg_default(&diag_config);
  diag_config.fp = nullptr;
  diag_config.output_fn = Discard;
  state_->diag.reset(fy_diag_create(&diag_config));
  fy_diag_set_collect_errors(state_->diag.get(), true);
  fy_parse_cfg config = {};
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
  config.diag = state_->diag.get();
  state_->parser.reset(fy_parser_create(&config));
  // libfyaml wants a string to begin somewhere, also an empty one.
  if (text.empty()) text = "\n";
  state_->ended = fy_parser_set_string(state_->parser.get(), text.data(), text.size()) != 0;
}

YamlReader::~YamlReader() = default;

std::optional<YamlDocument> YamlReader::Next() {
  Builder builder(state_->file, state_->expansions);
  while (!state_->ended) {
    fy_event* event = fy_parser_parse(state_->parser.get());
    if (event == nullptr || event->type == FYET_STREAM_END) {
      state_->ended = true;
      bool broken = event == nullptr || fy_parser_get_stream_error(state_->parser.get());
      if (event != nullptr) fy_parser_event_free(state_->parser.get(), event);
      if (!broken) return std::nullopt;
      YamlDocument document = builder.Finish(false);
      document.problems.push_back(state_->SyntaxProblem());
      return document;
    }
    bool finished = event->type == FYET_DOCUMENT_END;
    bool good = builder.Take(event);
    fy_parser_event_free(state_->parser.get(), event);
    if (!good) state_->ended = true;
    if (!good || finished) return builder.Finish(good);
  }
  return std::nullopt;
}

}  // namespace sluice::manifest
