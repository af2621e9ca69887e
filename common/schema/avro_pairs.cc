#include "common/schema/avro_pairs.h"

#include <algorithm>

#include "common/schema/avro_resolve.h"

namespace sluice::schema {
namespace {

constexpr size_t kPairSteps = 4;  // what a pair costs more than a look

}  // namespace

bool Promotes(AvroType writer, AvroType reader) {
  if (writer == reader) return true;
  switch (writer) {
    case AvroType::kInt:
      return reader == AvroType::kLong || reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kLong:
      return reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kFloat:
      return reader == AvroType::kDouble;
    case AvroType::kString:
      return reader == AvroType::kBytes;
    case AvroType::kBytes:
      return reader == AvroType::kString;
    default:
      return false;
  }
}

bool NamesMatch(const AvroNode& writer, const AvroNode& reader) {
  return writer.ShortName() == reader.ShortName() ||
         std::find(reader.aliases.begin(), reader.aliases.end(), writer.name) != reader.aliases.end();
}

bool MatchesOutside(const AvroNode& writer, const AvroNode& reader) {
  if (IsPrimitive(writer.type)) return Promotes(writer.type, reader.type);
  return writer.type == reader.type && (!IsNamed(writer.type) || NamesMatch(writer, reader));
}

const AvroField* FindWritten(const AvroNode& writer, const AvroField& field) {
  const AvroField* written = writer.FindField(field.name);
  for (size_t i = 0; written == nullptr && i < field.aliases.size(); ++i) {
    written = writer.FindField(field.aliases[i]);
  }
  return written;
}

std::vector<std::string_view> Without(const std::vector<std::string_view>& words,
                                      std::vector<std::string_view> others) {
  std::sort(others.begin(), others.end());
  std::vector<std::string_view> rest;
  for (const std::string_view word : words) {
    if (!std::binary_search(others.begin(), others.end(), word)) rest.push_back(word);
  }
  return rest;
}

std::vector<std::string_view> MissingSymbols(const AvroNode& writer, const AvroNode& reader) {
  if (!reader.enum_default.empty()) return {};
  return Without(writer.symbols, reader.symbols);
}

size_t AvroPairs::KeyHash::operator()(const Key& key) const {
  constexpr size_t kFactor = 0x9e3779b97f4a7c15;
  size_t hash = (reinterpret_cast<uintptr_t>(key.first) >> 4) * kFactor;
  hash = ((hash ^ (hash >> 32)) + (reinterpret_cast<uintptr_t>(key.second) >> 4)) * kFactor;
  return hash ^ (hash >> 29);
}

AvroPairs::AvroPairs(const AvroNode& writer, const AvroNode& reader, size_t most_steps) : steps_(most_steps) {
  Enter(writer, reader);
  for (uint32_t next = 0; next < pairs_.size() && steps_ > 0; ++next) Expand(next);
  while (!failed_.empty()) {
    const uint32_t pair = failed_.back();
    failed_.pop_back();
    for (const uint32_t need : pairs_[pair].needed_by) {
      if (--needs_[need].open == 0) Fail(needs_[need].owner);
    }
  }
}

bool AvroPairs::Step(size_t steps) {
  steps_ -= std::min(steps, steps_);
  return steps_ > 0;
}

bool AvroPairs::Resolves(const AvroNode& writer, const AvroNode& reader) const {
  if (IsPrimitive(writer.type) && IsPrimitive(reader.type)) return Promotes(writer.type, reader.type);
  const auto found = ids_.find({&writer, &reader});
  return found == ids_.end() || !pairs_[found->second].fails;
}

uint32_t AvroPairs::Enter(const AvroNode& writer, const AvroNode& reader) {
  const auto [found, added] = ids_.emplace(Key(&writer, &reader), static_cast<uint32_t>(pairs_.size()));
  if (added) {
    pairs_.push_back({{&writer, &reader}, false, {}});
    Step(kPairSteps);
  }
  return found->second;
}

void AvroPairs::Fail(uint32_t pair) {
  if (pairs_[pair].fails) return;
  pairs_[pair].fails = true;
  failed_.push_back(pair);
}

void AvroPairs::Require(uint32_t owner, const AvroNode& writer, const AvroNode& reader) {
  if (!Step()) return;
  if (IsPrimitive(writer.type) && IsPrimitive(reader.type)) {
    if (!Promotes(writer.type, reader.type)) Fail(owner);
    return;
  }
  pairs_[Enter(writer, reader)].needed_by.push_back(static_cast<uint32_t>(needs_.size()));
  needs_.push_back({owner, 1});
}

void AvroPairs::RequireOneOf(uint32_t owner, const AvroNode& writer, const AvroNode& reader) {
  const std::vector<uint32_t> candidates = Candidates(writer, reader);
  if (!Step(candidates.size() + 1)) return;
  if (IsPrimitive(writer.type) && !candidates.empty()) return;
  if (candidates.empty()) return Fail(owner);
  const auto need = static_cast<uint32_t>(needs_.size());
  needs_.push_back({owner, static_cast<uint32_t>(candidates.size())});
  for (const uint32_t branch : candidates) {
    pairs_[Enter(writer, *reader.parts[branch].node)].needed_by.push_back(need);
  }
}

void AvroPairs::Expand(uint32_t pair) {
  if (!Step()) return;
  const AvroNode& writer = *pairs_[pair].types.first;
  const AvroNode& reader = *pairs_[pair].types.second;
  if (writer.type == AvroType::kUnion) {
    for (const AvroUse& branch : writer.parts) Require(pair, *branch.node, reader);
    return;
  }
  if (reader.type == AvroType::kUnion) return RequireOneOf(pair, writer, reader);
  if (!MatchesOutside(writer, reader)) return Fail(pair);
  switch (writer.type) {
    case AvroType::kRecord:
      return ExpandRecord(pair);
    case AvroType::kEnum:
      if (Step(writer.symbols.size() + reader.symbols.size()) && !MissingSymbols(writer, reader).empty())
        Fail(pair);
      return;
    case AvroType::kFixed:
      if (writer.size != reader.size) Fail(pair);
      return;
    case AvroType::kArray:
    case AvroType::kMap:
      return Require(pair, *writer.parts[0].node, *reader.parts[0].node);
    default:
      return;
  }
}

void AvroPairs::ExpandRecord(uint32_t pair) {
  const AvroNode& writer = *pairs_[pair].types.first;
  for (const AvroField& field : pairs_[pair].types.second->fields) {
    if (!Step(1 + field.aliases.size())) return;
    const AvroField* written = FindWritten(writer, field);
    if (written != nullptr) {
      Require(pair, *written->type.node, *field.type.node);
    } else if (field.default_value == nullptr) {
      Fail(pair);
    }
  }
}

const AvroPairs::Branches& AvroPairs::BranchesOf(const AvroNode& reader) {
  const auto [found, added] = branches_.try_emplace(&reader);
  if (!added) return found->second;
  Branches& branches = found->second;
  for (uint32_t i = 0; i < reader.parts.size(); ++i) {
    const AvroNode& branch = *reader.parts[i].node;
    if (!IsNamed(branch.type)) {
      branches.unnamed.push_back(i);
      continue;
    }
    branches.by_name[branch.ShortName()].push_back(i);
    for (const std::string_view alias : branch.aliases) branches.by_name[alias].push_back(i);
  }
  return branches;
}

std::vector<uint32_t> AvroPairs::Candidates(const AvroNode& writer, const AvroNode& reader) {
  const Branches& branches = BranchesOf(reader);
  std::vector<uint32_t> candidates;
  const auto take = [&](const std::vector<uint32_t>& from) {
    for (const uint32_t i : from) {
      if (MatchesOutside(writer, *reader.parts[i].node)) candidates.push_back(i);
    }
  };
  if (!IsNamed(writer.type)) {
    take(branches.unnamed);
    return candidates;
  }
  for (const std::string_view name : {writer.ShortName(), writer.name}) {
    const auto found = branches.by_name.find(name);
    if (found != branches.by_name.end()) take(found->second);
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return candidates;
}

}  // namespace sluice::schema
