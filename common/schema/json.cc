#include "common/schema/json.h"

#include <absl/hash/hash.h>

#include <algorithm>
#include <map>

namespace sluice::schema {
namespace {

void AppendQuoted(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  size_t plain = 0;  // from here on nothing needs an escape
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    constexpr std::string_view kNamed = "\b\f\n\r\t\"\\";
    const size_t named = c == 0 ? std::string_view::npos : kNamed.find(text[i]);
    out += '\\';
    if (named != std::string_view::npos) {
      out += "bfnrt\"\\"[named];
    } else {
      out += "u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

void Append(const Json& value, std::string& out);

void AppendItems(const Json::Array& items, std::string& out) {
  char before = '[';
  for (const Json& item : items) {
    out += before;
    before = ',';
    Append(item, out);
  }
  out += items.empty() ? "[]" : "]";
}

void AppendMembers(const Json::Object& members, std::string& out) {
  char before = '{';
  for (const Json::Member& member : members) {
    out += before;
    before = ',';
    AppendQuoted(member.first, out);
    out += ':';
    Append(member.second, out);
  }
  out += members.empty() ? "{}" : "}";
}

void Append(const Json& value, std::string& out) {
  switch (value.type()) {
    case Json::Type::kNull:
      out += "null";
      return;
    case Json::Type::kBoolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Json::Type::kNumber:
      out += value.number().ToString();
      return;
    case Json::Type::kString:
      return AppendQuoted(value.string(), out);
    case Json::Type::kArray:
      return AppendItems(value.array(), out);
    case Json::Type::kObject:
      return AppendMembers(value.object(), out);
  }
}

}  // namespace

Json::Json(Array items) : value_(std::make_shared<const Array>(std::move(items))) {}

Json::Json(Object members) {
  const auto unordered = [](const Member& a, const Member& b) { return a.first >= b.first; };
  if (std::adjacent_find(members.begin(), members.end(), unordered) != members.end()) {
    std::map<std::string, Json> sorted;
    for (Member& member : members) sorted.insert_or_assign(std::move(member.first), std::move(member.second));
    members.assign(sorted.begin(), sorted.end());
  }
  value_ = std::make_shared<const Object>(std::move(members));
}

const Json* Json::Find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const Object& members = object();
  const auto found =
      std::lower_bound(members.begin(), members.end(), key,
                       [](const Member& member, std::string_view k) { return member.first < k; });
  return found != members.end() && found->first == key ? &found->second : nullptr;
}

bool operator==(const Json& a, const Json& b) {
  if (a.type() != b.type()) return false;
  if (a.is_array()) return &a.array() == &b.array() || a.array() == b.array();
  if (a.is_object()) return &a.object() == &b.object() || a.object() == b.object();
  return a.value_ == b.value_;
}

std::string Json::ToString() const {
  std::string text;
  Append(*this, text);
  return text;
}

size_t Json::Hash() const {
  switch (type()) {
    case Type::kNull:
      return absl::HashOf(0);
    case Type::kBoolean:
      return absl::HashOf(1, boolean());
    case Type::kNumber:
      return absl::HashOf(2, number());
    case Type::kString:
      return absl::HashOf(3, string());
    case Type::kArray:
      return absl::HashOf(4, array());
    case Type::kObject:
      return absl::HashOf(5, object());
  }
  return 0;
}

JsonObject& JsonObject::Set(std::string_view key, Json value) {
  members_.emplace_back(key, std::move(value));
  return *this;
}

Json JsonObject::Done() { return Json(std::move(members_)); }

}  // namespace sluice::schema
