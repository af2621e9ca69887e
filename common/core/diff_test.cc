// Golden cases of Diff: testdata/diff/*.test. Input:
//
//   slice KEY
//     topic NAME [partitions=1] [rf=3] [gate=SUBJECT] [config.K=V …]
//     acl User:a READ topic LITERAL NAME
//     subject NAME [LEVEL] [schema=TEXT]
//     absent acl … | absent config K of TOPIC | absent lost TOPIC id=ID [accepted=ID]      [change=C-1]
//   observed [no-topics] [no-acls] [no-subjects] [brokers=N]
//     topic NAME id=ID [partitions=1] [rf=3] [config.K=V …]
//     acl …
//     subject NAME [level=L] [versions=1] [registered] [latest]
//   ours
//     topic NAME [id=ID]
//     subject NAME
//   options [reserved=a,b] [scope=x,y] [cluster=NAME]
#include "common/core/diff.h"

#include <gtest/gtest.h>

#include "common/core/golden_text.h"

namespace sluice::core {
namespace {

using golden::Line;

struct Input {
  std::vector<Slice> desired;
  Observed observed;
  Ours ours;
  DiffOptions options;
};

class Reader {
 public:
  Input Read(const std::string& text) {
    input_.observed.topics.emplace();
    input_.observed.acls.emplace();
    input_.observed.subjects.emplace();
    for (const Line& line : golden::Lines(text)) Take(line);
    return std::move(input_);
  }

 private:
  void Take(const Line& line) {
    const std::string& word = line.words[0];
    if (word == "slice") {
      input_.desired.push_back(
          {.key = line.At(1), .topics = {}, .acls = {}, .subjects = {}, .absences = {}, .notes = {}});
      part_ = word;
    } else if (word == "observed") {
      part_ = word;
      if (line.Has("no-topics")) input_.observed.topics.reset();
      if (line.Has("no-acls")) input_.observed.acls.reset();
      if (line.Has("no-subjects")) input_.observed.subjects.reset();
      input_.observed.brokers = line.Number("brokers");
    } else if (word == "ours") {
      part_ = word;
    } else if (word == "options") {
      input_.options.cluster = line.Value("cluster");
      for (const std::string& user : line.Items("reserved")) input_.options.reserved_principals.insert(user);
      if (line.values.contains("scope")) {
        input_.options.scope.emplace();
        for (const std::string& name : line.Items("scope")) input_.options.scope->insert(name);
      }
    } else if (part_ == "slice") {
      TakeDesired(line, input_.desired.back());
    } else if (part_ == "observed") {
      TakeObserved(line);
    } else if (word == "topic") {
      input_.ours.topics[line.At(1)] = {line.Value("id")};
    } else {
      input_.ours.subjects.insert(line.At(1));
    }
  }

  static void TakeDesired(const Line& line, Slice& slice) {
    if (line.Is(0, "topic")) {
      slice.topics.push_back({line.At(1), line.Number("partitions", 1), line.Number("rf", 3), line.Configs(),
                              line.Value("gate")});
    } else if (line.Is(0, "acl")) {
      slice.acls.push_back(golden::ParseAcl(golden::After(line, 1)));
    } else if (line.Is(0, "subject")) {
      slice.subjects.push_back({line.At(1), "JSON", line.Value("schema", "{}"),
                                line.words.size() > 2 ? line.At(2) : "FORWARD_TRANSITIVE"});
    } else if (line.Is(1, "acl")) {
      slice.absences.push_back({golden::ParseAcl(golden::After(line, 2)), 1, line.Value("change", "C-1")});
    } else if (line.Is(1, "lost")) {
      slice.absences.push_back({LostTopic{line.At(2), line.Value("id"), line.Value("accepted")}, 1,
                                line.Value("change", "C-1")});
    } else {
      slice.absences.push_back({AbsentConfig{line.At(4), line.At(2)}, 1, line.Value("change", "C-1")});
    }
  }

  void TakeObserved(const Line& line) {
    if (line.Is(0, "topic")) {
      (*input_.observed.topics)[line.At(1)] = {line.Value("id"), line.Number("partitions", 1),
                                               line.Number("rf", 3), line.Configs()};
    } else if (line.Is(0, "acl")) {
      input_.observed.acls->insert(golden::ParseAcl(golden::After(line, 1)));
    } else {
      (*input_.observed.subjects)[line.At(1)] = {line.Value("level"), line.Number("versions", 1),
                                                 line.Has("registered"), line.Has("latest"), ""};
    }
  }

  Input input_;
  std::string part_;
};

std::string PrintKind(StepKind kind) {
  switch (kind) {
    case StepKind::kSetLevel:
      return "set-level";
    case StepKind::kRegisterSchema:
      return "register";
    case StepKind::kCreateTopic:
      return "create-topic";
    case StepKind::kSetConfig:
      return "set-config";
    case StepKind::kResetConfig:
      return "reset-config";
    case StepKind::kGrowPartitions:
      return "grow-partitions";
    case StepKind::kCreateAcl:
      return "create-acl";
    case StepKind::kDeleteAcl:
      return "delete-acl";
  }
  return "?";
}

std::string Print(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    text += Cat("step ", PrintKind(step.kind), " ", step.resource, step.key.empty() ? "" : " ", step.key,
                " | ", step.slice, " | ", step.before, " → ", step.after, " | ", step.reason,
                step.after_subject.empty() ? "" : " | after ", step.after_subject, "\n");
  }
  for (const Block& block : plan.blocked) {
    text +=
        Cat("blocked ", block.reason, " ", block.resource, " | ", block.slice, " | ", block.message, "\n");
  }
  for (const Foreign& foreign : plan.foreign) {
    text += Cat(foreign.excess ? "excess " : "foreign ", foreign.resource, " | ", foreign.slice, " | ",
                foreign.message, "\n");
  }
  for (const auto& [slice, absence] : plan.gone)
    text += Cat("gone ", golden::PrintAbsence(absence), " | ", slice, "\n");
  for (const auto& [topic, id] : plan.recognised) text += Cat("recognised ", topic, " ", id, "\n");
  for (const auto& [topic, id] : plan.given_up) text += Cat("given up ", topic, " ", id, "\n");
  return text.empty() ? "nothing\n" : text;
}

// Every golden case also obeys the law: after its steps nothing is left to do.
std::string DiffText(const std::string& text) {
  Input input = Reader().Read(text);
  const Plan plan = Diff(input.desired, input.observed, input.ours, input.options);
  ApplyToModel(plan.steps, input.observed, input.ours);
  const Plan again = Diff(input.desired, input.observed, input.ours, input.options);
  EXPECT_EQ(again.steps.size(), 0u) << "left to do:\n" << Print(again);
  return Print(plan);
}

TEST(Diff, Golden) { EXPECT_GE(golden::RunCases("diff", DiffText), 40u); }

}  // namespace
}  // namespace sluice::core
