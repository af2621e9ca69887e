// Foreign ACLs: which governed resources each one opens or closes.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/diff_work.h"
#include "common/core/text.h"

namespace sluice::core::diff {
namespace {

// A slice that an ACL concerns, by `count` of its resources, `name` among them.
struct Concern {
  size_t slice;
  std::string_view name;
  size_t count;
};

// Governed names and prefixes of one resource type, for finding what a pattern overlaps in logarithmic time.
class Governed {
 public:
  void Add(std::string_view name, PatternType pattern, size_t slice) {
    (pattern == PatternType::kLiteral ? literals_ : prefixes_).push_back({name, slice});
  }

  void Finish() {
    for (std::vector<Item>* items : {&literals_, &prefixes_}) {
      std::sort(items->begin(), items->end());
      items->erase(std::unique(items->begin(), items->end()), items->end());
    }
    LinkPrefixes();
    std::vector<Item> all = literals_;
    all.insert(all.end(), prefixes_.begin(), prefixes_.end());
    everything_ = BySlice(std::move(all));
  }

  std::vector<Concern> Overlapping(const Acl& acl) const {
    if (acl.pattern_type == PatternType::kLiteral && acl.resource == "*") return everything_;
    std::vector<Item> items;
    AddPrefixesOf(acl.resource, items);
    if (acl.pattern_type == PatternType::kLiteral) {
      AddRange(literals_, acl.resource, [&](std::string_view name) { return name == acl.resource; }, items);
    } else {
      const auto begins = [&](std::string_view name) { return name.starts_with(acl.resource); };
      AddRange(literals_, acl.resource, begins, items);
      AddRange(prefixes_, acl.resource, begins, items);
    }
    return BySlice(std::move(items));
  }

 private:
  struct Item {
    std::string_view name;
    size_t slice;
    auto operator<=>(const Item&) const = default;
  };

  // parent_[i]: the item with the longest prefix of item i's name.
  void LinkPrefixes() {
    std::vector<size_t> open;
    for (size_t i = 0; i < prefixes_.size(); ++i) {
      while (!open.empty() && !prefixes_[i].name.starts_with(prefixes_[open.back()].name)) open.pop_back();
      parent_.push_back(open.empty() ? kNone : open.back());
      open.push_back(i);
    }
  }

  // Every prefix of `name` is the last item up to it, or one of its ancestors.
  void AddPrefixesOf(std::string_view name, std::vector<Item>& items) const {
    const auto after =
        std::upper_bound(prefixes_.begin(), prefixes_.end(), name,
                         [](std::string_view value, const Item& item) { return value < item.name; });
    size_t at = after == prefixes_.begin() ? kNone : static_cast<size_t>(after - prefixes_.begin()) - 1;
    for (; at != kNone; at = parent_[at]) {
      if (name.starts_with(prefixes_[at].name)) items.push_back(prefixes_[at]);
    }
  }

  template <typename Accepts>
  static void AddRange(const std::vector<Item>& from, std::string_view first, const Accepts& accepts,
                       std::vector<Item>& items) {
    auto at = std::lower_bound(from.begin(), from.end(), first,
                               [](const Item& item, std::string_view value) { return item.name < value; });
    for (; at != from.end() && accepts(at->name); ++at) items.push_back(*at);
  }

  static std::vector<Concern> BySlice(std::vector<Item> items) {
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
      return std::pair(a.slice, a.name) < std::pair(b.slice, b.name);
    });
    items.erase(std::unique(items.begin(), items.end()), items.end());
    std::vector<Concern> concerns;
    for (const Item& item : items) {
      if (concerns.empty() || concerns.back().slice != item.slice)
        concerns.push_back({item.slice, item.name, 0});
      ++concerns.back().count;
    }
    return concerns;
  }

  std::vector<Item> literals_, prefixes_;
  std::vector<size_t> parent_;
  std::vector<Concern> everything_;
};

std::string Sentence(const Acl& acl, const Concern& concern) {
  const std::string what = Cat(Name(acl.resource_type), " ", concern.name,
                               concern.count == 1 ? "" : Cat(" and ", concern.count - 1, " more"));
  return acl.permission == Permission::kDeny
             ? Cat("DENY closes declared access to ", what, " for ", acl.principal,
                   "; no slice names this ACL")
             : Cat("opens ", what, " to ", acl.principal, "; no slice names this ACL");
}

}  // namespace

void ReportForeignAcls(Work& work, const std::vector<const Acl*>& foreign) {
  if (foreign.empty()) return;
  std::array<Governed, 4> governed;  // by ResourceType
  const auto of = [&](ResourceType type) -> Governed& { return governed[static_cast<size_t>(type)]; };
  for (const WantedTopic& wanted : work.topics) {
    of(ResourceType::kTopic).Add(wanted.topic->name, PatternType::kLiteral, wanted.slice);
  }
  for (const WantedAcl& wanted : work.acls) {
    if (wanted.acl->resource_type == ResourceType::kTopic) continue;
    of(wanted.acl->resource_type).Add(wanted.acl->resource, wanted.acl->pattern_type, wanted.slice);
  }
  for (Governed& each : governed) each.Finish();
  for (const Acl* acl : foreign) {
    const std::string resource = Cat("acl ", Describe(*acl));
    const std::vector<Concern> concerns = of(acl->resource_type).Overlapping(*acl);
    if (concerns.empty())
      work.AddForeign(kNone, resource, /*excess=*/false, "concerns nothing governed; it is left alone");
    for (const Concern& concern : concerns) {
      work.AddForeign(concern.slice, resource, acl->permission == Permission::kAllow,
                      Sentence(*acl, concern));
    }
  }
}

}  // namespace sluice::core::diff
