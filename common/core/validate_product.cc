// Data products: their own fields, and what must be kept once topics exist.
#include <cmath>
#include <set>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/names.h"
#include "common/core/settings.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

void CheckProductName(const DataProduct& product, Report& report) {
  if (ParseProductName(product.name)) return;
  report.Error("name", "name-grammar", Cat(Quote(product.name), " is not {domain}.{data-product}"),
               "write for example f-and-r.demand-forecast: both parts in lower-case letters, digits and "
               "inner '-', at most 63");
}

void CheckOwnership(const CheckContext& context, const DataProduct& product, Report& report) {
  if (product.ownership == Ownership::kUnspecified) {
    report.Error("ownership", "ownership-required", "no ownership model given",
                 "say DIRECT, BROADCASTING, FUNNEL or DATA_PRODUCT");
  }
  if (product.ownership == Ownership::kDirect && product.reason.empty()) {
    report.Error("reason", "reason-required", "a DIRECT product needs a reason",
                 "say why no other model fits, or choose one");
  }
  const bool dpo = product.ownership == Ownership::kDataProduct;
  CheckOwners(product.owners, dpo ? AppOwners::kRefused : AppOwners::kAllowed,
              dpo ? "name its Data Product Owner: group:NAME or user:SUBJECT"
                  : "name its owners: app:NAME, group:NAME or user:SUBJECT",
              report);
  const DataProduct* before = context.before.products.Find(product.name);
  if (before != nullptr && (before->ownership != product.ownership || before->owners != product.owners)) {
    CheckOwnershipOfGrants(context, product, report);
  }
}

void CheckCustomers(const DataProduct& product, Report& report) {
  const CustomerSelection& customers = product.customers;
  if (customers.all && !customers.names.empty()) {
    report.Error("customers", "customers", "both 'all' and 'names' are given", "keep one of them");
  } else if (!customers.all && customers.names.empty()) {
    report.Error("customers", "customers", "no customer selected", "say {all: true} or {names: [...]}");
  }
  if (CheckCount(customers.names.size(), kMaxCustomersNamed, "customers.names", report)) {
    CheckUnique(customers.names, "customers.names", report);
  }
}

// The longest name that a topic gets is that of the customer with the longest name.
void CheckTopicNames(const CheckContext& context, const DataProduct& product, Report& report) {
  std::string_view longest;
  for (const std::string& name : product.customers.names) {
    if (name.size() > longest.size()) longest = name;
  }
  if (product.customers.all) {
    for (const auto& entry : context.after.customers.entries()) {
      if (entry.name.size() > longest.size()) longest = entry.name;
    }
  }
  for (size_t v = 0; v < product.versions.size(); ++v) {
    const ProductVersion& version = product.versions[v];
    for (size_t s = 0; s < version.streams.size(); ++s) {
      const std::string topic = TopicName(longest, product, version.major, version.streams[s].suffix);
      if (topic.size() <= kMaxTopicName) continue;
      report.Error(Cat(Item("versions", v), ".", Item("streams", s), ".suffix"), "topic-name-length",
                   Cat("topic ", Quote(topic), " for customer '", longest, "' would have ", topic.size(),
                       " characters; Kafka takes ", kMaxTopicName),
                   "shorten the suffix or the product's name");
    }
  }
}

void CheckTexts(const DataProduct& product, Report& report) {
  CheckText(product.title, kMaxTitle, "title", report);
  CheckText(product.description, kMaxDescription, "description", report);
  CheckText(product.reason, kMaxReason, "reason", report);
  CheckText(product.channel, kMaxContact, "contact.channel", report);
  if (CheckText(product.email, kMaxContact, "contact.email", report) && !product.email.empty()) {
    const size_t at = product.email.find('@');
    if (at == 0 || at == std::string::npos || at + 1 == product.email.size() ||
        product.email.find_first_of(" \t\n<>,") != std::string::npos) {
      report.Error("contact.email", "email", Cat(Quote(product.email), " is no mail address"),
                   "write name@example.com");
    }
  }
}

void CheckExpectations(const Expectations& expects, Report& report) {
  const auto refuse = [&](std::string field) {
    report.Error(std::move(field), "expectation", "it is negative or no number",
                 "write what consumers may count on, or leave it out");
  };
  if (!std::isfinite(expects.rate) || expects.rate < 0) refuse("expects.rate");
  if (expects.size < 0) refuse("expects.size");
  if (expects.freshness_ms < 0) refuse("expects.freshness");
}

// ---- What must be kept ----

void CheckCustomersKept(const CheckContext& context, const DataProduct& before, const DataProduct& product,
                        Report& report) {
  if (product.customers.all) return;
  const std::set<std::string> kept(product.customers.names.begin(), product.customers.names.end());
  std::vector<std::string> dropped;
  const auto look = [&](const std::string& name, const Customer* customer) {
    if (customer != nullptr && kept.count(name) == 0 && LivesSomewhere(context.before, *customer))
      dropped.push_back(name);
  };
  if (before.customers.all) {
    for (const auto& entry : context.before.customers.entries()) look(entry.name, entry.value.get());
  } else {
    for (const std::string& name : before.customers.names) look(name, context.before.customers.Find(name));
  }
  if (dropped.empty()) return;
  report.Error("customers", "customer-dropped",
               Cat("topics exist for ", List(dropped), ", who would no longer be selected"),
               "keep them selected (topics are never deleted until staged deletion exists) and narrow the "
               "grants instead");
}

struct StreamPlace {
  const Stream& before;
  const Stream& after;
  std::string field;
};

void CheckStreamKept(const CheckContext& context, const StreamPlace& place, Report& report) {
  for (const auto& entry : context.after.environments.entries()) {
    const Environment* old = context.before.environments.Find(entry.name);
    if (old == nullptr) continue;
    const TopicSettings was = EffectiveSettings(place.before, *old),
                        is = EffectiveSettings(place.after, *entry.value);
    const bool overridden = place.after.overrides.count(entry.name) != 0;
    const std::string field =
        overridden ? Cat(place.field, ".overrides.", entry.name, ".") : Cat(place.field, ".");
    if (is.partitions < was.partitions) {
      report.Error(
          Cat(field, "partitions"), "partitions-shrink",
          Cat("partitions cannot shrink (", entry.name, ": ", was.partitions, " → ", is.partitions, ")"),
          Cat("keep ", was.partitions, ", or declare a new major version"));
    }
    if (is.replication_factor != was.replication_factor) {
      report.Warning(
          Cat(field, "replication_factor"), "replication-factor-change",
          Cat("topics that exist keep ", was.replication_factor, " replicas in ", entry.name, " (now ",
              is.replication_factor, "): changing them means reassignments, so they would be blocked"),
          Cat("keep ", was.replication_factor, ", or let the operator reassign them by hand"));
    }
  }
}

void CheckVersionKept(const CheckContext& context, const ProductVersion& before,
                      const ProductVersion& version, const std::string& field, Report& report) {
  if (before.schema && !version.schema) {
    report.Error(Cat(field, ".schema"), "schema-dropped", "the schema is gone from the manifest",
                 "keep it; a version that is no longer used is set to state: RETIRED");
  } else if (before.schema && before.schema->format != version.schema->format) {
    report.Error(Cat(field, ".schema.format"), "schema-format-fixed",
                 "the format of a released schema is fixed", "declare a new major version");
  }
  if (before.schema && version.schema && version.schema->meaning < before.schema->meaning) {
    report.Error(Cat(field, ".schema.meaning"), "meaning-falls",
                 Cat("the meaning of a schema never falls (", before.schema->meaning, " → ",
                     version.schema->meaning, ")"),
                 Cat("keep ", before.schema->meaning, ", or raise it when the meaning changes"));
  }
  for (const Stream& old : before.streams) {
    bool found = false;
    for (size_t s = 0; s < version.streams.size(); ++s) {
      if (version.streams[s].suffix != old.suffix) continue;
      found = true;
      CheckStreamKept(context, {old, version.streams[s], Cat(field, ".", Item("streams", s))}, report);
      break;
    }
    if (found) continue;
    report.Error(Cat(field, ".streams"), "stream-dropped",
                 Cat("stream '", old.suffix, "' is gone from the manifest"),
                 Cat("keep '", old.suffix, "' and set state: RETIRED"));
  }
}

}  // namespace

void CheckKept(const CheckContext& context, const DataProduct& before, const DataProduct& product,
               Report& report) {
  if (before.category != product.category) {
    report.Error("category", "category-fixed",
                 Cat("the category is part of topic names and fixed ('", before.category, "' → ",
                     Quote(product.category), ")"),
                 Cat("keep '", before.category, "', or declare another product"));
  }
  if (before.major_in_name != product.major_in_name) {
    report.Error("major_in_name", "major-in-name-fixed",
                 "whether topic names carry '.v1' is fixed after the first release", "keep it as it was");
  }
  CheckCustomersKept(context, before, product, report);
  for (const ProductVersion& old : before.versions) {
    bool found = false;
    for (size_t v = 0; v < product.versions.size(); ++v) {
      if (product.versions[v].major != old.major) continue;
      found = true;
      CheckVersionKept(context, old, product.versions[v], Item("versions", v), report);
      break;
    }
    if (found) continue;
    report.Error("versions", "version-dropped", Cat("version ", old.major, " is gone from the manifest"),
                 Cat("keep version ", old.major, " and set state: RETIRED"));
  }
}

void Check(const CheckContext& context, const DataProduct& product, Report& report) {
  CheckProductName(product, report);
  CheckTexts(product, report);
  CheckOwnership(context, product, report);
  CheckCustomers(product, report);
  CheckExpectations(product.expects, report);
  CheckVersions(context, product, report);
  CheckTopicNames(context, product, report);
  const DataProduct* before = context.before.products.Find(product.name);
  if (before != nullptr) CheckKept(context, *before, product, report);
}

}  // namespace sluice::core
