#include "common/core/checks.h"

#include <algorithm>
#include <set>

#include "common/core/limits.h"
#include "common/core/names.h"
#include "common/core/references.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

// `Acme_Corp` -> `acme-corp`: what a person may have meant; empty: no guess.
std::string AsSegment(std::string_view name) {
  std::string segment;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (good)
      segment.push_back(c);
    else if (!segment.empty() && segment.back() != '-')
      segment.push_back('-');
  }
  while (!segment.empty() && segment.back() == '-') segment.pop_back();
  return IsSegment(segment) ? segment : "";
}

template <typename T>
std::vector<std::string> NamesLike(const Table<T>& table, std::string_view name) {
  const auto& entries = table.entries();
  size_t first = 0, last = entries.size();
  if (last > kMaxCandidates) std::tie(first, last) = table.PrefixRange(name.substr(0, 1));
  std::vector<std::string> names;
  for (; first < last && names.size() < kMaxCandidates; ++first) names.push_back(entries[first].name);
  return names;
}

// The names registered for a kind; nullopt: `name` is one of them.
std::optional<std::vector<std::string>> NamesUnlessKnown(const Catalog& catalog, Kind kind,
                                                         std::string_view name) {
  const auto look = [&](const auto& table) -> std::optional<std::vector<std::string>> {
    if (table.Find(name) != nullptr) return std::nullopt;
    return NamesLike(table, name);
  };
  switch (kind) {
    case Kind::kEnvironment:
      return look(catalog.environments);
    case Kind::kCategory:
      return look(catalog.categories);
    case Kind::kDomain:
      return look(catalog.domains);
    case Kind::kCustomer:
      return look(catalog.customers);
    case Kind::kApplication:
      return look(catalog.applications);
    case Kind::kCluster:
      return look(catalog.clusters);
    case Kind::kDataProduct:
      return look(catalog.products);
    case Kind::kGrant:
      return look(catalog.grants);
  }
  return std::nullopt;
}

std::string_view Word(Kind kind) {
  switch (kind) {
    case Kind::kEnvironment:
      return "environment";
    case Kind::kCategory:
      return "category";
    case Kind::kDomain:
      return "domain";
    case Kind::kCustomer:
      return "customer";
    case Kind::kApplication:
      return "application";
    case Kind::kCluster:
      return "cluster";
    case Kind::kDataProduct:
      return "product";
    case Kind::kGrant:
      return "grant";
  }
  return "";
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

// What is wrong with an owner; empty: nothing.
std::string OwnerProblem(std::string_view owner, AppOwners apps) {
  const size_t colon = owner.find(':');
  const std::string_view type = owner.substr(0, std::min(colon, owner.size()));
  const std::string_view name = colon == std::string_view::npos ? "" : owner.substr(colon + 1);
  if (type != "app" && type != "group" && type != "user") return "is no owner";
  if (name.empty() || name.size() > kMaxOwner || HasControl(name) ||
      name.find_first_of("\n\t*") != std::string_view::npos || name.front() == ' ' || name.back() == ' ') {
    return "names nobody";
  }
  if (type != "app") return "";
  if (apps == AppOwners::kRefused) return "is an application";
  return IsSegment(name) ? "" : "names nobody";
}

}  // namespace

void Report::Add(Severity severity, std::string field, std::string_view rule, std::string message,
                 std::string remedy) {
  if (++count_ > kMaxFindingsPerEdit) return;
  findings_.push_back({severity, edit_, resource_, std::move(field), std::string(rule), std::move(message),
                       std::move(remedy)});
}

void Report::Error(std::string field, std::string_view rule, std::string message, std::string remedy) {
  Add(Severity::kError, std::move(field), rule, std::move(message), std::move(remedy));
}

void Report::Warning(std::string field, std::string_view rule, std::string message, std::string remedy) {
  Add(Severity::kWarning, std::move(field), rule, std::move(message), std::move(remedy));
}

bool CheckSegment(std::string_view name, std::string field, Report& report) {
  if (IsSegment(name)) return true;
  if (name.empty()) {
    report.Error(std::move(field), "required", "it is empty", "give it a name");
    return false;
  }
  const std::string guess = AsSegment(name);
  report.Error(
      std::move(field), "name-grammar",
      Cat(Quote(name), " is no name: lower-case letters, digits and inner '-', at most ", kMaxSegment),
      guess.empty() ? "choose another name" : Cat("write for example '", guess, "'"));
  return false;
}

bool CheckText(std::string_view text, size_t limit, std::string field, Report& report) {
  if (text.size() > limit) {
    report.Error(std::move(field), "too-long", Cat("it has ", text.size(), " bytes; at most ", limit),
                 "shorten it");
    return false;
  }
  if (HasControl(text)) {
    report.Error(std::move(field), "control-character", Cat(Quote(text), " contains control characters"),
                 "remove them");
    return false;
  }
  return true;
}

bool CheckCount(size_t count, size_t limit, std::string field, Report& report) {
  if (count <= limit) return true;
  report.Error(std::move(field), "too-many", Cat("it has ", count, " entries; at most ", limit),
               "split or shorten it");
  return false;
}

bool CheckUnique(const std::vector<std::string>& items, std::string_view field, Report& report) {
  std::set<std::string_view> seen;
  bool unique = true;
  for (size_t i = 0; i < items.size(); ++i) {
    if (seen.insert(items[i]).second) continue;
    report.Error(Item(field, i), "duplicate", Cat(Quote(items[i]), " is there twice"), "remove one of them");
    unique = false;
  }
  return unique;
}

void CheckOwners(const std::vector<std::string>& owners, AppOwners apps, std::string_view remedy,
                 Report& report) {
  if (owners.empty()) report.Error("owners", "owners-required", "nobody owns it", std::string(remedy));
  if (!CheckCount(owners.size(), kMaxOwners, "owners", report)) return;
  for (size_t i = 0; i < owners.size(); ++i) {
    const std::string problem = OwnerProblem(owners[i], apps);
    if (!problem.empty())
      report.Error(Item("owners", i), "owner", Cat(Quote(owners[i]), " ", problem), std::string(remedy));
  }
  CheckUnique(owners, "owners", report);
}

bool CheckPointer(std::string_view pointer, std::string field, Report& report) {
  bool good = !pointer.empty() && pointer[0] == '/' && pointer.size() <= kMaxPointer && !HasControl(pointer);
  for (size_t i = 0; good && i < pointer.size(); ++i) {
    if (pointer[i] == '~') good = i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1');
  }
  if (good) return true;
  report.Error(std::move(field), "json-pointer", Cat(Quote(pointer), " is no JSON Pointer"),
               "begin with '/', write '~0' for '~' and '~1' for '/', for example /data/quantity");
  return false;
}

void CheckReferences(const CheckContext& context, const Definition& definition, Report& report) {
  for (const Reference& reference : ReferencesOf(definition)) {
    const std::optional<std::vector<std::string>> known =
        NamesUnlessKnown(context.after, reference.kind, reference.name);
    if (!known) continue;
    const std::string_view word = Word(reference.kind);
    if (reference.name.empty()) {
      report.Error(reference.field, "required", Cat("no ", word, " given"),
                   Cat("name one of: ", List(*known)));
      continue;
    }
    std::string nearest;
    if (context.suggestions > 0) nearest = Nearest(reference.name, *known), --context.suggestions;
    report.Error(reference.field, Cat("unknown-", word),
                 Cat("unknown ", word, " ", Quote(reference.name), "; registered: ", List(*known)),
                 nearest.empty() ? Cat("register the ", word, " first or in the same change, or name another")
                                 : Cat("did you mean '", nearest, "'?"));
  }
}

bool LivesSomewhere(const Catalog& catalog, const Customer& customer) {
  for (const auto& entry : catalog.clusters.entries()) {
    for (const Presence& presence : customer.presence) {
      if (presence.region == entry.value->region && Contains(presence.environments, entry.value->environment))
        return true;
    }
  }
  return false;
}

bool Selects(const CustomerSelection& selection, std::string_view customer) {
  return selection.all || Contains(selection.names, customer);
}

bool Contains(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

const Domain* DomainOf(const Catalog& catalog, std::string_view product) {
  const std::optional<ProductName> name = ParseProductName(product);
  return name ? catalog.domains.Find(name->domain) : nullptr;
}

}  // namespace sluice::core
