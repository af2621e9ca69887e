// Templates of catalog.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <numeric>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/core/catalog.h"

namespace sluice::core {

inline constexpr size_t kMaxChunk = 512;  // entries; small enough to copy in microseconds, large enough for few chunks

// ---- Rows ----

template <typename T>
class Rows<T>::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Entry<T>;
  using difference_type = std::ptrdiff_t;
  using pointer = const Entry<T>*;
  using reference = const Entry<T>&;

  Iterator() = default;
  Iterator(const List& list, size_t chunk) : list_(&list), chunk_(chunk) {}
  reference operator*() const { return (*list_->chunks[chunk_])[at_]; }
  pointer operator->() const { return &**this; }
  Iterator& operator++() {
    if (++at_ == list_->chunks[chunk_]->size()) ++chunk_, at_ = 0;
    return *this;
  }
  Iterator operator++(int) {
    Iterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const Iterator& other) const { return chunk_ == other.chunk_ && at_ == other.at_; }

 private:
  const List* list_ = nullptr;
  size_t chunk_ = 0, at_ = 0;
};

template <typename T>
void Rows<T>::List::Add(std::shared_ptr<const Chunk> chunk) {
  first.push_back(size);
  size += chunk->size();
  chunks.push_back(std::move(chunk));
}

template <typename T>
size_t Rows<T>::ChunkOf(size_t index) const {
  const auto after = std::upper_bound(list_->first.begin(), list_->first.end(), index);
  return static_cast<size_t>(after - list_->first.begin()) - 1;
}

template <typename T>
const Entry<T>& Rows<T>::operator[](size_t index) const {
  const size_t chunk = ChunkOf(index);
  return (*list_->chunks[chunk])[index - list_->first[chunk]];
}

template <typename T>
template <typename Predicate>
size_t Rows<T>::Partition(Predicate is_before) const {
  const auto& chunks = list_->chunks;
  const auto after = std::partition_point(chunks.begin(), chunks.end(),
                                          [&](const auto& chunk) { return is_before(chunk->front()); });
  if (after == chunks.begin()) return 0;
  const size_t index = static_cast<size_t>(after - chunks.begin()) - 1;
  const Chunk& chunk = *chunks[index];
  const auto at = std::partition_point(chunk.begin(), chunk.end(), is_before);
  return list_->first[index] + static_cast<size_t>(at - chunk.begin());
}

// ---- Table ----

template <typename T>
const Entry<T>* Table<T>::FindEntry(std::string_view name) const {
  const size_t at = rows_.Partition([&](const Entry<T>& entry) { return entry.name < name; });
  if (at == rows_.size()) return nullptr;
  const Entry<T>& entry = rows_[at];
  return entry.name == name ? &entry : nullptr;
}

template <typename T>
const T* Table<T>::Find(std::string_view name) const {
  const Entry<T>* entry = FindEntry(name);
  return entry == nullptr ? nullptr : entry->value.get();
}

template <typename T>
std::pair<size_t, size_t> Table<T>::PrefixRange(std::string_view prefix) const {
  const auto head = [&](const Entry<T>& entry) { return std::string_view(entry.name).substr(0, prefix.size()); };
  return {rows_.Partition([&](const Entry<T>& entry) { return head(entry) < prefix; }),
          rows_.Partition([&](const Entry<T>& entry) { return head(entry) <= prefix; })};
}

template <typename T>
void Table<T>::Put(Entry<T> entry) {
  std::vector<Entry<T>> one;
  one.push_back(std::move(entry));
  PutAll(std::move(one));
}

// Sorts by name; of several with one name the last one is left.
template <typename T>
std::vector<Entry<T>> SortedUnique(std::vector<Entry<T>> entries) {
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int names = entries[a].name.compare(entries[b].name);
    return names != 0 ? names < 0 : a < b;
  });
  std::vector<Entry<T>> sorted;
  sorted.reserve(entries.size());
  for (const size_t i : order) {
    if (!sorted.empty() && sorted.back().name == entries[i].name) sorted.pop_back();
    sorted.push_back(std::move(entries[i]));
  }
  return sorted;
}

template <typename T>
void Table<T>::PutAll(std::vector<Entry<T>> entries) {
  if (entries.empty()) return;
  using Chunk = typename Rows<T>::Chunk;
  const std::vector<Entry<T>> fresh = SortedUnique(std::move(entries));
  const auto& chunks = rows_.list_->chunks;
  auto list = std::make_shared<typename Rows<T>::List>();
  // Cuts what has grown beyond a chunk into halves of one, so that the next Put finds room.
  const auto add = [&](Chunk merged) {
    if (merged.size() <= kMaxChunk) return list->Add(std::make_shared<const Chunk>(std::move(merged)));
    for (size_t at = 0; at < merged.size(); at += kMaxChunk / 2) {
      const auto first = merged.begin() + static_cast<std::ptrdiff_t>(at);
      const auto last = merged.begin() + static_cast<std::ptrdiff_t>(std::min(at + kMaxChunk / 2, merged.size()));
      list->Add(std::make_shared<const Chunk>(std::make_move_iterator(first), std::make_move_iterator(last)));
    }
  };
  auto next = fresh.begin();
  if (chunks.empty()) add(Chunk(fresh.begin(), fresh.end()));
  for (size_t i = 0; i < chunks.size(); ++i) {
    // What belongs here: all that is before the next chunk.
    const auto last = i + 1 == chunks.size() ? fresh.end()
                                             : std::partition_point(next, fresh.end(), [&](const Entry<T>& entry) {
                                                 return entry.name < chunks[i + 1]->front().name;
                                               });
    if (next == last) {
      list->Add(chunks[i]);
      continue;
    }
    Chunk merged;
    merged.reserve(chunks[i]->size() + static_cast<size_t>(last - next));
    auto old = chunks[i]->begin();
    for (; next != last; ++next) {
      for (; old != chunks[i]->end() && old->name < next->name; ++old) merged.push_back(*old);
      if (old != chunks[i]->end() && old->name == next->name) ++old;
      merged.push_back(*next);
    }
    merged.insert(merged.end(), old, chunks[i]->end());
    add(std::move(merged));
  }
  rows_.list_ = std::move(list);
}

template <typename T>
void Table<T>::Remove(std::string_view name) {
  const size_t at = rows_.Partition([&](const Entry<T>& entry) { return entry.name < name; });
  if (at == rows_.size() || rows_[at].name != name) return;
  using Chunk = typename Rows<T>::Chunk;
  const size_t changed = rows_.ChunkOf(at);
  const auto& chunks = rows_.list_->chunks;
  auto list = std::make_shared<typename Rows<T>::List>();
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (i != changed) {
      list->Add(chunks[i]);
      continue;
    }
    Chunk rest = *chunks[i];
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at - rows_.list_->first[i]));
    if (!rest.empty()) list->Add(std::make_shared<const Chunk>(std::move(rest)));
  }
  rows_.list_ = std::move(list);
}

// ---- Catalog ----

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
