// Markdown: what tests try out of the documentation: code blocks, links, commands. Thread safety: plain values.
#pragma once

#include <string>
#include <vector>

namespace sluice::testing {

// A fenced code block.
struct Block {
  std::string language;  // `yaml`, `sh`; may be empty
  std::string text;
  int line = 0;  // of its first line of text, from 1
};

struct Link {
  std::string target;  // as written, without `#fragment`
  int line = 0;
};

// One call of the command-line client, in a block or in the text.
struct Command {
  std::vector<std::string> words;  // after `sluice`, without comments: `apply`, `-f`, `x.yaml`
  int line = 0;
};

struct Page {
  std::string file;
  std::vector<Block> blocks;
  std::vector<Link> links;
  std::vector<Command> commands;
};

Page ReadPage(const std::string& file);

// README, ARCHITECTURE, CONTRIBUTING and everything below docs/.
std::vector<Page> ReadPages();

}  // namespace sluice::testing
