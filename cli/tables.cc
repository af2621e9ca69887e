// What a list of each kind shows.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/kinds.h"
#include "common/manifest/manifest.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Resources = std::vector<v1::Resource>;

constexpr size_t kTextWidth = 60;

std::string Number(int number) { return number == 0 ? "-" : std::to_string(number); }

// The worst of a product's states in one region, with how many clusters are in it when there are several.
Cell RegionCell(const v1::DataProduct& product, const std::string& region) {
  v1::SyncState worst = v1::SYNC_STATE_UNSPECIFIED;
  int clusters = 0, bad = 0;
  for (const v1::ProductStatus& status : product.status()) {
    if (status.region() != region) continue;
    ++clusters;
    if (status.state() > worst) worst = status.state();
    if (status.state() != v1::SYNC_STATE_IN_SYNC) ++bad;
  }
  if (clusters == 0) return "-";
  std::string word = StateWord(worst);
  if (bad > 0 && clusters > 1) word = fmt::format("{} {}", bad, word);
  return {word, StateStyle(worst)};
}

std::string Attention(const v1::DataProduct& product) {
  for (const v1::ProductStatus& status : product.status()) {
    if (!status.attention().empty()) return fmt::format("{}: {}", status.cluster(), status.attention());
  }
  return "";
}

std::string Versions(const v1::DataProduct& product) {
  std::vector<std::string> majors;
  for (const v1::ProductVersion& version : product.versions()) {
    if (version.state() != v1::ProductVersion::STATE_RETIRED)
      majors.push_back(std::to_string(version.major()));
  }
  return fmt::format("{}", fmt::join(majors, ", "));
}

std::string Access(const v1::Grant& grant) {
  std::vector<std::string> parts;
  for (const v1::Access& access : grant.access()) {
    std::string streams = access.streams().empty() ? "" : " " + Joined(access.streams(), ",");
    parts.push_back(fmt::format("{}{} in {}",
                                manifest::EnumWord(v1::Access::Role_descriptor(), access.role()), streams,
                                Joined(access.environments(), ",")));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

Cell AgentCell(const v1::ClusterStatus& status, Time now) {
  if (status.connected()) return {"connected", Style::kGood};
  return {status.last_seen().seconds() == 0 ? "never seen" : "seen " + AgoText(now, status.last_seen()),
          Style::kBad};
}

std::string Attention(const v1::ClusterStatus& status) {
  for (const v1::Condition& condition : status.conditions()) {
    if (condition.status() == v1::Condition::STATUS_FALSE && !condition.message().empty())
      return condition.message();
  }
  return status.foreign().empty() ? "" : Counted(status.foreign_size(), "foreign thing");
}

}  // namespace

Table EnvironmentTable(const Resources& resources, Time) {
  Table table({"NAME", "ORDER", "PARTITIONS", "RF", "TITLE"});
  for (const v1::Resource& resource : resources) {
    const v1::Environment& one = resource.environment();
    table.Add({one.name(), std::to_string(one.order()), Number(one.defaults().partitions()),
               Number(one.defaults().replication_factor()), Shortened(one.title(), kTextWidth)});
  }
  return table;
}

Table CategoryTable(const Resources& resources, Time) {
  Table table({"NAME", "TITLE"});
  for (const v1::Resource& resource : resources) {
    table.Add({resource.category().name(), Shortened(resource.category().title(), kTextWidth)});
  }
  return table;
}

Table DomainTable(const Resources& resources, Time) {
  Table table({"NAME", "TITLE", "OWNERS"});
  for (const v1::Resource& resource : resources) {
    const v1::Domain& one = resource.domain();
    table.Add({one.name(), Shortened(one.title(), kTextWidth), Joined(one.owners())});
  }
  return table;
}

Table CustomerTable(const Resources& resources, Time) {
  Table table({"NAME", "TITLE", "PRESENCE"});
  for (const v1::Resource& resource : resources) {
    std::vector<std::string> presence;
    for (const v1::Presence& one : resource.customer().presence()) {
      std::string retired = one.state() == v1::Presence::STATE_RETIRED ? " (retired)" : "";
      presence.push_back(fmt::format("{}: {}{}", one.region(), Joined(one.environments()), retired));
    }
    table.Add({resource.customer().name(), Shortened(resource.customer().title(), kTextWidth),
               fmt::format("{}", fmt::join(presence, "; "))});
  }
  return table;
}

Table ApplicationTable(const Resources& resources, Time) {
  Table table({"NAME", "DOMAIN", "OWNERS", "PRINCIPALS"});
  for (const v1::Resource& resource : resources) {
    std::vector<std::string> principals;
    for (const v1::Principal& one : resource.application().principals()) {
      principals.push_back(fmt::format("{} on {}", one.user(), one.cluster()));
    }
    table.Add({resource.application().name(), resource.application().domain(),
               Joined(resource.application().owners()), fmt::format("{}", fmt::join(principals, ", "))});
  }
  return table;
}

Table ClusterTable(const Resources& resources, Time now) {
  Table table({"NAME", "REGION", "ENVIRONMENT", "MODE", "AGENT", "IN SYNC", "ATTENTION"});
  for (const v1::Resource& resource : resources) {
    const v1::Cluster& one = resource.cluster();
    const v1::ClusterStatus& status = one.status();
    Style style = status.slices_in_sync() == status.slices() ? Style::kGood : Style::kWarn;
    table.Add({one.name(), one.region(), one.environment(),
               manifest::EnumWord(v1::Cluster::Mode_descriptor(), one.mode()), AgentCell(status, now),
               Cell(fmt::format("{}/{}", status.slices_in_sync(), status.slices()), style),
               Shortened(Attention(status), kTextWidth)});
  }
  return table;
}

Table ProductTable(const Resources& resources, Time) {
  std::set<std::string> regions;
  for (const v1::Resource& resource : resources) {
    for (const v1::ProductStatus& status : resource.data_product().status()) regions.insert(status.region());
  }
  std::vector<std::string> header = {"NAME", "OWNERSHIP", "OWNERS", "VERSIONS"};
  for (std::string region : regions) {
    std::transform(region.begin(), region.end(), region.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    header.push_back(std::move(region));
  }
  header.push_back("ATTENTION");
  Table table(std::move(header));
  for (const v1::Resource& resource : resources) {
    const v1::DataProduct& one = resource.data_product();
    std::vector<Cell> row = {one.name(),
                             manifest::EnumWord(v1::DataProduct::Ownership_descriptor(), one.ownership()),
                             Joined(one.owners()), Versions(one)};
    for (const std::string& region : regions) row.push_back(RegionCell(one, region));
    row.push_back(Shortened(Attention(one), kTextWidth));
    table.Add(std::move(row));
  }
  return table;
}

Table GrantTable(const Resources& resources, Time) {
  Table table({"NAME", "ACCESS", "PURPOSE"});
  for (const v1::Resource& resource : resources) {
    const v1::Grant& one = resource.grant();
    table.Add({one.name(), Access(one), Shortened(one.purpose(), kTextWidth)});
  }
  return table;
}

}  // namespace sluice::cli
