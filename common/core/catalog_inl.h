// Templates of catalog.h.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/core/catalog.h"

namespace sluice::core {

template <typename T>
const Entry<T>* Table<T>::FindEntry(std::string_view name) const {
  const auto at = std::lower_bound(entries_->begin(), entries_->end(), name,
                                   [](const Entry<T>& entry, std::string_view key) { return entry.name < key; });
  return at != entries_->end() && at->name == name ? &*at : nullptr;
}

template <typename T>
const T* Table<T>::Find(std::string_view name) const {
  const Entry<T>* entry = FindEntry(name);
  return entry == nullptr ? nullptr : entry->value.get();
}

template <typename T>
std::pair<size_t, size_t> Table<T>::PrefixRange(std::string_view prefix) const {
  const auto head = [&](const Entry<T>& entry) { return std::string_view(entry.name).substr(0, prefix.size()); };
  const auto first = std::partition_point(entries_->begin(), entries_->end(),
                                          [&](const Entry<T>& entry) { return head(entry) < prefix; });
  const auto last = std::partition_point(first, entries_->end(),
                                         [&](const Entry<T>& entry) { return head(entry) == prefix; });
  return {static_cast<size_t>(first - entries_->begin()), static_cast<size_t>(last - entries_->begin())};
}

template <typename T>
void Table<T>::Put(Entry<T> entry) {
  std::vector<Entry<T>> one;
  one.push_back(std::move(entry));
  PutAll(std::move(one));
}

template <typename T>
void Table<T>::PutAll(std::vector<Entry<T>> entries) {
  const auto by_name = [](const Entry<T>& a, const Entry<T>& b) { return a.name < b.name; };
  // Of several entries with one name the last one counts.
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int names = entries[a].name.compare(entries[b].name);
    return names != 0 ? names < 0 : a < b;
  });
  auto merged = std::make_shared<std::vector<Entry<T>>>();
  merged->reserve(entries_->size() + entries.size());
  auto old = entries_->begin();
  for (size_t i = 0; i < order.size(); ++i) {
    Entry<T>& entry = entries[order[i]];
    if (i + 1 < order.size() && entries[order[i + 1]].name == entry.name) continue;
    const auto at = std::lower_bound(old, entries_->end(), entry, by_name);
    merged->insert(merged->end(), old, at);
    old = at != entries_->end() && at->name == entry.name ? at + 1 : at;
    merged->push_back(std::move(entry));
  }
  merged->insert(merged->end(), old, entries_->end());
  entries_ = std::move(merged);
}

template <typename T>
void Table<T>::Remove(std::string_view name) {
  const Entry<T>* found = FindEntry(name);
  if (found == nullptr) return;
  const auto at = entries_->begin() + (found - entries_->data());
  auto rest = std::make_shared<std::vector<Entry<T>>>();
  rest->reserve(entries_->size() - 1);
  rest->insert(rest->end(), entries_->begin(), at);
  rest->insert(rest->end(), at + 1, entries_->end());
  entries_ = std::move(rest);
}

template <typename T>
Table<T>& Catalog::Of() {
  if constexpr (std::is_same_v<T, Environment>) {
    return environments;
  } else if constexpr (std::is_same_v<T, Category>) {
    return categories;
  } else if constexpr (std::is_same_v<T, Domain>) {
    return domains;
  } else if constexpr (std::is_same_v<T, Customer>) {
    return customers;
  } else if constexpr (std::is_same_v<T, Application>) {
    return applications;
  } else if constexpr (std::is_same_v<T, Cluster>) {
    return clusters;
  } else if constexpr (std::is_same_v<T, DataProduct>) {
    return products;
  } else {
    static_assert(std::is_same_v<T, Grant>);
    return grants;
  }
}

template <typename T>
const Table<T>& Catalog::Of() const {
  return const_cast<Catalog*>(this)->Of<T>();
}

}  // namespace sluice::core
