// Doctor: its findings for people and for programs.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/doctor/doctor.h"

namespace sluice::agent::doctor {
namespace {

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "OK";
    case Verdict::kWarn:
      return "WARN";
    case Verdict::kFail:
      return "FAIL";
    case Verdict::kSkipped:
      return "SKIPPED";
  }
  return "";
}

const char* Color(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "\033[32m";
    case Verdict::kWarn:
      return "\033[33m";
    case Verdict::kFail:
      return "\033[31m";
    case Verdict::kSkipped:
      return "\033[2m";
  }
  return "";
}

// Control characters of what a server said must not reach a terminal.
std::string Clean(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

int CountOf(const Findings& findings, Verdict verdict) {
  return static_cast<int>(std::count_if(findings.begin(), findings.end(),
                                        [&](const Finding& one) { return one.verdict == verdict; }));
}

std::string PrintTable(const Findings& findings, bool color) {
  size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, finding.check.size());
  std::string text, area;
  for (const Finding& finding : findings) {
    if (finding.area != area) text += fmt::format("{}{}\n", area.empty() ? "" : "\n", finding.area);
    area = finding.area;
    text +=
        fmt::format("  {}{:<7}{}  {:<{}}  {}\n", color ? Color(finding.verdict) : "", Word(finding.verdict),
                    color ? "\033[0m" : "", finding.check, width, Clean(finding.sentence));
    if (!finding.remedy.empty())
      text += fmt::format("  {:<7}  {:<{}}  → {}\n", "", "", width, Clean(finding.remedy));
  }
  return text + fmt::format("\n{} OK, {} WARN, {} FAIL, {} SKIPPED\n", CountOf(findings, Verdict::kOk),
                            CountOf(findings, Verdict::kWarn), CountOf(findings, Verdict::kFail),
                            CountOf(findings, Verdict::kSkipped));
}

std::string PrintJson(const Findings& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"area", finding.area},
                    {"check", finding.check},
                    {"verdict", Word(finding.verdict)},
                    {"sentence", finding.sentence},
                    {"remedy", finding.remedy}});
  }
  const nlohmann::ordered_json all = {{"findings", std::move(list)},
                                      {"ok", CountOf(findings, Verdict::kOk)},
                                      {"warn", CountOf(findings, Verdict::kWarn)},
                                      {"fail", CountOf(findings, Verdict::kFail)},
                                      {"skipped", CountOf(findings, Verdict::kSkipped)}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace sluice::agent::doctor
