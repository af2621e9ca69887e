// schema check --grant: whether a change that waits for approval would break one consumer. For its CI, which
// learns of it on the day that the producer proposes it.
#include <fmt/format.h>

#include <ostream>

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/plan.h"
#include "cli/schema_change.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/grant.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

// Whether `impact` means that the consumer must not go on as it is: a message proves it, or the change is
// breaking by declaration.
bool Breaks(const v1::SchemaChange& change, const v1::SchemaImpact& impact) {
  return impact.effect() == v1::SchemaImpact::EFFECT_BREAKS ||
         (impact.effect() == v1::SchemaImpact::EFFECT_CONCERNED &&
          change.class_() == v1::CHANGE_CLASS_BREAKING);
}

// What `change` does to the consumer alone; no schema changes: nothing.
v1::Change OnlyOf(const v1::Change& change, const std::string& grant, const std::string& resource) {
  v1::Change only;
  only.set_name(change.name());
  only.set_author(change.author());
  only.set_summary(change.summary());
  only.set_class_(change.class_());
  for (const v1::SchemaChange& schema : change.schema_changes()) {
    if (schema.resource() != resource) continue;
    v1::SchemaChange mine = schema;
    mine.clear_impacts();
    for (const v1::SchemaImpact& impact : schema.impacts()) {
      if (impact.grant() == grant && !impact.producer() && impact.effect() != v1::SchemaImpact::EFFECT_NONE)
        *mine.add_impacts() = impact;
    }
    if (mine.impacts_size() > 0) *only.add_schema_changes() = std::move(mine);
  }
  return only;
}

// Waiting changes with an effect on the consumer, the latest first.
absl::StatusOr<std::vector<v1::Change>> FindEffects(Client& client, const std::string& grant) {
  const std::string resource = "dataproduct/" + grant.substr(0, grant.find('/'));
  v1::ListChangesRequest list;
  list.set_resource(resource);
  absl::StatusOr<std::vector<v1::Change>> waiting = ListAllChanges(client, list);
  if (!waiting.ok()) return waiting.status();
  std::vector<v1::Change> effects;
  for (const v1::Change& change : *waiting) {
    v1::GetChangeRequest request;
    request.set_name(change.name());
    const auto full = client.Call(&v1::ChangeService::Stub::GetChange, request);
    if (!full.ok()) return full.status();
    if (full->state() != v1::Change::STATE_WAITING) continue;  // decided in the meantime
    if (v1::Change only = OnlyOf(*full, grant, resource); only.schema_changes_size() > 0)
      effects.push_back(std::move(only));
  }
  return effects;
}

bool AnyBreaks(const std::vector<v1::Change>& effects) {
  for (const v1::Change& change : effects) {
    for (const v1::SchemaChange& schema : change.schema_changes()) {
      for (const v1::SchemaImpact& impact : schema.impacts()) {
        if (Breaks(schema, impact)) return true;
      }
    }
  }
  return false;
}

void Print(Session& session, const std::string& grant, const std::vector<v1::Change>& effects) {
  std::ostream& out = session.terminal.out;
  for (const v1::Change& change : effects) {
    for (const v1::SchemaChange& schema : change.schema_changes()) {
      for (const v1::SchemaImpact& impact : schema.impacts()) {
        const bool breaks = Breaks(schema, impact);
        out << fmt::format("{} by {} {} {}, version {}: {}\n", change.name(), change.author(),
                           Paint(breaks ? "would break" : "concerns", breaks ? Style::kBad : Style::kWarn,
                                 session.terminal.color),
                           grant, schema.major(), impact.reason());
        if (!impact.witness().empty())
          out << fmt::format("  message {}{}\n", impact.witness(),
                             impact.instance().empty() ? "" : "   at " + impact.instance());
        out << fmt::format("  {}: sluice explain change {}\n", ClassWord(schema.class_()), change.name());
      }
    }
  }
  if (!AnyBreaks(effects)) out << fmt::format("no waiting change breaks {}\n", grant);
}

ExitCode CheckGrant(Session& session, const std::string& grant) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::GetGrantRequest request;
  request.set_name(grant);
  const auto known =
      (*client)->Call(&v1::GrantService::Stub::GetGrant, request);  // else a typing error would pass
  if (!known.ok()) return Fail(session, known.status());
  const absl::StatusOr<std::vector<v1::Change>> effects = FindEffects(**client, grant);
  if (!effects.ok()) return Fail(session, effects.status());
  if (!PrintChangesAsData(session, *effects, Amount::kList)) Print(session, grant, *effects);
  return AnyBreaks(*effects) ? kFailed : kDone;
}

}  // namespace

ExitCode SchemaCheck(Session& session, const SchemaCheckOptions& options) {
  if (options.grant.empty() == options.apply.paths.empty())
    return WrongUsage(session, "say what to check: -f FILE of a product, or --grant of a consumer");
  return options.grant.empty() ? CheckManifestSchemas(session, options.apply)
                               : CheckGrant(session, options.grant);
}

}  // namespace sluice::cli
