#include "tests/docs/markdown.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>

namespace sluice::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFence = "```";

// `text` as a call of the client; it may begin with `./run`.
std::optional<Command> CommandIn(std::string_view text, int line) {
  std::istringstream words{std::string(text.substr(0, text.find(" #")))};
  std::string word;
  words >> word;
  if (word == "./run") words >> word;
  if (word != "sluice") return std::nullopt;
  Command command{.words = {}, .line = line};
  while (words >> word) command.words.push_back(word);
  return command;
}

void ReadProse(const std::string& text, int line, Page& page) {
  static const std::regex kLink(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  static const std::regex kCode("`([^`]+)`");
  for (std::sregex_iterator at(text.begin(), text.end(), kLink), end; at != end; ++at) page.links.push_back({(*at)[1], line});
  for (std::sregex_iterator at(text.begin(), text.end(), kCode), end; at != end; ++at) {
    if (auto command = CommandIn((*at)[1].str(), line)) page.commands.push_back(*std::move(command));
  }
}

}  // namespace

Page ReadPage(const std::string& file) {
  Page page{.file = file, .blocks = {}, .links = {}, .commands = {}};
  std::ifstream stream(file);
  bool inside = false;
  int line = 0;
  for (std::string text; std::getline(stream, text);) {
    ++line;
    if (text.starts_with(kFence)) {
      inside = !inside;
      if (inside) page.blocks.push_back({.language = text.substr(kFence.size()), .text = "", .line = line + 1});
    } else if (!inside) {
      ReadProse(text, line, page);
    } else {
      page.blocks.back().text += text + "\n";
      if (page.blocks.back().language != "sh") continue;
      if (auto command = CommandIn(text, line)) page.commands.push_back(*std::move(command));
    }
  }
  return page;
}

std::vector<Page> ReadPages() {
  const fs::path root = SLUICE_SOURCE_DIR;
  std::vector<std::string> files;
  for (const char* name : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}) files.push_back((root / name).string());
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<Page> pages;
  for (const std::string& file : files) pages.push_back(ReadPage(file));
  return pages;
}

}  // namespace sluice::testing
