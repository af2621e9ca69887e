#include "common/core/checks.h"
#include "common/core/names.h"
#include "common/core/text.h"

namespace sluice::core {

Claims::Claims(const Catalog& catalog) {
  for (const auto& entry : catalog.applications.entries()) {
    const Application& application = *entry.value;
    for (const Principal& principal : application.principals) users_.emplace(principal, application.name);
    groups_.Add(application.groups, application.name);
    transactional_ids_.Add(application.transactional_ids, application.name);
  }
}

Claims::Holder Claims::OtherUser(const Principal& principal, Holder application) const {
  const auto [first, last] = users_.equal_range(principal);
  for (auto at = first; at != last; ++at) {
    if (at->second != application) return at->second;
  }
  return {};
}

Claims::Overlap Claims::OtherGroup(const std::string& name, bool is_prefix, Holder application) const {
  return groups_.Find(name, is_prefix, application);
}

Claims::Overlap Claims::OtherTransactionalId(const std::string& name, bool is_prefix,
                                             Holder application) const {
  return transactional_ids_.Find(name, is_prefix, application);
}

void Claims::Names::Add(const NameSpace& names, Holder application) {
  prefixes.emplace(PrefixOf(names, application), application);
  for (const std::string& name : names.also) singles.emplace(name, application);
}

Claims::Overlap Claims::Names::Find(const std::string& name, bool is_prefix, Holder application) const {
  // Prefixes that cover `name`: all end in `.`.
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const auto [first, last] = prefixes.equal_range(name.substr(0, dot + 1));
    for (auto at = first; at != last; ++at) {
      if (at->second != application) return {at->second, Cat("prefix '", at->first, "'")};
    }
  }
  // What `name` covers: itself, and all that begins with it if it is a prefix.
  const auto covered = [&](const std::multimap<std::string, Holder>& held, std::string_view word) -> Overlap {
    for (auto at = held.lower_bound(name); at != held.end(); ++at) {
      if (is_prefix ? at->first.compare(0, name.size(), name) != 0 : at->first != name) break;
      if (at->second != application) return {at->second, Cat(word, "'", at->first, "'")};
    }
    return {};
  };
  if (is_prefix) {
    if (Overlap overlap = covered(prefixes, "prefix "); !overlap.application.empty()) return overlap;
  }
  return covered(singles, "");
}

}  // namespace sluice::core
