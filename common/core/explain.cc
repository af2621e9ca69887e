#include "common/core/explain.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "common/core/names.h"
#include "common/core/settings.h"
#include "common/core/text.h"
#include "common/core/topic_config.h"

namespace sluice::core {
namespace {

constexpr std::string_view kConvention = "convention", kManifest = "manifest";
constexpr size_t kAll = 1000;  // names in a value: as many as there may be

std::string OriginText(Origin origin, const Environment& environment) {
  switch (origin) {
    case Origin::kConvention:
      return std::string(kConvention);
    case Origin::kEnvironment:
      return Cat("environment ", environment.name);
    case Origin::kManifest:
      return std::string(kManifest);
    case Origin::kOverride:
      return Cat("override for ", environment.name);
  }
  return "";
}

std::string_view Name(Life state) {
  return state == Life::kActive ? "ACTIVE" : state == Life::kDeprecated ? "DEPRECATED" : "RETIRED";
}

std::string_view Name(Purpose purpose) {
  return purpose == Purpose::kRecords       ? "RECORDS"
         : purpose == Purpose::kDeadLetters ? "DEAD_LETTERS"
                                            : "INBOX";
}

// What the suffix alone makes of a stream.
Purpose PurposeBySuffix(std::string_view suffix) {
  return suffix == "dlq" ? Purpose::kDeadLetters : suffix == "inbox" ? Purpose::kInbox : Purpose::kRecords;
}

// One value in one environment.
struct Effective {
  std::string value, origin, reason;
  bool operator==(const Effective&) const = default;
};

class Explanation {
 public:
  Explanation(const DataProduct& product, const std::vector<const Environment*>& environments)
      : product_(product), environments_(environments) {}

  std::vector<ExplainedValue> Take() && {
    Say("category", product_.category, kManifest, "the third segment of topic names");
    Say("customers", product_.customers.all ? "all" : List(product_.customers.names, kAll), kManifest,
        "each has topics of its own, wherever it lives");
    SayUnless(product_.major_in_name == MajorInName::kFromV2, "major_in_name", "FROM_V2", "ALWAYS",
              "where topic names carry the major version");
    for (size_t i = 0; i < product_.versions.size(); ++i)
      AddVersion(product_.versions[i], Item("versions", i));
    return std::move(values_);
  }

 private:
  void Say(std::string field, std::string_view value, std::string_view origin, std::string_view reason = "") {
    values_.push_back({std::move(field), "", std::string(value), std::string(origin), std::string(reason)});
  }

  // `usual` by convention, or `other` by the manifest.
  void SayUnless(bool is_usual, std::string field, std::string_view usual, std::string_view other,
                 std::string_view reason = "") {
    Say(std::move(field), is_usual ? usual : other, is_usual ? kConvention : kManifest, reason);
  }

  void AddVersion(const ProductVersion& version, const std::string& field) {
    SayUnless(version.state == Life::kActive, field + ".state", "ACTIVE", Name(version.state),
              version.state == Life::kRetired ? "its topics stay, nobody is granted anything" : "");
    if (!version.schema) {
      Say(field + ".schema", "", kManifest, "none: nothing is registered");
    } else {
      const bool is_json = version.schema->format == SchemaFormat::kJsonSchema;
      SayUnless(is_json, field + ".schema.format", "JSON_SCHEMA", "AVRO");
      const bool is_data = version.schema->describes == Describes::kData;
      const std::string composed =
          Cat("version ", version.schema->envelope, " of the CloudEvents envelope is composed around it");
      SayUnless(is_data, field + ".schema.describes", "DATA", "MESSAGE",
                is_data ? composed : "it is the whole value");
      SayUnless(version.compatibility == ProductVersion().compatibility, field + ".compatibility",
                version.compatibility, version.compatibility, "level of its subjects");
    }
    SayUnless(version.wire == Wire::kPlainJson, field + ".wire", "PLAIN_JSON", "CONFLUENT_PREFIX");
    for (size_t i = 0; i < version.streams.size(); ++i) {
      AddStream(version, version.streams[i], Cat(field, ".", Item("streams", i)));
    }
  }

  void AddStream(const ProductVersion& version, const Stream& stream, const std::string& field) {
    SayUnless(stream.state == Life::kActive, field + ".state", "ACTIVE", Name(stream.state));
    const bool by_suffix = stream.purpose == PurposeBySuffix(stream.suffix);
    SayUnless(by_suffix, field + ".purpose", Name(stream.purpose), Name(stream.purpose),
              by_suffix && stream.purpose != Purpose::kRecords ? Cat("by its suffix ", stream.suffix) : "");
    const std::string topic = TopicName("{customer}", product_, version.major, stream.suffix);
    Say(field + ".topic", topic, kConvention,
        "{customer}.{domain}.{category}.{data-product}[.v{MAJOR}].{suffix}");
    if (version.schema) Say(field + ".subject", SubjectName(topic), kConvention);
    if (stream.key) {
      Say(field + ".key.fields", List(stream.key->fields, kAll), kManifest);
      Say(field + ".key.text", stream.key->text, stream.key->text == "{0}" ? kConvention : kManifest);
    } else {
      Say(field + ".key", "", kConvention, "none: nothing is said about the messages' keys");
    }
    SayUnless(!stream.tombstones, field + ".tombstones", "false", "true");
    AddSettings(stream, field);
  }

  void AddSettings(const Stream& stream, const std::string& field) {
    AddEach(field + ".partitions", [&](const Environment& environment) {
      return Nearest(stream, environment, [](const SettingsLayer& layer) {
        return layer.partitions == 0 ? "" : Cat(layer.partitions);
      });
    });
    AddEach(field + ".replication_factor", [&](const Environment& environment) {
      return Nearest(stream, environment, [](const SettingsLayer& layer) {
        return layer.replication_factor == 0 ? "" : Cat(layer.replication_factor);
      });
    });
    for (const std::string& key : KeysOf(stream)) {
      AddEach(Cat(field, ".config.", key), [&](const Environment& environment) {
        Effective nearest = Nearest(stream, environment, [&](const SettingsLayer& layer) {
          const auto found = layer.config.find(key);
          return found == layer.config.end() ? std::string() : found->second;
        });
        if (nearest.origin.empty()) return Effective{"", "broker", "not set: the broker's own default"};
        if (key == kCleanupPolicy && nearest.origin == kConvention) {
          nearest.reason = stream.purpose == Purpose::kRecords
                               ? "records are kept by key"
                               : "dead letters and inboxes are deleted by age";
        }
        return nearest;
      });
    }
  }

  // Every key that Kafka has or that somebody sets, in their order.
  std::set<std::string> KeysOf(const Stream& stream) const {
    std::set<std::string> keys;
    for (const std::string_view key : TopicConfigKeys()) keys.emplace(key);
    for (const Environment* environment : environments_) {
      for (const SettingsLayer& layer : SettingsLayers(stream, *environment)) {
        for (const auto& [key, value] : layer.config) keys.insert(key);
      }
    }
    return keys;
  }

  // The last layer of which `value_of` says something; no origin: none does.
  static Effective Nearest(const Stream& stream, const Environment& environment,
                           const std::function<std::string(const SettingsLayer&)>& value_of) {
    Effective nearest;
    for (const SettingsLayer& layer : SettingsLayers(stream, environment)) {
      if (std::string value = value_of(layer); !value.empty())
        nearest = {std::move(value), OriginText(layer.origin, environment), ""};
    }
    return nearest;
  }

  void AddEach(const std::string& field, const std::function<Effective(const Environment&)>& effective) {
    std::vector<Effective> all;
    for (const Environment* environment : environments_) all.push_back(effective(*environment));
    const bool same = std::adjacent_find(all.begin(), all.end(), std::not_equal_to<>()) == all.end();
    for (size_t i = 0; i < all.size(); ++i) {
      const bool alone = same && (all.size() > 1 || !IsOfEnvironment(all[i].origin));
      values_.push_back({field, alone ? "" : environments_[i]->name, std::move(all[i].value),
                         std::move(all[i].origin), std::move(all[i].reason)});
      if (alone) return;
    }
  }

  static bool IsOfEnvironment(std::string_view origin) {
    return origin.starts_with("environment ") || origin.starts_with("override ");
  }

  const DataProduct& product_;
  const std::vector<const Environment*>& environments_;
  std::vector<ExplainedValue> values_;
};

}  // namespace

std::vector<ExplainedValue> ExplainProduct(const DataProduct& product,
                                           const std::vector<const Environment*>& environments) {
  return Explanation(product, environments).Take();
}

}  // namespace sluice::core
