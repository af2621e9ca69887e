#include "controlplane/store/audit_body.h"

#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>

namespace sluice::controlplane {

using google::protobuf::util::TimeUtil;
using nlohmann::json;

absl::StatusOr<std::string> MakeAuditBody(const AuditDraft& draft, int64_t time_us) {
  json details = json::object();
  if (!draft.details_json.empty()) {
    details = json::parse(draft.details_json, nullptr, /*allow_exceptions=*/false);
    if (!details.is_object())
      return absl::InvalidArgumentError("details of an audit entry are a JSON object");
  }
  json body = {{"action", draft.action},
               {"actor", draft.actor},
               {"change", draft.change},
               {"cluster", draft.cluster},
               {"details", std::move(details)},
               {"message", draft.message},
               {"resources", draft.resources},
               {"time", TimeUtil::ToString(TimeUtil::MicrosecondsToTimestamp(time_us))}};
  return body.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

absl::StatusOr<sluice::v1::AuditEntry> ParseAuditBody(const std::string& text) {
  const absl::Status broken = absl::DataLossError("a stored audit entry cannot be read; restore a backup");
  const json body = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return broken;
  sluice::v1::AuditEntry entry;
  const auto take = [&body](const char* key) {
    const auto found = body.find(key);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!TimeUtil::FromString(take("time"), entry.mutable_time())) return broken;
  entry.set_actor(take("actor"));
  entry.set_action(take("action"));
  entry.set_change(take("change"));
  entry.set_cluster(take("cluster"));
  entry.set_message(take("message"));
  const auto resources = body.find("resources");
  if (resources == body.end() || !resources->is_array()) return broken;
  for (const json& resource : *resources) {
    if (!resource.is_string()) return broken;
    entry.add_resources(resource.get<std::string>());
  }
  entry.set_body(text);
  return entry;
}

}  // namespace sluice::controlplane
