#include "common/schema/example.h"

#include <fmt/format.h>

#include <array>

namespace sluice::schema {
namespace {

constexpr size_t kMostExamples = 5;

struct FormatExamples {
  std::string_view format;
  std::array<std::string_view, 3> texts;
};

constexpr FormatExamples kFormats[] = {
    {"date-time", {"2024-05-17T09:30:00Z", "2023-11-02T23:59:59+01:00", "2025-01-31T00:00:00.125Z"}},
    {"date", {"2024-05-17", "2023-11-02", "2025-01-31"}},
    {"time", {"09:30:00Z", "23:59:59+01:00", "00:00:00.125Z"}},
    {"duration", {"PT15M", "P1DT12H", "P3M"}},
    {"email", {"ada@example.com", "grace.hopper@example.org", "a@b.example"}},
    {"idn-email", {"ada@example.com", "grace.hopper@example.org", "a@b.example"}},
    {"hostname", {"example.com", "orders.example.org", "a.example"}},
    {"idn-hostname", {"example.com", "orders.example.org", "a.example"}},
    {"ipv4", {"192.0.2.1", "198.51.100.7", "203.0.113.254"}},
    {"ipv6", {"2001:db8::1", "2001:db8:0:1::7", "::1"}},
    {"uri", {"https://example.com/orders/1", "urn:example:orders", "https://example.org/"}},
    {"uri-reference", {"/orders/1", "https://example.com/orders/1", "orders"}},
    {"iri", {"https://example.com/orders/1", "urn:example:orders", "https://example.org/"}},
    {"iri-reference", {"/orders/1", "https://example.com/orders/1", "orders"}},
    {"uri-template", {"/orders/{id}", "https://example.com/{id}", "/orders"}},
    {"uuid",
     {"3f2b8c1e-5d4a-4c6b-9a7e-1f0d2c3b4a59", "00000000-0000-4000-8000-000000000001",
      "c0ffee00-1234-4abc-8def-0123456789ab"}},
    {"json-pointer", {"/orders/0", "", "/id"}},
    {"relative-json-pointer", {"1/id", "0", "0/orders"}},
    {"regex", {"^[a-z]+$", "a*", "."}},
};

}  // namespace

std::vector<Json> ExamplesOf(const Node& node) {
  std::vector<Json> examples;
  if (node.source == nullptr || !node.source->is_object()) return examples;
  if (const Json* list = node.source->Find("examples"); list != nullptr && list->is_array()) {
    for (const Json& example : list->array()) {
      if (examples.size() < kMostExamples) examples.push_back(example);
    }
  }
  if (const Json* value = node.source->Find("default"); value != nullptr) examples.push_back(*value);
  return examples;
}

void AddFormatHints(std::string_view format, uint64_t seed, bool many, std::vector<std::string>& hints) {
  if (format.empty()) return;
  for (const FormatExamples& known : kFormats) {
    if (known.format != format) continue;
    for (size_t i = 0; i < known.texts.size(); ++i)
      hints.emplace_back(known.texts[(i + seed) % known.texts.size()]);
    if (!many) return;
    if (format == "date-time") {  // enough different ones for lists without repetition
      for (int second = 1; second < 20; ++second)
        hints.push_back(fmt::format("2024-05-17T09:30:{:02}Z", second));
    } else if (format == "uuid") {
      for (int last = 2; last < 20; ++last)
        hints.push_back(fmt::format("00000000-0000-4000-8000-{:012}", last));
    } else if (format == "email" || format == "idn-email") {
      for (int number = 1; number < 20; ++number) hints.push_back(fmt::format("user{}@example.com", number));
    } else if (format == "uri" || format == "uri-reference" || format == "iri" || format == "iri-reference") {
      for (int number = 2; number < 20; ++number)
        hints.push_back(fmt::format("https://example.com/orders/{}", number));
    } else if (format == "date") {
      for (int day = 1; day < 29; ++day) hints.push_back(fmt::format("2024-06-{:02}", day));
    }
  }
}

void AddTextHints(uint64_t seed, std::vector<std::string>& hints) {
  static constexpr std::array<std::string_view, 4> kWords = {"text", "a", "Example", "b-2"};
  for (size_t i = 0; i < kWords.size(); ++i) hints.emplace_back(kWords[(i + seed) % kWords.size()]);
}

void AddNumberHints(uint64_t seed, bool whole, std::vector<Decimal>& hints) {
  static const std::array<Decimal, 4> kWhole = {Decimal(1), Decimal(42), Decimal(7), Decimal(100)};
  static const std::array<Decimal, 4> kParts = {*Decimal::Parse("1.5"), *Decimal::Parse("0.25"),
                                                *Decimal::Parse("12.75"), *Decimal::Parse("99.9")};
  const auto& numbers = whole ? kWhole : kParts;
  for (size_t i = 0; i < numbers.size(); ++i) hints.push_back(numbers[(i + seed) % numbers.size()]);
}

}  // namespace sluice::schema
