#include "common/manifest/words.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"

namespace sluice::manifest {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

std::string EnumPrefix(const EnumDescriptor* type) {
  constexpr std::string_view kSuffix = "UNSPECIFIED";
  const std::string& zero = type->value(0)->name();
  if (!zero.ends_with(kSuffix)) return "";
  return zero.substr(0, zero.size() - kSuffix.size());
}

std::string EnumWord(const EnumDescriptor* type, int number) {
  const auto* value = type->FindValueByNumber(number);
  std::string prefix = EnumPrefix(type);
  if (value == nullptr || value->name() == prefix + "UNSPECIFIED") return "";
  return value->name().starts_with(prefix) ? value->name().substr(prefix.size()) : value->name();
}

std::vector<std::string> EnumWords(const EnumDescriptor* type) {
  std::vector<std::string> words;
  for (int i = 0; i < type->value_count(); ++i) {
    std::string word = EnumWord(type, type->value(i)->number());
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

std::string Suggest(std::string_view word, const std::vector<std::string>& known) {
  std::string nearest;
  constexpr size_t kTelling = 4;  // letters that make a part of a word recognisable
  absl::string_view part(word.data(), word.size());
  for (const std::string& candidate : known) {
    bool same = absl::EqualsIgnoreCase(part, candidate);
    if (same || (nearest.empty() && word.size() >= kTelling && absl::EndsWithIgnoreCase(candidate, part)))
      nearest = candidate;
  }
  if (nearest.empty()) nearest = core::Nearest(word, known);
  if (!nearest.empty()) return fmt::format("did you mean '{}'?", nearest);
  return fmt::format("known here: {}", core::List(known, 30));
}

std::string Got(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
    case Node::Kind::kScalar:
      break;
  }
  if (node.IsNull()) return "nothing";
  return fmt::format("{}{}", node.quoted ? "the text " : "", core::Quote(node.text));
}

const FieldDescriptor* KindField(std::string_view kind) {
  const auto* resource = sluice::v1::Resource::descriptor();
  for (int i = 0; i < resource->field_count(); ++i) {
    if (resource->field(i)->message_type()->name() == kind) return resource->field(i);
  }
  return nullptr;
}

std::vector<std::string> KnownKinds() {
  std::vector<std::string> kinds;
  const auto* resource = sluice::v1::Resource::descriptor();
  for (int i = 0; i < resource->field_count(); ++i)
    kinds.push_back(resource->field(i)->message_type()->name());
  return kinds;
}

bool IsPlannedKind(std::string_view kind) {
  constexpr std::string_view kPlanned[] = {"CustomField", "Freeze",      "Migration", "Policy", "Registry",
                                           "Release",     "RoleBinding", "Sharing",   "Waiver"};
  return std::find(std::begin(kPlanned), std::end(kPlanned), kind) != std::end(kPlanned);
}

}  // namespace sluice::manifest
