#include "common/schema/comparison_json.h"

#include <fmt/format.h>

namespace sluice::schema {
namespace {

constexpr size_t kLongestValue = 4096;
constexpr size_t kMostWitnesses = size_t{1} << 20;  // bytes of findings

std::string Text(std::string_view text) { return Json(text).ToString(); }

// Joins what `print` makes of each item into an array.
template <typename Items, typename Print>
std::string Array(const Items& items, Print print) {
  std::string text = "[";
  for (const auto& item : items) text.append(text.size() == 1 ? "" : ", ").append(print(item));
  return text + "]";
}

std::string DirectionObject(const Comparison& comparison, Direction direction) {
  return fmt::format(R"({{"strict": "{}", "closed": "{}"}})",
                     AnswerName(comparison.verdict(direction, Reading::kStrict).answer),
                     AnswerName(comparison.verdict(direction, Reading::kClosed).answer));
}

std::string Finding(const Break& found) {
  return fmt::format(
      R"({{"kind": {}, "direction": "{}", "reading": "{}", "old_pointer": {}, "new_pointer": {}, "reason": {}, "witness": {}}})",
      Text(found.kind), DirectionName(found.direction), ReadingName(found.reading), Text(found.old_pointer),
      Text(found.new_pointer), Text(found.reason), found.witness.ToString());
}

// Findings until their witnesses fill kMostWitnesses; of each direction and reading the first in any case.
std::string Findings(const Comparison& comparison) {
  std::string text = "[";
  bool told[2][2] = {};
  for (const Break& found : comparison.breaks) {
    bool& is_told = told[static_cast<size_t>(found.direction)][static_cast<size_t>(found.reading)];
    if (is_told && text.size() > kMostWitnesses) continue;
    is_told = true;
    text.append(text.size() == 1 ? "" : ", ").append(Finding(found));
  }
  return text + "]";
}

std::string OptionalMember(std::string_view name, const std::optional<Json>& value) {
  if (!value) return "";
  const std::string text = value->ToString();
  return text.size() > kLongestValue ? "" : fmt::format(R"(, "{}": {})", name, text);
}

std::string Edit(const SchemaEdit& edit) {
  return fmt::format(
      R"({{"kind": {}, "class": "{}", "field": {}, "old_pointer": {}, "new_pointer": {}{}{}, "reason": {}}})",
      Text(edit.kind), ClassName(edit.gravity), Text(edit.field), Text(edit.old_pointer),
      Text(edit.new_pointer), OptionalMember("before", edit.before), OptionalMember("after", edit.after),
      Text(edit.reason));
}

std::string Undecided(const Comparison& comparison) {
  std::string text = "[";
  for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
    for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
      for (const std::string& what : comparison.verdict(direction, reading).undecided) {
        text += fmt::format(R"({}{{"direction": "{}", "reading": "{}", "reason": {}}})",
                            text.size() == 1 ? "" : ", ", DirectionName(direction), ReadingName(reading),
                            Text(what));
      }
    }
  }
  return text + "]";
}

void AppendYaml(const Json& value, size_t indent, std::string& out);

// The rest of a line after `key:` or `-`, and the lines below it.
void AppendYamlValue(const Json& value, size_t indent, std::string& out) {
  const bool nested =
      (value.is_object() && !value.object().empty()) || (value.is_array() && !value.array().empty());
  if (nested) {
    out += '\n';
    AppendYaml(value, indent, out);
  } else {
    out += ' ';
    out += value.ToString();
    out += '\n';
  }
}

void AppendYaml(const Json& value, size_t indent, std::string& out) {
  if (value.is_object() && !value.object().empty()) {
    for (const auto& [key, member] : value.object()) {
      out.append(indent, ' ').append(Text(key)).append(":");
      AppendYamlValue(member, indent + 2, out);
    }
  } else if (value.is_array() && !value.array().empty()) {
    for (const Json& item : value.array()) {
      out.append(indent, ' ').append("-");
      AppendYamlValue(item, indent + 2, out);
    }
  } else {
    out.append(indent, ' ').append(value.ToString()).append("\n");
  }
}

}  // namespace

std::string ComparisonMembers(const Comparison& comparison, const Predictions& predictions) {
  return fmt::format(
      R"("class": "{}", "backward": {}, "forward": {}, "findings": {}, "predicted": {{"confluent_strict": {}, "apicurio": {}}}, "reasons": {}, "undecided": {}, "edits": {})",
      ClassName(comparison.change_class), DirectionObject(comparison, Direction::kBackward),
      DirectionObject(comparison, Direction::kForward), Findings(comparison),
      Text(predictions.confluent_strict), Text(predictions.apicurio),
      Array(comparison.reasons, [](const std::string& reason) { return Text(reason); }),
      Undecided(comparison), Array(comparison.edits, Edit));
}

std::string Indented(std::string_view json) {
  std::string out;
  size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out.append("\n").append(depth * 2, ' '); };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) {
        out += json[++i];
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    if (c == ' ' || c == '\n') continue;
    if (c == '}' || c == ']') {
      --depth;
      if (out.back() != '{' && out.back() != '[') new_line();
      out += c;
      continue;
    }
    if (!out.empty() && (out.back() == '{' || out.back() == '[')) new_line();
    out += c;
    in_string = c == '"';
    if (c == '{' || c == '[') ++depth;
    if (c == ',') new_line();
    if (c == ':') out += ' ';
  }
  return out;
}

std::string ToYaml(const Json& value) {
  std::string out;
  AppendYaml(value, 0, out);
  return out;
}

}  // namespace sluice::schema
