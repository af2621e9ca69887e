// Golden cases as text, for tests only. A file under testdata holds cases:
//
//   == name of the case
//   input lines
//   --
//   expected output
//
// SLUICE_UPDATE_GOLDEN=1 rewrites the expected parts with what came out; read the diff before you believe it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/slice.h"
#include "common/core/text.h"

namespace sluice::core::golden {

struct Case {
  std::string name, input, expected;
};

inline std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t at = text.find(separator);
    if (const auto part = text.substr(0, at); !part.empty()) parts.emplace_back(part);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  return parts;
}

inline std::vector<Case> ReadCases(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::vector<Case> cases;
  bool expected = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("== ")) {
      cases.push_back({line.substr(3), "", ""});
      expected = false;
    } else if (cases.empty()) {
      continue;  // what stands above the first case is for readers
    } else if (line == "--") {
      expected = true;
    } else {
      (expected ? cases.back().expected : cases.back().input) += line + "\n";
    }
  }
  for (Case& each : cases) {  // the empty line between cases belongs to nobody
    while (each.expected.ends_with("\n\n")) each.expected.pop_back();
    if (each.expected == "\n") each.expected.clear();
  }
  return cases;
}

inline void WriteCases(const std::filesystem::path& file, const std::string& heading,
                       const std::vector<Case>& cases) {
  std::ofstream stream(file);
  stream << heading;
  for (size_t i = 0; i < cases.size(); ++i) {
    stream << (i == 0 ? "" : "\n") << "== " << cases[i].name << "\n"
           << cases[i].input << "--\n"
           << cases[i].expected;
  }
}

inline std::string HeadingOf(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string heading;
  for (std::string line; std::getline(stream, line) && !line.starts_with("== ");) heading += line + "\n";
  return heading;
}

// Runs every case under testdata/`folder`; returns how many there were.
inline size_t RunCases(const std::string& folder, const std::function<std::string(const std::string&)>& run) {
  const std::filesystem::path root =
      std::filesystem::path(SLUICE_SOURCE_DIR) / "common/core/testdata" / folder;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  size_t count = 0;
  for (const auto& file : files) {
    std::vector<Case> cases = ReadCases(file);
    for (Case& each : cases) {
      SCOPED_TRACE(Cat(file.filename().string(), ": ", each.name));
      const std::string actual = run(each.input);
      if (std::getenv("SLUICE_UPDATE_GOLDEN") == nullptr) EXPECT_EQ(each.expected, actual);
      each.expected = actual;
      ++count;
    }
    if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) WriteCases(file, HeadingOf(file), cases);
  }
  return count;
}

// A line of input: its first word, the other words, and `key=value` words by key.
struct Line {
  explicit Line(std::string_view text) : words(Split(text, ' ')) {
    for (const std::string& word : words) {
      if (const size_t at = word.find('='); at != std::string::npos)
        values[word.substr(0, at)] = word.substr(at + 1);
    }
  }

  bool Is(size_t index, std::string_view word) const { return index < words.size() && words[index] == word; }
  std::string At(size_t index) const { return index < words.size() ? words[index] : ""; }
  bool Has(const std::string& word) const {
    return std::find(words.begin(), words.end(), word) != words.end();
  }
  std::string Value(const std::string& key, std::string fallback = "") const {
    const auto found = values.find(key);
    return found == values.end() ? fallback : found->second;
  }
  int32_t Number(const std::string& key, int32_t fallback = 0) const {
    return std::stoi(Value(key, TextOf(fallback)));
  }
  std::vector<std::string> Items(const std::string& key) const { return Split(Value(key), ','); }
  // `config.KEY=VALUE` words.
  Config Configs() const {
    Config config;
    for (const auto& [key, value] : values) {
      if (key.starts_with("config.")) config[key.substr(7)] = value;
    }
    return config;
  }

  std::vector<std::string> words;
  std::map<std::string, std::string> values;
};

inline std::vector<Line> Lines(const std::string& text) {
  std::vector<Line> lines;
  for (const std::string& line : Split(text, '\n')) {
    if (Line parsed(line); !parsed.words.empty() && !parsed.words[0].starts_with('#'))
      lines.push_back(std::move(parsed));
  }
  return lines;
}

inline Operation ParseOperation(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Operation::kTwoPhaseCommit); ++i) {
    if (Name(static_cast<Operation>(i)) == name) return static_cast<Operation>(i);
  }
  ADD_FAILURE() << "no operation: " << name;
  return Operation::kAll;
}

// `[DENY] User:a READ topic LITERAL name [from host]`, as Describe prints it.
inline Acl ParseAcl(std::vector<std::string> words) {
  Acl acl;
  if (!words.empty() && words[0] == "DENY") {
    acl.permission = Permission::kDeny;
    words.erase(words.begin());
  }
  if (words.size() < 5) {
    ADD_FAILURE() << "an ACL has five words";
    return acl;
  }
  acl.principal = words[0];
  acl.operation = ParseOperation(words[1]);
  for (int i = 0; i <= static_cast<int>(ResourceType::kCluster); ++i) {
    if (Name(static_cast<ResourceType>(i)) == words[2]) acl.resource_type = static_cast<ResourceType>(i);
  }
  acl.pattern_type = words[3] == "PREFIXED" ? PatternType::kPrefixed : PatternType::kLiteral;
  acl.resource = words[4];
  if (words.size() > 6 && words[5] == "from") acl.host = words[6];
  return acl;
}

inline std::vector<std::string> After(const Line& line, size_t count) {
  return {line.words.begin() + static_cast<std::ptrdiff_t>(std::min(count, line.words.size())),
          line.words.end()};
}

inline std::string Print(const Config& config) {
  std::string text;
  for (const auto& [key, value] : config) text += Cat(" config.", key, "=", value);
  return text;
}

inline std::string PrintAbsence(const Absence& absence) {
  if (const auto* acl = std::get_if<Acl>(&absence.resource)) return Cat("acl ", Describe(*acl));
  if (const auto* lost = std::get_if<LostTopic>(&absence.resource)) {
    return Cat("lost topic ", lost->topic, " id=", lost->id,
               lost->accepted_id.empty() ? "" : " accepted=", lost->accepted_id);
  }
  const auto& config = std::get<AbsentConfig>(absence.resource);
  return Cat("config ", config.key, " of ", config.topic);
}

inline std::string Print(const Slice& slice) {
  std::string text = Cat("slice ", slice.key, "\n");
  for (const Topic& topic : slice.topics) {
    text += Cat("  topic ", topic.name, " partitions=", topic.partitions, " rf=", topic.replication_factor,
                topic.gate_subject.empty() ? "" : " gate=", topic.gate_subject, Print(topic.configs), "\n");
  }
  for (const Acl& acl : slice.acls) text += Cat("  acl ", Describe(acl), "\n");
  for (const Subject& subject : slice.subjects) {
    const bool is_long = subject.schema.size() > 100;
    text += Cat("  subject ", subject.name, " ", subject.schema_type, " ", subject.level,
                " schema=", is_long ? Cat(subject.schema.size(), "-bytes") : subject.schema.str(), "\n");
  }
  for (const Absence& absence : slice.absences) {
    text += Cat("  absent ", PrintAbsence(absence), " change=", absence.change, "\n");
  }
  for (const Note& note : slice.notes) text += Cat("  note ", note.type, ": ", note.message, "\n");
  return text;
}

}  // namespace sluice::core::golden
