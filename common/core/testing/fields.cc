#include "common/core/testing/fields.h"

#include <map>
#include <optional>
#include <vector>

namespace sluice::core::golden {
namespace {

[[noreturn]] void Fail(std::string_view what, std::string_view text) {
  throw std::invalid_argument(std::string(what) + " '" + std::string(text) + "'");
}

// ---- Field names, as manifests have them ----

// clang-format off
#define FIELD(name) f(#name, v.name)
template <typename F> void Fields(TopicSettings& v, F f) { FIELD(partitions); FIELD(replication_factor); FIELD(config); }
template <typename F> void Fields(Environment& v, F f) { FIELD(name); FIELD(title); FIELD(order); FIELD(defaults); FIELD(self_service); }
template <typename F> void Fields(Category& v, F f) { FIELD(name); FIELD(title); }
template <typename F> void Fields(Domain& v, F f) { FIELD(name); FIELD(title); FIELD(owners); }
template <typename F> void Fields(Presence& v, F f) { FIELD(region); FIELD(environments); FIELD(state); }
template <typename F> void Fields(Customer& v, F f) { FIELD(name); FIELD(title); FIELD(labels); FIELD(presence); }
template <typename F> void Fields(Principal& v, F f) { FIELD(cluster); FIELD(user); }
template <typename F> void Fields(NameSpace& v, F f) { FIELD(prefix); FIELD(also); }
template <typename F> void Fields(Application& v, F f) {
  FIELD(name); FIELD(title); FIELD(domain); FIELD(owners); FIELD(principals); FIELD(groups); FIELD(transactional_ids);
}
template <typename F> void Fields(Cluster& v, F f) {
  FIELD(name); FIELD(title); FIELD(region); FIELD(environment); FIELD(mode); FIELD(agents); FIELD(reserved_principals);
  f("clients.bootstrap_servers", v.bootstrap_servers); f("clients.registry_url", v.registry_url);
  f("limits.partitions", v.partition_limit); f("limits.acls", v.acl_limit);
}
template <typename F> void Fields(CustomerSelection& v, F f) { FIELD(all); FIELD(names); }
template <typename F> void Fields(Schema& v, F f) { FIELD(format); FIELD(text); FIELD(describes); FIELD(envelope); FIELD(meaning); }
template <typename F> void Fields(EventType& v, F f) { FIELD(type); FIELD(description); }
template <typename F> void Fields(StreamKey& v, F f) { FIELD(fields); FIELD(text); }
template <typename F> void Fields(Stream& v, F f) {
  FIELD(suffix); FIELD(state); FIELD(purpose); FIELD(key); FIELD(tombstones); FIELD(partitions); FIELD(config); FIELD(overrides);
}
template <typename F> void Fields(ProductVersion& v, F f) {
  FIELD(major); FIELD(state); FIELD(sunset); FIELD(schema); FIELD(compatibility); FIELD(events); FIELD(wire); FIELD(streams);
}
template <typename F> void Fields(Expectations& v, F f) { FIELD(rate); FIELD(size); f("freshness", v.freshness_ms); }
template <typename F> void Fields(DataProduct& v, F f) {
  FIELD(name); FIELD(title); FIELD(description); FIELD(category); FIELD(stage); FIELD(ownership); FIELD(reason); FIELD(owners);
  f("contact.channel", v.channel); f("contact.email", v.email);
  FIELD(customers); FIELD(expects); FIELD(versions); FIELD(major_in_name);
}
template <typename F> void Fields(Usage& v, F f) { FIELD(fields); FIELD(validates); FIELD(unknown_enum_values); }
template <typename F> void Fields(Access& v, F f) {
  FIELD(role); FIELD(majors); FIELD(streams); FIELD(customers); FIELD(environments); FIELD(uses);
}
template <typename F> void Fields(Grant& v, F f) { FIELD(name); FIELD(purpose); FIELD(access); }
#undef FIELD
// clang-format on

// ---- Values ----

const std::map<std::string_view, int>& Words(Life) {
  static const std::map<std::string_view, int> words = {{"ACTIVE", 0}, {"DEPRECATED", 1}, {"RETIRED", 2}};
  return words;
}
const std::map<std::string_view, int>& Words(Mode) {
  static const std::map<std::string_view, int> words = {{"ACTIVE", 0}, {"OBSERVE", 1}};
  return words;
}
const std::map<std::string_view, int>& Words(SchemaFormat) {
  static const std::map<std::string_view, int> words = {{"JSON_SCHEMA", 0}, {"AVRO", 1}};
  return words;
}
const std::map<std::string_view, int>& Words(Describes) {
  static const std::map<std::string_view, int> words = {{"DATA", 0}, {"MESSAGE", 1}};
  return words;
}
const std::map<std::string_view, int>& Words(Purpose) {
  static const std::map<std::string_view, int> words = {{"RECORDS", 0}, {"DEAD_LETTERS", 1}, {"INBOX", 2}};
  return words;
}
const std::map<std::string_view, int>& Words(Wire) {
  static const std::map<std::string_view, int> words = {{"PLAIN_JSON", 0}, {"CONFLUENT_PREFIX", 1}};
  return words;
}
const std::map<std::string_view, int>& Words(Stage) {
  static const std::map<std::string_view, int> words = {{"PILOT", 0}, {"GENERAL", 1}};
  return words;
}
const std::map<std::string_view, int>& Words(Ownership) {
  static const std::map<std::string_view, int> words = {
      {"none", 0}, {"DIRECT", 1}, {"BROADCASTING", 2}, {"FUNNEL", 3}, {"DATA_PRODUCT", 4}};
  return words;
}
const std::map<std::string_view, int>& Words(MajorInName) {
  static const std::map<std::string_view, int> words = {{"FROM_V2", 0}, {"ALWAYS", 1}};
  return words;
}
const std::map<std::string_view, int>& Words(AccessRole) {
  static const std::map<std::string_view, int> words = {{"none", 0}, {"CONSUMER", 1}, {"PRODUCER", 2}};
  return words;
}
const std::map<std::string_view, int>& Words(UnknownEnumValues) {
  static const std::map<std::string_view, int> words = {{"IGNORES", 0}, {"FAILS", 1}};
  return words;
}

void End(const Assignment& a) {
  if (!a.path.empty()) Fail("no such field", a.path);
}

void Put(std::string& target, const Assignment& a) {
  End(a);
  if (a.value.substr(0, 5) == "LONG(") {
    target = std::string(std::stoul(std::string(a.value.substr(5))), 'x');
  } else {
    target = a.value == "none" ? "" : std::string(a.value);
  }
}
void Put(bool& target, const Assignment& a) { End(a), target = a.value == "true"; }
void Put(double& target, const Assignment& a) { End(a), target = std::stod(std::string(a.value)); }
void Put(int32_t& target, const Assignment& a) { End(a), target = std::stoi(std::string(a.value)); }
void Put(int64_t& target, const Assignment& a) { End(a), target = std::stoll(std::string(a.value)); }

template <typename E>
  requires std::is_enum_v<E>
void Put(E& target, const Assignment& a) {
  End(a);
  const auto at = Words(E()).find(a.value);
  if (at == Words(E()).end()) Fail("no such word", a.value);
  target = static_cast<E>(at->second);
}

// Takes `name` and the separator behind it off the path.
bool Take(std::string_view name, std::string_view& path) {
  if (path.substr(0, name.size()) != name) return false;
  const std::string_view rest = path.substr(name.size());
  if (!rest.empty() && rest[0] != '.' && rest[0] != '[') return false;
  path = !rest.empty() && rest[0] == '.' ? rest.substr(1) : rest;
  return true;
}

template <typename T>
void Put(std::optional<T>& target, const Assignment& a);
template <typename T>
void Put(std::vector<T>& target, const Assignment& a);
void Put(Config& target, const Assignment& a);
void Put(std::map<std::string, TopicSettings>& target, const Assignment& a);

template <typename T>
  requires requires(T& v) { Fields(v, [](std::string_view, auto&) {}); }
void Put(T& target, const Assignment& a) {
  bool found = false;
  Fields(target, [&](std::string_view name, auto& field) {
    std::string_view rest = a.path;
    if (found || !Take(name, rest)) return;
    found = true;
    Put(field, {rest, a.value, a.remove});
  });
  if (!found) Fail("no such field", a.path);
}

template <typename T>
void Put(std::optional<T>& target, const Assignment& a) {
  if (a.path.empty() && (a.remove || a.value == "none")) return target.reset();
  if (!target) target.emplace();
  Put(*target, a);
}

template <typename T>
void PutWhole(std::vector<T>& target, std::string_view value) {
  target.clear();
  if (value == "none") return;
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, int32_t>) {
    while (true) {
      const size_t comma = value.find(", ");
      Put(target.emplace_back(), {"", value.substr(0, comma)});
      if (comma == std::string_view::npos) return;
      value.remove_prefix(comma + 2);
    }
  } else if (value.substr(0, 7) == "REPEAT(") {
    target.resize(std::stoul(std::string(value.substr(7))));
  } else {
    Fail("a list of definitions takes 'none' or fields", value);
  }
}

template <typename T>
void Put(std::vector<T>& target, const Assignment& a) {
  if (a.path.empty()) return PutWhole(target, a.value);
  const size_t close = a.path.find(']');
  if (a.path[0] != '[' || close == std::string_view::npos) Fail("no such item", a.path);
  const size_t index = std::stoul(std::string(a.path.substr(1, close - 1)));
  std::string_view rest = a.path.substr(close + 1);
  if (!rest.empty() && rest[0] == '.') rest.remove_prefix(1);
  if (a.remove && rest.empty()) {
    if (index >= target.size()) Fail("no such item", a.path);
    target.erase(target.begin() + static_cast<ptrdiff_t>(index));
    return;
  }
  if (index > target.size()) Fail("items are added one by one", a.path);
  if (index == target.size()) target.emplace_back();
  Put(target[index], {rest, a.value, a.remove});
}

void Put(Config& target, const Assignment& a) {
  if (a.path.empty()) {
    target.clear();
  } else if (a.remove) {
    target.erase(std::string(a.path));
  } else {
    Put(target[std::string(a.path)], {"", a.value});
  }
}

void Put(std::map<std::string, TopicSettings>& target, const Assignment& a) {
  const size_t dot = a.path.find('.');
  const std::string key(a.path.substr(0, dot));
  if (a.remove && dot == std::string_view::npos) {
    target.erase(key);
  } else {
    Put(target[key], {dot == std::string_view::npos ? "" : a.path.substr(dot + 1), a.value, a.remove});
  }
}

}  // namespace

void Set(Environment& target, const Assignment& assignment) { Put(target, assignment); }
void Set(Category& target, const Assignment& assignment) { Put(target, assignment); }
void Set(Domain& target, const Assignment& assignment) { Put(target, assignment); }
void Set(Customer& target, const Assignment& assignment) { Put(target, assignment); }
void Set(Application& target, const Assignment& assignment) { Put(target, assignment); }
void Set(Cluster& target, const Assignment& assignment) { Put(target, assignment); }
void Set(DataProduct& target, const Assignment& assignment) { Put(target, assignment); }
void Set(Grant& target, const Assignment& assignment) { Put(target, assignment); }

}  // namespace sluice::core::golden
