// Names: a parsed topic name is made of exactly its segments again, and text that is shown back never breaks a line.
#include <algorithm>

#include "common/core/names.h"
#include "common/core/text.h"
#include "tests/fuzz/target.h"

namespace {

using sluice::fuzz::Require;
namespace core = sluice::core;

void CheckTopic(std::string_view text) {
  const auto parts = core::ParseTopicName(text);
  if (!parts) return;
  core::DataProduct product;
  product.name = core::Cat(parts->domain, ".", parts->product);
  product.category = std::string(parts->category);
  const std::string without_major = core::TopicName(parts->customer, product, parts->major, parts->suffix);
  product.major_in_name = core::MajorInName::kAlways;
  const std::string with_major = core::TopicName(parts->customer, product, parts->major, parts->suffix);
  Require(text == without_major || text == with_major, "a topic name is made of its segments");
  Require(text.size() <= core::kMaxTopicName && core::IsGroupName(text), "a topic name is legal in Kafka");
}

void CheckReferences(std::string_view text) {
  if (const auto product = core::ParseProductName(text)) {
    Require(core::Cat(product->domain, ".", product->product) == text, "a product name is made of its segments");
  }
  if (const auto grant = core::ParseGrantName(text)) {
    Require(core::Cat(grant->product, "/", grant->application) == text, "a grant name is made of its parts");
    Require(core::IsSegment(grant->application), "a grant names an application");
  }
  if (core::IsGroupPrefix(text)) Require(text.ends_with('.'), "a prefix ends in a dot");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = sluice::fuzz::TextOf(data, size);
  CheckTopic(text);
  CheckReferences(text);
  const std::string quoted = core::Quote(text);
  Require(quoted.size() <= 80 + 5, "what is shown back is short");
  Require(std::none_of(quoted.begin(), quoted.end(), [](char c) { return c == '\n' || c == '\0' || c == '\x1B'; }),
          "what is shown back has no control characters");
  core::Nearest(text, {"f-and-r.demand-forecast", "plan", "order-desk", ""});
  return 0;
}
