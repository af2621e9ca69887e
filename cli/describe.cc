#include "cli/describe.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "common/manifest/manifest.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

void AddConditions(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                   const std::string& indent, Time now, bool color, std::string& out) {
  for (const v1::Condition& condition : conditions) {
    std::string status = manifest::EnumWord(v1::Condition::Status_descriptor(), condition.status());
    std::string reason = condition.reason().empty() ? "" : " " + condition.reason();
    std::string resource = condition.resource().empty() ? "" : condition.resource() + ": ";
    std::string age = condition.transition_time().seconds() == 0
                          ? ""
                          : " (" + AgoText(now, condition.transition_time()) + ")";
    out += fmt::format("{}{}={}{}  {}{}{}\n", indent, condition.type(), status,
                       Paint(reason, Style::kWarn, color), resource, condition.message(), age);
  }
}

void AddSlice(const v1::SliceStatus& slice, const std::string& indent, Time now, bool color,
              std::string& out) {
  std::string behind = slice.applied_generation() < slice.generation()
                           ? fmt::format(", applied {} of {}", slice.applied_generation(), slice.generation())
                           : "";
  std::string cluster = slice.cluster().empty() ? "" : slice.cluster() + " ";
  out += fmt::format("{}{}{}  {}{}, observed {}\n", indent, cluster, slice.key(),
                     Paint(StateWord(slice.state()), StateStyle(slice.state()), color), behind,
                     AgoText(now, slice.observed_time()));
  for (const std::string& topic : slice.topics()) out += indent + "  topic    " + topic + "\n";
  for (const std::string& subject : slice.subjects()) out += indent + "  subject  " + subject + "\n";
  for (const std::string& acl : slice.acls()) out += indent + "  ACL      " + acl + "\n";
  AddConditions(slice.conditions(), indent + "  ", now, color, out);
}

void AddStatus(const v1::DataProduct& product, Time now, bool color, std::string& out) {
  for (const v1::ProductStatus& status : product.status()) {
    std::string attention = status.attention().empty() ? "" : ": " + status.attention();
    out +=
        fmt::format("  {} ({}, {})  {}{}, observed {}: {}, {}, {}\n", status.cluster(), status.region(),
                    status.environment(), Paint(StateWord(status.state()), StateStyle(status.state()), color),
                    attention, AgoText(now, status.observed_time()), Counted(status.topic_count(), "topic"),
                    Counted(status.subject_count(), "subject"), Counted(status.acl_count(), "ACL"));
    for (const v1::SliceStatus& slice : status.slices()) {
      v1::SliceStatus shown = slice;
      shown.clear_cluster();  // it stands above
      AddSlice(shown, "    ", now, color, out);
    }
  }
}

void AddStatus(const v1::Cluster& cluster, Time now, bool color, std::string& out) {
  const v1::ClusterStatus& status = cluster.status();
  out += fmt::format("  agent {}, last seen {}{}\n", status.connected() ? "connected" : "not connected",
                     AgoText(now, status.last_seen()),
                     status.agent_version().empty() ? "" : ", version " + status.agent_version());
  out += fmt::format("  {} of {} in sync; {}, {}\n", Grouped(status.slices_in_sync()),
                     Counted(status.slices(), "slice"), Counted(status.partitions(), "partition"),
                     Counted(status.acls(), "ACL"));
  AddConditions(status.conditions(), "  ", now, color, out);
  for (const std::string& foreign : status.foreign()) out += "  foreign  " + foreign + "\n";
}

void AddMeta(const v1::ResourceMeta& meta, Time now, std::string& out) {
  if (meta.revision() == 0) return;
  out += fmt::format("last change {}, {}, revision {}\n", OrNothing(meta.change()),
                     AgoText(now, meta.update_time()), meta.revision());
}

// The metadata of whatever is set.
const v1::ResourceMeta& MetaOf(const v1::Resource& resource) {
  const auto* field =
      resource.GetReflection()->GetOneofFieldDescriptor(resource, v1::Resource::descriptor()->oneof_decl(0));
  if (field == nullptr) return v1::ResourceMeta::default_instance();
  const auto& body = resource.GetReflection()->GetMessage(resource, field);
  const auto& meta = body.GetReflection()->GetMessage(body, body.GetDescriptor()->FindFieldByName("meta"));
  return static_cast<const v1::ResourceMeta&>(meta);
}

}  // namespace

std::string DescribeResource(const v1::Resource& resource, const Session& session) {
  Time now = session.clock.Now();
  bool color = session.terminal.color;
  std::string status;
  if (resource.has_data_product()) AddStatus(resource.data_product(), now, color, status);
  if (resource.has_cluster()) AddStatus(resource.cluster(), now, color, status);
  for (const v1::SliceStatus& slice : resource.application().status())
    AddSlice(slice, "  ", now, color, status);
  std::string out = manifest::PrintYaml(resource);
  if (!status.empty()) out += "\nstatus\n" + status;
  AddMeta(MetaOf(resource), now, out);
  return out;
}

}  // namespace sluice::cli
