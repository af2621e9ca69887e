#include "common/core/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>

#include "common/core/testing/fields.h"

namespace sluice::core {
namespace {

constexpr const char* kFolder = SLUICE_SOURCE_DIR "/common/core/testdata/";

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

bool TakeWord(std::string_view word, std::string_view& line) {
  if (line.substr(0, word.size()) != word || line.size() <= word.size() || line[word.size()] != ' ')
    return false;
  line = Trim(line.substr(word.size()));
  return true;
}

// The definition that `kind/name` has in `catalog`, or a new one of that name.
template <typename T>
bool Begin(const Catalog& catalog, std::string_view resource, std::optional<Definition>& out) {
  const std::string prefix = ResourceName(T::kKind, "");
  if (resource.substr(0, prefix.size()) != prefix) return false;
  const std::string_view name = resource.substr(prefix.size());
  const T* found = catalog.Of<T>().Find(name);
  T value = found == nullptr ? T() : *found;
  value.name = std::string(name);
  out = std::move(value);
  return true;
}

Definition BeginAny(const Catalog& catalog, std::string_view resource) {
  std::optional<Definition> out;
  const bool known = Begin<Environment>(catalog, resource, out) || Begin<Category>(catalog, resource, out) ||
                     Begin<Domain>(catalog, resource, out) || Begin<Customer>(catalog, resource, out) ||
                     Begin<Application>(catalog, resource, out) || Begin<Cluster>(catalog, resource, out) ||
                     Begin<DataProduct>(catalog, resource, out) || Begin<Grant>(catalog, resource, out);
  if (!known) throw std::invalid_argument("no such kind in '" + std::string(resource) + "'");
  return *std::move(out);
}

// Reads one file line by line.
class Reader {
 public:
  Reader(std::string file, Catalog world) : file_(std::move(file)), world_(std::move(world)) {}

  std::vector<GoldenCase> Read() {
    std::ifstream stream(kFolder + file_);
    if (!stream) Stop("cannot be read");
    for (std::string line; std::getline(stream, line);) {
      ++line_;
      const std::string_view text = Trim(line);
      if (text.empty() || text[0] == '#') continue;
      try {
        Take(text);
      } catch (const std::exception& error) {
        Stop(error.what());
      }
    }
    FinishCase();
    return std::move(cases_);
  }

 private:
  void Take(std::string_view line) {
    const std::string_view whole = line;
    if (TakeWord("case", line)) {
      FinishCase();
      current_ = GoldenCase{std::string(line), file_ + ":" + std::to_string(line_), world_, {}, {}};
      return;
    }
    if (!current_) Stop("a file begins with a case");
    if (TakeWord("given", line)) {
      given_.push_back(TakeEdit(line));
      block_ = &given_;
    } else if (line.substr(0, 4) == "put " || line.substr(0, 7) == "delete ") {
      FinishGiven();
      current_->edits.push_back(TakeEdit(line));
      block_ = &current_->edits;
    } else if (block_ != nullptr && TakeField(line)) {
      return;
    } else {
      block_ = nullptr;
      current_->expected.emplace_back(whole);
    }
  }

  Edit TakeEdit(std::string_view line) {
    if (TakeWord("delete", line)) return {EditAction::kDelete, BeginAny(current_->before, line)};
    TakeWord("put", line);
    return {EditAction::kPut, BeginAny(current_->before, line)};
  }

  // `path = value` or `remove path`.
  bool TakeField(std::string_view line) {
    golden::Assignment assignment;
    if (TakeWord("remove", line)) {
      assignment = {line, "", true};
    } else {
      const size_t equals = line.find(" = ");
      if (equals == std::string_view::npos || line.substr(0, equals).find(' ') != std::string_view::npos)
        return false;
      assignment = {Trim(line.substr(0, equals)), Trim(line.substr(equals + 3)), false};
    }
    std::visit([&](auto& value) { golden::Set(value, assignment); }, block_->back().definition);
    return true;
  }

  void FinishGiven() {
    if (given_.empty()) return;
    current_->before = Apply(current_->before, given_, 1);
    given_.clear();
    block_ = nullptr;
  }

  void FinishCase() {
    if (!current_) return;
    FinishGiven();
    cases_.push_back(*std::move(current_));
    current_.reset();
    block_ = nullptr;
  }

  [[noreturn]] void Stop(const std::string& what) {
    std::cerr << "testdata/" << file_ << ":" << line_ << ": " << what << std::endl;
    std::exit(2);
  }

  std::string file_;
  Catalog world_;
  int line_ = 0;
  std::optional<GoldenCase> current_;
  std::vector<Edit> given_;
  std::vector<Edit>* block_ = nullptr;  // whose last definition takes the fields that follow
  std::vector<GoldenCase> cases_;
};

}  // namespace

Catalog GoldenWorld() {
  static const Catalog world = [] {
    std::vector<GoldenCase> cases = Reader("world.test", Catalog()).Read();
    return Apply(Catalog(), cases.at(0).edits, 1);
  }();
  return world;
}

std::vector<GoldenCase> ReadGoldenCases(const std::string& file) {
  return Reader(file, GoldenWorld()).Read();
}

}  // namespace sluice::core
