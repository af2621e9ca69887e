// SharedText and SharedConfig: values as large as a pointer whose copies share what they hold. Hundreds of thousands of
// resources repeat the same names, schemas and settings; sharing is what keeps whole clusters small and plans cheap.
//
// Thread safety: as std::string and std::map; what is shared between copies is never changed.
#pragma once

#include <atomic>
#include <compare>
#include <concepts>
#include <cstddef>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::core {

// A value on the heap, counted; nullptr stands for T().
template <typename T>
class Counted {
 public:
  Counted() = default;
  explicit Counted(T value) : node_(value.empty() ? nullptr : new Node{std::move(value)}) {}
  Counted(const Counted& other) : node_(other.node_) {
    if (node_ != nullptr) node_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  Counted(Counted&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Counted& operator=(Counted other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Counted() {
    if (node_ != nullptr && node_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete node_;
  }

  const T& Get() const {
    static const T empty;
    return node_ == nullptr ? empty : node_->value;
  }
  // For changing: a copy of its own if others hold it too.
  T& Own() {
    if (node_ == nullptr) {
      node_ = new Node{T()};
    } else if (node_->holders.load(std::memory_order_acquire) != 1) {
      *this = Counted(new Node{node_->value});
    }
    return node_->value;
  }
  bool SameAs(const Counted& other) const { return node_ == other.node_; }
  bool IsDefault() const { return node_ == nullptr; }

 private:
  struct Node {
    T value;
    std::atomic<size_t> holders = 1;
  };
  explicit Counted(Node* node) : node_(node) {}
  Node* node_ = nullptr;
};

// Text that is not changed; converts to and compares with other texts.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text) : text_(std::move(text)) {}           // NOLINT(google-explicit-constructor)
  SharedText(std::string_view text) : text_(std::string(text)) {}    // NOLINT(google-explicit-constructor)
  SharedText(const char* text) : text_(std::string(text)) {}         // NOLINT(google-explicit-constructor)

  const std::string& str() const { return text_.Get(); }
  operator const std::string&() const { return str(); }     // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return str(); }       // NOLINT(google-explicit-constructor)

  bool empty() const { return text_.IsDefault(); }
  size_t size() const { return str().size(); }
  const char* c_str() const { return str().c_str(); }
  bool starts_with(std::string_view start) const { return str().starts_with(start); }
  bool ends_with(std::string_view end) const { return str().ends_with(end); }
  size_t find(std::string_view part, size_t from = 0) const { return str().find(part, from); }
  size_t find(char part, size_t from = 0) const { return str().find(part, from); }
  char back() const { return str().back(); }
  std::string substr(size_t from, size_t count = std::string::npos) const { return str().substr(from, count); }
  int compare(std::string_view other) const { return str().compare(other); }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_.SameAs(b.text_) || a.str() == b.str();
  }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) {
    return a.text_.SameAs(b.text_) ? std::strong_ordering::equal : a.str() <=> b.str();
  }
  template <typename T>
    requires std::convertible_to<const T&, std::string_view>
  friend bool operator==(const SharedText& a, const T& b) {
    return a.str() == std::string_view(b);
  }
  template <typename T>
    requires std::convertible_to<const T&, std::string_view>
  friend std::strong_ordering operator<=>(const SharedText& a, const T& b) {
    return std::string_view(a.str()) <=> std::string_view(b);
  }
  template <typename T>
    requires std::convertible_to<const T&, std::string_view>
  friend std::string operator+(const SharedText& a, const T& b) {
    return std::string(a.str()).append(std::string_view(b));
  }
  template <typename T>
    requires(std::convertible_to<const T&, std::string_view> && !std::same_as<T, SharedText>)
  friend std::string operator+(const T& a, const SharedText& b) {
    return std::string(std::string_view(a)).append(b.str());
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) { return out << text.str(); }
  friend std::string_view format_as(const SharedText& text) { return text.str(); }  // for fmt

 private:
  Counted<std::string> text_;
};

// Topic configs by key. Changing one leaves its copies as they are.
class SharedConfig {
 public:
  using Map = std::map<std::string, std::string>;
  using value_type = Map::value_type;

  SharedConfig() = default;
  SharedConfig(Map configs) : configs_(std::move(configs)) {}                                // NOLINT(google-explicit-constructor)
  SharedConfig(std::initializer_list<value_type> configs) : configs_(Map(configs)) {}
  template <typename Iterator>
  SharedConfig(Iterator first, Iterator last) : configs_(Map(first, last)) {}

  const Map& map() const { return configs_.Get(); }
  operator const Map&() const { return map(); }  // NOLINT(google-explicit-constructor)

  bool empty() const { return map().empty(); }
  size_t size() const { return map().size(); }
  Map::const_iterator begin() const { return map().begin(); }
  Map::const_iterator end() const { return map().end(); }
  Map::const_iterator find(const std::string& key) const { return map().find(key); }
  size_t count(const std::string& key) const { return map().count(key); }
  bool contains(const std::string& key) const { return map().contains(key); }
  const std::string& at(const std::string& key) const { return map().at(key); }

  std::string& operator[](const std::string& key) { return configs_.Own()[key]; }
  size_t erase(const std::string& key) { return contains(key) ? configs_.Own().erase(key) : 0; }
  void clear() { configs_ = Counted<Map>(); }

  friend bool operator==(const SharedConfig& a, const SharedConfig& b) {
    return a.configs_.SameAs(b.configs_) || a.map() == b.map();
  }
  bool SameAs(const SharedConfig& other) const { return configs_.SameAs(other.configs_); }

 private:
  Counted<Map> configs_;
};

}  // namespace sluice::core

template <>
struct std::hash<sluice::core::SharedText> {
  size_t operator()(const sluice::core::SharedText& text) const noexcept {
    return std::hash<std::string_view>()(text.str());
  }
};
