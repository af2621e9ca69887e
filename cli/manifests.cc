#include "cli/manifests.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <system_error>

namespace sluice::cli {
namespace {

namespace fs = std::filesystem;
using manifest::Problem;

constexpr char kStandardInput[] = "-";

Problem FileProblem(const std::string& file, std::string message, std::string remedy) {
  return {.at = {file, 0, 0}, .field = "", .message = std::move(message), .remedy = std::move(remedy)};
}

bool IsManifestName(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml" || path.extension() == ".json";
}

std::vector<std::string> ListDirectory(const std::string& directory, std::vector<Problem>& problems) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    bool hidden = name.starts_with('.');
    std::error_code ignored;  // a file that is gone by now is no file
    if (hidden && entry->is_directory(ignored)) entry.disable_recursion_pending();
    if (!hidden && entry->is_regular_file(ignored) && IsManifestName(entry->path()))
      files.push_back(entry->path().string());
  }
  if (error)
    problems.push_back(
        FileProblem(directory, "cannot be listed: " + error.message(), "check its permissions"));
  if (!error && files.empty()) {
    problems.push_back(
        FileProblem(directory, "no manifests in this directory", "they are called *.yaml, *.yml or *.json"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::string> ReadInput(std::istream& input) {
  std::string text;
  char buffer[64 * 1024];
  while (input.read(buffer, sizeof buffer) || input.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(input.gcount()));
    if (text.size() > manifest::kMaxFileBytes)
      return absl::ResourceExhaustedError("larger than the limit of 16 MiB");
  }
  return text;
}

manifest::Parsed LoadOne(const std::string& file, std::istream& standard_input,
                         std::set<std::string>& inlined) {
  bool is_input = file == kStandardInput;
  absl::StatusOr<std::string> text =
      is_input ? ReadInput(standard_input) : manifest::ReadLocalFile(file, manifest::kMaxFileBytes);
  if (!text.ok()) {
    return {.documents = {}, .problems = {FileProblem(file, std::string(text.status().message()), "")}};
  }
  manifest::ReadFile read_file = [&inlined](const std::string& path, size_t limit) {
    inlined.insert(fs::path(path).lexically_normal().string());
    return manifest::ReadLocalFile(path, limit);
  };
  return manifest::ParseManifests(*text, is_input ? "<stdin>" : file, read_file);
}

void Append(manifest::Parsed&& from, manifest::Parsed& to) {
  std::move(from.documents.begin(), from.documents.end(), std::back_inserter(to.documents));
  std::move(from.problems.begin(), from.problems.end(), std::back_inserter(to.problems));
}

}  // namespace

std::vector<std::string> ExpandPaths(const std::vector<std::string>& paths, std::vector<Problem>& problems) {
  std::vector<std::string> files;
  std::set<std::string> seen;
  auto add = [&](const std::string& file) {
    if (seen.insert(fs::path(file).lexically_normal().string()).second) files.push_back(file);
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != kStandardInput && fs::is_directory(path, error)) {
      for (const std::string& file : ListDirectory(path, problems)) add(file);
    } else {
      add(path);
    }
  }
  return files;
}

manifest::Parsed LoadManifests(const std::vector<std::string>& paths, std::istream& standard_input) {
  manifest::Parsed all;
  std::vector<std::string> files = ExpandPaths(paths, all.problems);
  std::set<std::string> inlined;
  std::map<size_t, manifest::Parsed> parts;  // by position in `files`
  // JSON last: by then it is known which of it is a schema of a manifest.
  for (bool json : {false, true}) {
    for (size_t i = 0; i < files.size(); ++i) {
      if (files[i].ends_with(".json") != json) continue;
      bool named = std::find(paths.begin(), paths.end(), files[i]) != paths.end();
      if (json && !named && inlined.contains(fs::path(files[i]).lexically_normal().string())) continue;
      parts[i] = LoadOne(files[i], standard_input, inlined);
    }
  }
  for (auto& [position, part] : parts) Append(std::move(part), all);
  return all;
}

std::vector<sluice::v1::Edit> EditsOf(const std::vector<manifest::Document>& documents,
                                      sluice::v1::Edit::Action action) {
  std::vector<sluice::v1::Edit> edits;
  for (const manifest::Document& document : documents) {
    sluice::v1::Edit& edit = edits.emplace_back();
    *edit.mutable_resource() = document.resource;
    edit.set_action(action);
  }
  return edits;
}

manifest::Location PlaceOf(const sluice::v1::Finding& finding,
                           const std::vector<manifest::Document>& documents) {
  size_t edit = static_cast<size_t>(std::max(finding.edit(), 0));
  return edit < documents.size() ? manifest::Locate(documents[edit].locations, finding.field())
                                 : manifest::Location{};
}

std::string FindingLine(const sluice::v1::Finding& finding,
                        const std::vector<manifest::Document>& documents) {
  manifest::Problem problem;
  problem.at = PlaceOf(finding, documents);
  if (problem.at.file.empty()) problem.at.file = finding.resource().empty() ? "request" : finding.resource();
  problem.field = finding.field();
  problem.message =
      (finding.severity() == sluice::v1::SEVERITY_WARNING ? "warning: " : "") + finding.message();
  problem.remedy = finding.remedy();
  return manifest::Format(problem);
}

std::vector<sluice::v1::Finding> Relevant(const std::vector<sluice::v1::Finding>& findings,
                                          const manifest::Parsed& parsed) {
  std::vector<sluice::v1::Finding> relevant;
  for (const sluice::v1::Finding& finding : findings) {
    size_t edit = static_cast<size_t>(std::max(finding.edit(), 0));
    bool complete = edit >= parsed.documents.size() || parsed.documents[edit].complete;
    if (!complete && finding.rule() == "required") continue;
    manifest::Location at = PlaceOf(finding, parsed.documents);
    bool explained =
        !complete &&
        std::any_of(parsed.problems.begin(), parsed.problems.end(), [&at](const Problem& problem) {
          return problem.at.file == at.file && problem.at.line == at.line;
        });
    if (!explained) relevant.push_back(finding);
  }
  return relevant;
}

}  // namespace sluice::cli
