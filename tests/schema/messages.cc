#include "tests/schema/messages.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "common/schema/sample.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostValues = 60;  // taken from a schema

// Messages in the order of their arrival, each once.
class Collection {
 public:
  explicit Collection(size_t most) : most_(most) {}

  void Add(const Json& message) {
    if (messages_.size() < most_ && seen_.insert(message.ToString()).second) messages_.push_back(message);
  }
  bool full() const { return messages_.size() >= most_; }
  const std::vector<Json>& messages() const { return messages_; }

 private:
  const size_t most_;
  std::vector<Json> messages_;
  std::unordered_set<std::string> seen_;
};

// Values of every type, at the edges where implementations differ.
std::vector<Json> PlainValues() {
  return {Json(),
          Json(false),
          Json(true),
          Json(0),
          Json(-1),
          Json(1),
          Json(100),
          Json(*Decimal::Parse("1.5")),
          Json(""),
          Json("a"),
          Json("aaaaaaaaaaaaaaaaaaaa"),
          Json(Json::Array{}),
          Json(Json::Array{Json(1)}),
          Json(Json::Array{Json("a"), Json("a")}),
          Json(Json::Object{}),
          JsonObject().Set("a", 1).Done(),
          JsonObject().Set("zz", "a").Set("zzz", Json()).Done()};
}

// What a schema mentions itself is what it treats specially: enum values, bounds and their neighbours, names.
void AddMentioned(const Json& schema, std::vector<Json>& values, int depth = 0) {
  if (values.size() >= kMostValues || depth > 12) return;
  switch (schema.type()) {
    case Json::Type::kObject:
      for (const auto& [key, value] : schema.object()) AddMentioned(value, values, depth + 1);
      return;
    case Json::Type::kArray:
      values.push_back(schema);
      for (const Json& item : schema.array()) AddMentioned(item, values, depth + 1);
      return;
    case Json::Type::kNumber:
      values.push_back(schema);
      for (const int step : {-1, 1}) {
        if (const auto near = schema.number().Plus(Decimal(step))) values.emplace_back(*near);
      }
      if (const auto length = schema.number().ToInt64(); length && *length >= 0 && *length <= 100) {
        values.emplace_back(std::string(static_cast<size_t>(*length), 'x'));
        values.emplace_back(std::string(static_cast<size_t>(*length) + 1, 'x'));
        values.emplace_back(Json::Array(static_cast<size_t>(*length) + 1, Json(1)));
      }
      return;
    case Json::Type::kString:
      values.push_back(schema);
      return;
    default:
      return;
  }
}

void AddSamples(const Schema& schema, Collection& collection) {
  for (const Reading reading : {Reading::kClosed, Reading::kStrict}) {
    for (const bool optional_members : {true, false}) {
      for (uint64_t seed = 0; seed < 3; ++seed) {
        const SampleOptions options{.reading = reading, .optional_members = optional_members, .seed = seed};
        if (const std::optional<Json> valid = MakeValid(schema, options)) collection.Add(*valid);
      }
    }
  }
  for (const InvalidSample& invalid : MakeInvalid(schema)) collection.Add(invalid.message);
}

void AddWithout(const Json& message, Collection& collection) {
  if (message.is_object()) {
    for (size_t i = 0; i < message.object().size(); ++i) {
      Json::Object members = message.object();
      members.erase(members.begin() + static_cast<ptrdiff_t>(i));
      collection.Add(Json(std::move(members)));
    }
  } else if (message.is_array() && !message.array().empty()) {
    Json::Array items = message.array();
    items.pop_back();
    collection.Add(Json(std::move(items)));
  }
}

void AddWith(const Json& message, const std::vector<Json>& values, Collection& collection) {
  for (const Json& value : values) {
    if (message.is_object()) {
      for (size_t i = 0; i < message.object().size(); ++i) {
        Json::Object members = message.object();
        members[i].second = value;
        collection.Add(Json(std::move(members)));
      }
      for (const std::string name :
           {std::string("unknown"), value.is_string() ? value.string() : std::string("a")}) {
        Json::Object members = message.object();
        members.emplace_back(name, value);
        collection.Add(Json(std::move(members)));
      }
    } else if (message.is_array()) {
      Json::Array items = message.array();
      items.push_back(value);
      collection.Add(Json(items));
      items.front() = value;
      collection.Add(Json(std::move(items)));
    }
  }
}

}  // namespace

std::vector<Json> CandidateMessages(const Schema& a, const Schema& b, size_t most) {
  Collection whole(most);
  AddSamples(a, whole);
  AddSamples(b, whole);
  const std::vector<Json> samples = whole.messages();
  std::vector<Json> values = PlainValues();
  AddMentioned(a.document(), values);
  AddMentioned(b.document(), values);
  for (const Json& value : values) whole.Add(value);
  for (const Json& sample : samples) AddWithout(sample, whole);
  for (const Json& sample : samples) {
    if (whole.full()) break;
    AddWith(sample, values, whole);
  }
  return whole.messages();
}

std::optional<Json> FindRefutation(const Schema& writer, const Schema& reader, Reading reading,
                                   const std::vector<Json>& candidates) {
  for (const Json& candidate : candidates) {
    if (Check(writer, candidate, {.reading = reading}) == Validity::kValid &&
        Check(reader, candidate) == Validity::kInvalid) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace sluice::schema
