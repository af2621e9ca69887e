// Runs a fuzz target without libFuzzer, the same in every run: `replay CORPUS MUTATIONS [SEED]` tries every file of the directory, then
// that many mutations of them. An input that breaks a rule is left in `crash-input` of the working directory.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

// Of the sanitizers, where there are any.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr size_t kMaxInput = 1 << 16;
std::string input;  // what is tried now

void Try() { LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()); }

void KeepInput() {
  std::ofstream("crash-input", std::ios::binary) << input;
  std::fprintf(stderr, "the input is in crash-input of the working directory\n");
}

void KeepInputAtDeath() {
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(KeepInput);
  std::signal(SIGABRT, [](int) {
    KeepInput();
    std::_Exit(1);
  });
}

std::vector<std::string> ReadCorpus(const char* directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return corpus;
}

std::string Piece(const std::string& from, std::mt19937& random) {
  return from.empty() ? "" : from.substr(random() % from.size(), 1 + random() % 40);
}

// One to five edits: bytes removed, repeated, changed, or taken from another input.
std::string Mutate(std::string text, const std::vector<std::string>& corpus, std::mt19937& random) {
  for (size_t edits = 1 + random() % 5; edits > 0; --edits) {
    const size_t at = random() % (text.size() + 1);
    switch (random() % 6) {
      case 0: text.erase(at, 1 + random() % 16); break;
      case 1: text.insert(at, Piece(text, random)); break;
      case 2: text.insert(at, Piece(corpus[random() % corpus.size()], random)); break;
      case 3: text.insert(at, 1 + random() % 4, static_cast<char>(random() % 256)); break;
      case 4: if (at < text.size()) text[at] = static_cast<char>(random() % 256); break;
      default: if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random() % 8)); break;
    }
  }
  text.resize(std::min(text.size(), kMaxInput));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: %s CORPUS MUTATIONS [SEED]\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus = ReadCorpus(argv[1]);
  const int mutations = std::atoi(argv[2]);
  if (corpus.empty() || mutations <= 0) {
    std::fprintf(stderr, "nothing to try: %zu files, %d mutations\n", corpus.size(), mutations);
    return 2;
  }
  KeepInputAtDeath();
  for (const std::string& each : corpus) {
    input = each;
    Try();
  }
  std::mt19937 random(argc == 4 ? static_cast<unsigned>(std::atoi(argv[3])) : 20261122);
  for (int i = 0; i < mutations; ++i) {
    input = Mutate(corpus[random() % corpus.size()], corpus, random);
    Try();
  }
  std::printf("%zu files, %d mutations\n", corpus.size(), mutations);
}
