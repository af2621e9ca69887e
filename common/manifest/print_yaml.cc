// The YAML printer: block style, lists of short scalars in brackets, long text as literal blocks.
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include <algorithm>

#include "common/manifest/encode.h"

namespace sluice::manifest {
namespace {

constexpr size_t kLineWidth = 100;

bool IsPlainCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view(" _./+=@()*;!$%^<>|?'\"\\~-").find(c) != std::string_view::npos;
}

enum class Place { kLine, kBrackets };

// May stand there without quotes.
bool IsPlain(std::string_view text, Place place) {
  if (text.empty() || text.back() == ' ') return false;
  if (!absl::ascii_isalnum(static_cast<unsigned char>(text[0])) && text[0] != '/' && text[0] != '_')
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool inner_colon =
        text[i] == ':' && i + 1 < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[i + 1]));
    bool comma = text[i] == ',' && place == Place::kLine;
    if (!IsPlainCharacter(text[i]) && !inner_colon && !comma) return false;
  }
  return true;
}

// Other readers of YAML would take it for a number, a date, a truth value or nothing.
bool LooksTyped(std::string_view text) {
  for (std::string_view word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (absl::EqualsIgnoreCase(absl::string_view(text.data(), text.size()),
                               absl::string_view(word.data(), word.size()))) {
      return true;
    }
  }
  return absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
         text.find_first_not_of("0123456789abcdefABCDEFxXoO.,_:+-TZ ") == std::string_view::npos;
}

bool IsNegativeNumber(std::string_view text) {
  return text.size() > 1 && text[0] == '-' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

std::string Scalar(const Value& value, Place place) {
  switch (value.kind) {
    case Value::Kind::kNumber:
    case Value::Kind::kWord:
      return value.text;
    case Value::Kind::kLoose:
      if (IsNegativeNumber(value.text)) return value.text;
      return IsPlain(value.text, place) && value.text != "null" ? value.text : QuoteJson(value.text);
    default:
      return IsPlain(value.text, place) && !LooksTyped(value.text) ? value.text : QuoteJson(value.text);
  }
}

std::string Key(const std::string& key) {
  return IsPlain(key, Place::kBrackets) && key.find_first_of(":?") == std::string::npos && !LooksTyped(key)
             ? key
             : QuoteJson(key);
}

// May be a literal block: lines of plain text, none of which could be taken for something else.
bool IsBlock(const Value& value) {
  const std::string& text = value.text;
  bool lines = text.find('\n') != std::string::npos;
  if (!lines || !value.IsScalar() || text[0] == '\n' || text[0] == ' ' || text[0] == '\t') return false;
  if (text.find_first_of("\r\t") != std::string::npos) return false;
  // A block ends in one newline or in none; U+0085, U+2028, U+2029 and byte order marks are line breaks to
  // some readers.
  bool odd_end = text.ends_with("\n\n") || text.ends_with(" \n") || text.ends_with(' ');
  bool odd_breaks =
      text.find("\xC2\x85") != std::string::npos || text.find("\xE2\x80\xA8") != std::string::npos ||
      text.find("\xE2\x80\xA9") != std::string::npos || text.find("\xEF\xBB\xBF") != std::string::npos;
  return !odd_end && !odd_breaks;
}

std::string Block(const std::string& text, const std::string& indent) {
  bool newline = text.ends_with('\n');
  std::string out = newline ? "|" : "|-";
  size_t start = 0;
  size_t end = newline ? text.size() - 1 : text.size();
  while (start <= end) {
    size_t stop = std::min(text.find('\n', start), end);
    out += '\n';
    if (stop > start) out += indent + text.substr(start, stop - start);
    start = stop + 1;
  }
  return out;
}

// `[a, b]`; empty: the list does not fit into one line.
std::string Brackets(const Value& list, size_t room) {
  std::string line = "[";
  for (const Value& item : list.items) {
    if (!item.IsScalar() || IsBlock(item)) return "";
    line += (line.size() > 1 ? ", " : "") + Scalar(item, Place::kBrackets);
    if (line.size() > room) return "";
  }
  return line + "]";
}

void PrintEntries(const Value& map, const std::string& indent, std::string& out);

// The value of a key, or an entry of a list, with what leads to it already printed; `indent` is that of what
// contains it.
void PrintValue(const Value& value, const std::string& indent, std::string& out) {
  if (value.kind == Value::Kind::kMap) {
    if (value.entries.empty()) {
      out += " {}\n";
      return;
    }
    out += "\n";
    return PrintEntries(value, indent + "  ", out);
  }
  if (value.kind == Value::Kind::kList) {
    std::string line = Brackets(value, kLineWidth - std::min(kLineWidth, indent.size() + 20));
    if (!line.empty()) {
      out += " " + line + "\n";
      return;
    }
    out += "\n";
    for (const Value& item : value.items) {
      if (item.kind == Value::Kind::kMap && !item.entries.empty()) {
        std::string entries;
        PrintEntries(item, indent + "  ", entries);
        entries.replace(indent.size(), 2, "- ");
        out += entries;
      } else {
        out += indent + "-";
        PrintValue(item, indent, out);
      }
    }
    return;
  }
  out += " " + (IsBlock(value) ? Block(value.text, indent + "  ") : Scalar(value, Place::kLine)) + "\n";
}

void PrintEntries(const Value& map, const std::string& indent, std::string& out) {
  for (const auto& [key, value] : map.entries) {
    out += indent + Key(key) + ":";
    PrintValue(value, indent, out);
  }
}

}  // namespace

std::string PrintYaml(const google::protobuf::Message& message, Fields fields) {
  std::string out;
  PrintEntries(Encode(message, fields, Units::kPeople), "", out);
  return out.empty() ? "{}\n" : out;
}

std::string PrintYaml(const sluice::v1::Resource& resource) { return PrintYaml(resource, Fields::kInput); }

}  // namespace sluice::manifest
