#include <algorithm>
#include <set>
#include <utility>

#include "common/schema/code_points.h"
#include "common/schema/node_facts.h"
#include "common/schema/sample.h"
#include "common/schema/text_search.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostTries = 2'000;     // messages validated
constexpr int kMostDepth = 40;           // of schemas followed
constexpr int64_t kMostLength = 10'000;  // of strings and lists that are too long
constexpr size_t kMostItems = 3;         // of a list looked at
constexpr size_t kCheckSteps = 100'000;

// A place in the message: which member or item to take at each level.
using Path = std::vector<std::pair<std::string, size_t>>;

// `message` with `value` at `path` from its `level` on.
Json Replace(const Json& message, const Path& path, size_t level, const Json& value) {
  if (level == path.size()) return value;
  if (message.is_array()) {
    Json::Array items = message.array();
    items[path[level].second] = Replace(items[path[level].second], path, level + 1, value);
    return Json(std::move(items));
  }
  Json::Object members = message.object();
  for (auto& [name, member] : members) {
    if (name == path[level].first) member = Replace(member, path, level + 1, value);
  }
  return Json(std::move(members));
}

class Spoiler {
 public:
  Spoiler(const Schema& schema, const SampleOptions& options, size_t most)
      : schema_(schema), options_(options), most_(most) {}

  std::vector<InvalidSample> Run(Json valid) {
    message_ = std::move(valid);
    Visit(schema_.root(), message_, 0);
    return std::move(samples_);
  }

 private:
  bool Done() const { return samples_.size() >= most_ || tries_ >= kMostTries; }

  // Tries the message with `value` at the present place.
  void Try(const Json& value) {
    if (Done()) return;
    ++tries_;
    Json message = Replace(message_, path_, 0, value);
    Validation validation = Validate(
        schema_, message, {.reading = options_.reading, .most_errors = 1, .most_steps = kCheckSteps});
    if (validation.validity != Validity::kInvalid || validation.errors.empty()) return;
    ValidationError& why = validation.errors.front();
    const std::string detail = why.rule == "required" ? why.message : "";
    if (told_.emplace(why.schema, detail).second) samples_.push_back({std::move(message), std::move(why)});
  }

  void Visit(const Node& given, const Json& value, int depth) {
    const Node& node = Through(given);
    if (depth > kMostDepth || Done()) return;
    SpoilValue(node, value);
    if (value.is_number()) SpoilNumber(node, value.number());
    if (value.is_string()) SpoilText(node, value.string());
    if (value.is_array()) SpoilArray(node, value.array());
    if (value.is_object()) SpoilObject(node, value);
    VisitParts(node, value, depth);
    if (value.is_array()) VisitItems(node, value.array(), depth);
    if (value.is_object()) VisitMembers(node, value.object(), depth);
  }

  void VisitParts(const Node& node, const Json& value, int depth) {
    if (node.ref != nullptr) Visit(*node.ref, value, depth + 1);
    if (node.dynamic_ref != nullptr && node.dynamic_anchor.empty())
      Visit(*node.dynamic_ref, value, depth + 1);
    for (const Node* part : node.all_of) Visit(*part, value, depth + 1);
    const auto accepts = [&](const Node* part) {
      ++tries_;
      return Check(schema_.At(*part), value, {.most_steps = kCheckSteps}) == Validity::kValid;
    };
    for (const auto* parts : {&node.any_of, &node.one_of}) {
      for (const Node* part : *parts) {
        if (Done()) return;
        if (accepts(part)) Visit(*part, value, depth + 1);
      }
    }
    if (node.if_ == nullptr) return;
    const Node* part = accepts(node.if_) ? node.then_ : node.else_;
    if (part != nullptr) Visit(*part, value, depth + 1);
  }

  void VisitItems(const Node& node, const Json::Array& items, int depth) {
    for (size_t i = 0; i < std::min(items.size(), kMostItems); ++i) {
      const Node* item = i < node.prefix_items.size() ? node.prefix_items[i] : node.items;
      if (item == nullptr) continue;
      path_.emplace_back("", i);
      Visit(*item, items[i], depth + 1);
      path_.pop_back();
    }
  }

  void VisitMembers(const Node& node, const Json::Object& members, int depth) {
    for (const auto& [name, value] : members) {
      if (Done()) return;
      path_.emplace_back(name, 0);
      const Node* property = Property(node, name);
      if (property != nullptr) Visit(*property, value, depth + 1);
      bool matched = property != nullptr;
      for (const PatternProperty& at : node.pattern_properties) {
        if (at.pattern->Matches(name) != std::optional(true)) continue;
        matched = true;
        Visit(*at.schema, value, depth + 1);
      }
      if (!matched && node.additional_properties != nullptr)
        Visit(*node.additional_properties, value, depth + 1);
      path_.pop_back();
    }
  }

  void SpoilValue(const Node& node, const Json& value) {
    if (node.types) {
      for (const Json& other : {Json("text"), Json(1), Json(*Decimal::Parse("1.5")), Json(true),
                                Json(Json::Array()), Json(Json::Object()), Json()}) {
        if (other.type() != value.type() || other.is_number()) {
          const size_t before = samples_.size();
          Try(other);
          if (samples_.size() > before) break;
        }
      }
    }
    if (node.enumeration) {
      if (value.is_string()) Try(value.string() + "_OTHER");
      if (value.is_number()) Shift(value.number(), "1");
      if (value.is_boolean()) Try(!value.boolean());
      Try("OTHER");
    }
    if (node.not_ != nullptr) {
      const auto refused =
          MakeValid(schema_.At(*node.not_), {.reading = Reading::kStrict, .most_steps = 1'000});
      if (refused) Try(*refused);
    }
  }

  void Shift(const Decimal& number, const char* by) {
    const auto shifted = number.Plus(*Decimal::Parse(by));
    if (shifted) Try(*shifted);
  }

  void SpoilNumber(const Node& node, const Decimal& number) {
    if (node.minimum) Shift(*node.minimum, "-1");
    if (node.maximum) Shift(*node.maximum, "1");
    if (node.exclusive_minimum) Try(*node.exclusive_minimum);
    if (node.exclusive_maximum) Try(*node.exclusive_maximum);
    if (!node.multiple_of) return;
    for (const char* by : {"1", "0.1", "0.001", "1e-9"}) Shift(number, by);
  }

  void SpoilText(const Node& node, const std::string& text) {
    const std::u32string points = ToCodePoints(text);
    if (const auto least = node.min_length ? node.min_length->ToInt64() : std::nullopt;
        least && *least > 0 && *least <= static_cast<int64_t>(points.size())) {
      std::string shorter;
      for (int64_t i = 0; i + 1 < *least; ++i) AppendCodePoint(shorter, points[static_cast<size_t>(i)]);
      Try(shorter);
    }
    if (const auto most = node.max_length ? node.max_length->ToInt64() : std::nullopt;
        most && *most < kMostLength) {
      std::string longer = text;
      for (auto length = static_cast<int64_t>(points.size()); length <= *most; ++length) longer += 'a';
      Try(longer);
    }
    if (node.pattern != nullptr) {
      PatternCache patterns;
      const TextAnswer answer = FindText({.matching = {},
                                          .not_matching = {node.pattern.get()},
                                          .least = points.size(),
                                          .most = points.size(),
                                          .excluded = {},
                                          .hints = {}},
                                         patterns);
      Try(answer.found == Found::kSome ? answer.text : "?");
    }
  }

  void SpoilArray(const Node& node, const Json::Array& items) {
    if (const auto least = node.min_items ? node.min_items->ToInt64() : std::nullopt;
        least && *least > 0 && *least <= static_cast<int64_t>(items.size())) {
      Try(Json::Array(items.begin(), items.begin() + (*least - 1)));
    }
    if (const auto most = node.max_items ? node.max_items->ToInt64() : std::nullopt;
        most && *most < kMostLength) {
      Json::Array longer = items;
      while (static_cast<int64_t>(longer.size()) <= *most)
        longer.push_back(items.empty() ? Json(1) : items.back());
      Try(std::move(longer));
    }
    if (node.unique_items && !items.empty()) {
      Json::Array twice = items;
      twice.push_back(items.front());
      Try(std::move(twice));
    }
    if (node.contains != nullptr) Try(Json::Array());
  }

  void SpoilObject(const Node& node, const Json& object) {
    for (const std::string& name : node.required) TryWithout(object, name);
    for (const auto& [name, others] : node.dependent_required) {
      for (const std::string& other : others) {
        if (object.Find(name) != nullptr) TryWithout(object, other);
      }
    }
    const bool may_refuse_more = DeclaresMembers(node) || node.property_names != nullptr;
    if (may_refuse_more) TryWith(object, "unexpected");
    for (const PatternProperty& property : node.pattern_properties) {
      PatternCache patterns;
      const TextAnswer answer = FindText({.matching = {property.pattern.get()},
                                          .not_matching = {},
                                          .least = 0,
                                          .most = std::nullopt,
                                          .excluded = {},
                                          .hints = {}},
                                         patterns);
      if (answer.found == Found::kSome) TryWith(object, answer.text);
    }
    if (node.min_properties) Try(Json(Json::Object()));
    if (const auto most = node.max_properties ? node.max_properties->ToInt64() : std::nullopt;
        most && *most < 1'000) {
      Json::Object more = object.object();
      for (int64_t i = 0; static_cast<int64_t>(more.size()) <= *most; ++i)
        more.emplace_back("extra" + std::to_string(i), 1);
      Try(Json(std::move(more)));
    }
  }

  void TryWithout(const Json& object, const std::string& name) {
    Json::Object members;
    for (const auto& member : object.object()) {
      if (member.first != name) members.push_back(member);
    }
    if (members.size() < object.object().size()) Try(Json(std::move(members)));
  }

  void TryWith(const Json& object, const std::string& name) {
    if (object.Find(name) != nullptr) return;
    for (const Json& value : {Json("text"), Json(1), Json()}) {
      const size_t before = samples_.size();
      Json::Object members = object.object();
      members.emplace_back(name, value);
      Try(Json(std::move(members)));
      if (samples_.size() > before) return;
    }
  }

  const Schema& schema_;
  const SampleOptions& options_;
  const size_t most_;
  Json message_;
  Path path_;
  size_t tries_ = 0;
  std::set<std::pair<std::string, std::string>> told_;  // keyword, and which member is missing
  std::vector<InvalidSample> samples_;
};

}  // namespace

std::vector<InvalidSample> MakeInvalid(const Schema& schema, size_t most, const SampleOptions& options) {
  std::optional<Json> valid = MakeValid(schema, options);
  if (!valid) return {};
  return Spoiler(schema, options, most).Run(*std::move(valid));
}

}  // namespace sluice::schema
