#include "common/schema/event_sample.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/schema/sample.h"

namespace sluice::schema {
namespace {

// `message`, an object, with `name` set to `value`; nullopt: without it.
Json With(const Json& message, std::string_view name, std::optional<Json> value) {
  Json::Object members = message.object();
  std::erase_if(members, [name](const Json::Member& member) { return member.first == name; });
  if (value) members.emplace_back(name, *std::move(value));
  return Json(std::move(members));
}

// One place in which an event's envelope is made wrong; no value: the attribute is taken out.
struct Fault {
  const char* name;
  std::optional<Json> value;
};

std::vector<Fault> EnvelopeFaults() {
  return {{"specversion", std::nullopt},
          {"specversion", Json("0.3")},
          {"type", std::nullopt},
          {"type", Json("")},
          {"type", Json("undeclared")},
          {"source", std::nullopt},
          {"source", Json("not a URI")},
          {"id", std::nullopt},
          {"id", Json("")},
          {"id", Json(1)},
          {"time", std::nullopt},
          {"time", Json("2026-11-22T05:16:03")},
          {"datacontenttype", std::nullopt},
          {"datacontenttype", Json("json")},
          {"dataschema", Json("/relative")},
          {"subject", Json("")},
          {"traceId", Json("an upper-case name")},
          {"weight", Json(*Decimal::Parse("1.5"))},
          {"data", std::nullopt},
          {"data_base64", Json("e30=")}};
}

class Sampler {
 public:
  Sampler(const EventContract& contract, const EventSampling& sampling)
      : contract_(contract), sampling_(sampling) {
    contract_.wire = Wire::kEither;
  }

  // The `n`th message as a producer would send it; nullopt: none was found.
  std::optional<Json> Make(size_t n) const {
    SampleOptions options;
    options.optional_members = n % 2 == 0;
    options.seed = sampling_.seed + n;
    std::optional<Json> described = Json(Json::Object{});
    if (contract_.schema) described = MakeValid(*contract_.schema, options);
    if (!described) return std::nullopt;
    return Wrap(*std::move(described), n);
  }

  Json Wrap(Json described, size_t n) const {
    if (contract_.describes == Describes::kMessage) return described;
    const std::string type =
        contract_.types.empty() ? "com.example.sample" : contract_.types[n % contract_.types.size()];
    return JsonObject()
        .Set("specversion", "1.0")
        .Set("type", type)
        .Set("source", sampling_.source)
        .Set("id", fmt::format("sample-{}", n + 1))
        .Set("time", sampling_.time)
        .Set("datacontenttype", "application/json")
        .Set("data", std::move(described))
        .Done();
  }

  std::optional<EventError> WhyNot(const Json& message) const {
    const std::string text = message.ToString();
    const EventReport report = CheckEvent({.key = std::nullopt, .value = text, .headers = {}}, contract_,
                                          {.profile = sampling_.profile});
    return report.valid() ? std::nullopt : std::optional(report.errors().front());
  }

  // `message` if it is refused.
  void AddRefused(Json message, std::vector<EventSample>& samples) const {
    std::optional<EventError> why = WhyNot(message);
    if (why) samples.push_back({.message = std::move(message), .why = std::move(why)});
  }

  bool has_envelope() const {
    return contract_.describes == Describes::kData && sampling_.profile != Profile::kNone;
  }
  const std::optional<Schema>& schema() const { return contract_.schema; }

 private:
  EventContract contract_;
  const EventSampling& sampling_;
};

}  // namespace

std::vector<EventSample> MakeValidEvents(const EventContract& contract, const EventSampling& sampling,
                                         size_t count) {
  const Sampler sampler(contract, sampling);
  std::vector<EventSample> samples;
  const size_t tries = 2 * count + 8;
  for (size_t n = 0; n < tries && samples.size() < count; ++n) {
    std::optional<Json> message = sampler.Make(n);
    if (message && !sampler.WhyNot(*message))
      samples.push_back({.message = *std::move(message), .why = std::nullopt});
  }
  return samples;
}

std::vector<EventSample> MakeInvalidEvents(const EventContract& contract, const EventSampling& sampling,
                                           size_t most) {
  const Sampler sampler(contract, sampling);
  const std::vector<EventSample> valid = MakeValidEvents(contract, sampling, 1);
  std::vector<EventSample> samples;
  if (valid.empty()) return samples;
  if (sampler.schema()) {
    for (InvalidSample& sample : MakeInvalid(*sampler.schema(), most, {.seed = sampling.seed})) {
      sampler.AddRefused(sampler.Wrap(std::move(sample.message), samples.size()), samples);
    }
  }
  if (sampler.has_envelope()) {
    for (const Fault& fault : EnvelopeFaults()) {
      sampler.AddRefused(With(valid[0].message, fault.name, fault.value), samples);
    }
  }
  if (samples.size() > most) samples.resize(most);
  return samples;
}

}  // namespace sluice::schema
