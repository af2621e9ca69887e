#include "common/schema/avro_resolve.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "common/schema/avro_pairs.h"
#include "common/schema/avro_witness.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostLevels = 200;       // of a witness
constexpr size_t kMostReached = 500'000;  // places queued; beyond them a problem may go unreported

// How a place was reached from the one before it, as the writer's message has it.
enum class Step { kNone, kField, kItem, kValue, kBranch };

struct Reached {
  AvroUse writer;
  AvroUse reader;
  size_t parent = 0;  // of the first: itself
  Step step = Step::kNone;
  size_t index = 0;  // of the writer's field or branch
};

std::string Describe(const AvroNode& node) {
  if (!IsNamed(node.type)) return std::string(WordOf(node.type));
  return fmt::format("{} {}", WordOf(node.type), node.name);
}

std::string Join(const std::vector<std::string_view>& words) {
  constexpr size_t kMost = 5;
  std::string text;
  for (size_t i = 0; i < words.size() && i < kMost; ++i) {
    text.append(i > 0 ? ", " : "").append(words[i]);
  }
  if (words.size() > kMost) text += fmt::format(" and {} more", words.size() - kMost);
  return text;
}

// Goes from the root through the pairs that fail, the nearest first, and tells what is wrong at the last
// ones.
class Report {
 public:
  Report(const AvroSchema& writer, AvroPairs& pairs, size_t most_problems)
      : pairs_(pairs), data_(writer), most_problems_(most_problems) {}

  std::vector<AvroProblem> Make(const AvroUse& writer, const AvroUse& reader) {
    seen_.emplace(writer.node, reader.node);
    reached_.push_back({writer, reader});
    for (size_t i = 0; i < reached_.size() && problems_.size() < most_problems_; ++i) Visit(i);
    return std::move(problems_);
  }

 private:
  void Visit(size_t at) {
    const AvroNode& writer = *reached_[at].writer.node;
    const AvroNode& reader = *reached_[at].reader.node;
    if (writer.type == AvroType::kUnion) return VisitWriterUnion(at);
    if (reader.type == AvroType::kUnion) return VisitReaderUnion(at);
    if (!MatchesOutside(writer, reader)) return TellMismatch(at);
    switch (writer.type) {
      case AvroType::kRecord:
        return VisitRecord(at);
      case AvroType::kEnum:
        return TellSymbols(at);
      case AvroType::kFixed:
        return Tell(at, AvroProblemKind::kSizeMismatch, "/size",
                    fmt::format("the writer's {} has {} bytes, the reader's {}", Describe(writer),
                                writer.size, reader.size),
                    data_.Make(writer));
      case AvroType::kArray:
        return Descend(at, writer.parts[0], reader.parts[0], Step::kItem, 0);
      case AvroType::kMap:
        return Descend(at, writer.parts[0], reader.parts[0], Step::kValue, 0);
      default:
        return;
    }
  }

  void VisitWriterUnion(size_t at) {
    const AvroNode& writer = *reached_[at].writer.node;
    for (size_t i = 0; i < writer.parts.size(); ++i) {
      Descend(at, writer.parts[i], reached_[at].reader, Step::kBranch, i);
    }
  }

  // Of the branches that match from outside, the one of the same full name tells most.
  void VisitReaderUnion(size_t at) {
    const AvroNode& writer = *reached_[at].writer.node;
    const AvroNode& reader = *reached_[at].reader.node;
    const std::vector<uint32_t> candidates = pairs_.Candidates(writer, reader);
    if (candidates.empty()) {
      return Tell(at, AvroProblemKind::kMissingBranch, "",
                  fmt::format("no type of the reader's union reads the writer's {}", Describe(writer)),
                  Sample(writer, reader));
    }
    uint32_t chosen = candidates[0];
    for (const uint32_t i : candidates) {
      if (reader.parts[i].node->name == writer.name) chosen = i;
    }
    Descend(at, reached_[at].writer, reader.parts[chosen], Step::kNone, 0);
  }

  void VisitRecord(size_t at) {
    const AvroNode& writer = *reached_[at].writer.node;
    for (const AvroField& field : reached_[at].reader.node->fields) {
      const AvroField* written = FindWritten(writer, field);
      if (written != nullptr) {
        Descend(at, written->type, field.type, Step::kField,
                static_cast<size_t>(written - writer.fields.data()));
      } else if (field.default_value == nullptr) {
        TellMissingField(at, field);
      }
      if (problems_.size() >= most_problems_) return;
    }
  }

  void Descend(size_t at, const AvroUse& writer, const AvroUse& reader, Step step, size_t index) {
    if (pairs_.Resolves(*writer.node, *reader.node) || reached_.size() >= kMostReached) return;
    const bool ends = writer.node->type != AvroType::kUnion && reader.node->type != AvroType::kUnion &&
                      !MatchesOutside(*writer.node, *reader.node);
    if (ends || seen_.emplace(writer.node, reader.node).second) {
      reached_.push_back({writer, reader, at, step, index});
    }
  }

  void TellMismatch(size_t at) {
    const AvroNode& writer = *reached_[at].writer.node;
    const AvroNode& reader = *reached_[at].reader.node;
    if (writer.type == reader.type) {
      return Tell(at, AvroProblemKind::kNameMismatch, "/name",
                  fmt::format("the writer's {} is called {} by the reader, without an alias",
                              Describe(writer), reader.name),
                  data_.Make(writer));
    }
    Tell(at, AvroProblemKind::kTypeMismatch, "",
         fmt::format("the writer's {} cannot be read as {}", Describe(writer), Describe(reader)),
         Sample(writer, reader));
  }

  void TellSymbols(size_t at) {
    const AvroNode& writer = *reached_[at].writer.node;
    const AvroNode& reader = *reached_[at].reader.node;
    const std::vector<std::string_view> missing = MissingSymbols(writer, reader);
    if (missing.empty()) return;
    Tell(at, AvroProblemKind::kMissingSymbols, "/symbols",
         fmt::format("the reader's {} lacks {} and has no default", Describe(reader), Join(missing)),
         Json(missing[0]));
  }

  void TellMissingField(size_t at, const AvroField& field) {
    const AvroNode& writer = *reached_[at].writer.node;
    Tell(at, AvroProblemKind::kMissingField, "/fields",
         fmt::format("the reader's {} needs field {}, which the writer's has not and which has no default",
                     Describe(*reached_[at].reader.node), field.name),
         data_.Make(writer));
    problems_.back().reader = field.place->Pointer();
  }

  // Adds the problem of a place; `below` is told of the definitions, "" of the places themselves.
  void Tell(size_t at, AvroProblemKind kind, std::string_view below, std::string reason,
            std::optional<Json> sample) {
    const Reached& reached = reached_[at];
    AvroProblem problem;
    problem.kind = kind;
    const auto pointer = [&](const AvroUse& use) {
      return below.empty() ? use.place->Pointer() : use.node->place->Pointer().append(below);
    };
    problem.writer = pointer(reached.writer);
    problem.reader = pointer(reached.reader);
    problem.writer_use = reached.writer.place->Pointer();
    problem.reader_use = reached.reader.place->Pointer();
    problem.reason = std::move(reason);
    if (sample) Wrap(at, *std::move(sample), problem);
    problems_.push_back(std::move(problem));
  }

  std::optional<Json> Sample(const AvroNode& writer, const AvroNode& reader) {
    const AvroNode& only =
        reader.type == AvroType::kUnion && reader.parts.size() == 1 ? *reader.parts[0].node : reader;
    std::optional<Json> sample = Unreadable(writer.type, only.type);
    return sample ? sample : data_.Make(writer);
  }

  // The whole message around the value at `at`.
  void Wrap(size_t at, Json value, AvroProblem& problem) {
    std::vector<std::string> tokens;
    for (size_t levels = 0; at != 0; at = reached_[at].parent, ++levels) {
      if (levels > kMostLevels) return;
      const Reached& reached = reached_[at];
      const AvroNode& outer = *reached_[reached.parent].writer.node;
      std::optional<Json> wrapped = WrapStep(reached, outer, std::move(value), tokens);
      if (!wrapped) return;
      value = *std::move(wrapped);
    }
    for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
      problem.instance = Child(problem.instance, std::string_view(*token));
    }
    problem.witness = std::move(value);
  }

  std::optional<Json> WrapStep(const Reached& reached, const AvroNode& outer, Json value,
                               std::vector<std::string>& tokens) {
    switch (reached.step) {
      case Step::kField:
        tokens.emplace_back(outer.fields[reached.index].name);
        return data_.MakeRecord(outer, reached.index, std::move(value));
      case Step::kItem:
        tokens.emplace_back("0");
        return Json(Json::Array{std::move(value)});
      case Step::kValue:
        tokens.emplace_back("key");
        return JsonObject().Set("key", std::move(value)).Done();
      case Step::kBranch:
        if (!value.is_null()) tokens.emplace_back(BranchName(*reached.writer.node));
        return InUnion(*reached.writer.node, std::move(value));
      case Step::kNone:
        break;
    }
    return value;
  }

  AvroPairs& pairs_;
  SmallestData data_;
  size_t most_problems_;
  std::vector<Reached> reached_;
  std::set<std::pair<const AvroNode*, const AvroNode*>> seen_;
  std::vector<AvroProblem> problems_;
};

}  // namespace

AvroResolution ResolveAvro(const AvroSchema& writer, const AvroSchema& reader,
                           const AvroResolutionLimits& limits) {
  AvroResolution resolution;
  AvroPairs pairs(*writer.root().node, *reader.root().node, limits.most_steps);
  if (!pairs.complete()) {
    resolution.answer = Answer::kUndecided;
    resolution.undecided.push_back(
        fmt::format("the schemas lead to more than {} pairs of types", limits.most_steps));
  }
  if (pairs.Resolves(*writer.root().node, *reader.root().node)) return resolution;
  resolution.answer = Answer::kIncompatible;
  resolution.problems = Report(writer, pairs, limits.most_problems).Make(writer.root(), reader.root());
  return resolution;
}

}  // namespace sluice::schema
