#include "controlplane/maintenance/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "controlplane/rpc/json.h"

namespace sluice::controlplane {

void CheckedPart::Add(std::string what, std::string remedy) {
  ++problem_count;
  if (problems.size() < kMaxProblems) problems.push_back({std::move(what), std::move(remedy)});
}

bool CheckReport::ok() const {
  return std::all_of(parts.begin(), parts.end(),
                     [](const CheckedPart& part) { return part.problem_count == 0; });
}

std::string ToText(const CheckReport& report) {
  std::string text = fmt::format("{} at revision {}\n\n{:<14}{:>10}  RESULT\n", report.directory,
                                 report.revision, "CHECK", "EXAMINED");
  for (const CheckedPart& part : report.parts) {
    const std::string result = part.problem_count == 0 ? "ok" : fmt::format("{} wrong", part.problem_count);
    text += fmt::format("{:<14}{:>10}  {}\n", part.name, part.examined, result);
  }
  for (const CheckedPart& part : report.parts) {
    for (const Problem& problem : part.problems)
      text += fmt::format("\n{}: {}\n  {}\n", part.name, problem.what, problem.remedy);
    if (part.problem_count > static_cast<int64_t>(part.problems.size()))
      text += fmt::format("\n{}: and {} more\n", part.name,
                          part.problem_count - static_cast<int64_t>(part.problems.size()));
  }
  return text;
}

std::string ToJson(const CheckReport& report) {
  const Json parts(json_array());
  for (const CheckedPart& part : report.parts) {
    json_t* problems = json_array();
    for (const Problem& problem : part.problems)
      json_array_append_new(
          problems, json_pack("{s:s, s:s}", "what", problem.what.c_str(), "remedy", problem.remedy.c_str()));
    json_array_append_new(parts.get(),
                          json_pack("{s:s, s:I, s:I, s:o}", "name", part.name.c_str(), "examined",
                                    static_cast<json_int_t>(part.examined), "problem_count",
                                    static_cast<json_int_t>(part.problem_count), "problems", problems));
  }
  const Json whole(json_pack("{s:s, s:b, s:I, s:O}", "directory", report.directory.c_str(), "ok",
                             report.ok() ? 1 : 0, "revision", static_cast<json_int_t>(report.revision),
                             "parts", parts.get()));
  const std::unique_ptr<char, decltype(&std::free)> text(json_dumps(whole.get(), JSON_INDENT(2)), &std::free);
  return text == nullptr ? "" : std::string(text.get()) + "\n";
}

}  // namespace sluice::controlplane
