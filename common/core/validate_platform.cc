// Environments, categories, domains and clusters.
#include <algorithm>
#include <charconv>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/names.h"
#include "common/core/settings.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

constexpr std::string_view kSpiffe = "spiffe://";

// Products whose topics would shrink, or would have to be moved, under the environment's new defaults.
void CheckExistingTopics(const CheckContext& context, const Environment& old, const Environment& environment,
                         Report& report) {
  if (old.defaults.partitions == environment.defaults.partitions &&
      old.defaults.replication_factor == environment.defaults.replication_factor) {
    return;
  }
  std::vector<std::string> shrink, move;
  for (const auto& entry : context.after.products.entries()) {
    if (context.before.products.Find(entry.name) == nullptr) continue;
    bool shrinks = false, moves = false;
    for (const ProductVersion& version : entry.value->versions) {
      for (const Stream& stream : version.streams) {
        const TopicSettings was = EffectiveSettings(stream, old), is = EffectiveSettings(stream, environment);
        shrinks |= is.partitions < was.partitions;
        moves |= is.replication_factor != was.replication_factor;
      }
    }
    if (shrinks) shrink.push_back(entry.name);
    if (moves) move.push_back(entry.name);
  }
  if (!shrink.empty()) {
    report.Error("defaults.partitions", "partitions-shrink",
                 Cat("partitions cannot shrink: it would be fewer for ", List(shrink)),
                 "keep the number, or first set it on the streams of these products");
  }
  if (!move.empty()) {
    report.Warning(
        "defaults.replication_factor", "replication-factor-change",
        Cat("topics that exist keep their replicas (changing them means reassignments): blocked for ",
            List(move)),
        "set the old value on these streams, or let the operator reassign them by hand");
  }
}

bool IsAgentUri(std::string_view uri) {
  if (uri.size() > kMaxAgentUri || uri.substr(0, kSpiffe.size()) != kSpiffe) return false;
  const std::string_view rest = uri.substr(kSpiffe.size());
  const size_t slash = rest.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == rest.size()) return false;
  const auto is_trust_domain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  };
  const auto is_path = [&](char c) { return is_trust_domain(c) || (c >= 'A' && c <= 'Z') || c == '/'; };
  return std::all_of(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(slash), is_trust_domain) &&
         std::all_of(rest.begin() + static_cast<ptrdiff_t>(slash), rest.end(), is_path) &&
         rest.find("//") == std::string_view::npos && rest.back() != '/';
}

void CheckAgents(const CheckContext& context, const Cluster& cluster, Report& report) {
  if (cluster.agents.empty()) {
    report.Error("agents", "agents-required", "no agent may speak for it",
                 "name its agent, for example spiffe://sluice/agent/eu-prod");
  }
  if (!CheckCount(cluster.agents.size(), kMaxAgents, "agents", report)) return;
  for (size_t i = 0; i < cluster.agents.size(); ++i) {
    if (!IsAgentUri(cluster.agents[i])) {
      report.Error(Item("agents", i), "agent-uri", Cat(Quote(cluster.agents[i]), " is no SPIFFE ID"),
                   "write the URI of the agent's certificate, for example spiffe://sluice/agent/eu-prod");
    }
    for (const auto& other : context.after.clusters.entries()) {
      if (other.name == cluster.name || !Contains(other.value->agents, cluster.agents[i])) continue;
      report.Error(Item("agents", i), "agent-taken",
                   Cat(Quote(cluster.agents[i]), " is bound to cluster '", other.name, "'"),
                   "give each cluster an agent of its own");
    }
  }
  CheckUnique(cluster.agents, "agents", report);
}

void CheckReserved(const CheckContext& context, const Cluster& cluster, Report& report) {
  const std::vector<std::string>& reserved = cluster.reserved_principals;
  if (!CheckCount(reserved.size(), kMaxReserved, "reserved_principals", report)) return;
  for (size_t i = 0; i < reserved.size(); ++i) {
    if (!IsKafkaUser(reserved[i])) {
      report.Error(Item("reserved_principals", i), "principal", Cat(Quote(reserved[i]), " is no Kafka user"),
                   "write the user without 'User:': letters, digits and '._@-', at most 128");
    }
    const Claims::Holder holder = context.claims->OtherUser({cluster.name, reserved[i]}, "");
    if (holder.empty()) continue;
    report.Error(Item("reserved_principals", i), "principal-in-use",
                 Cat(Quote(reserved[i]), " is a principal of application '", holder, "'"),
                 "take it from the application first, or do not reserve it");
  }
  CheckUnique(reserved, "reserved_principals", report);
}

bool IsServerList(std::string_view servers) {
  while (true) {
    const std::string_view server = servers.substr(0, servers.find(','));
    const size_t colon = server.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    int port = 0;
    const auto [end, error] = std::from_chars(server.data() + colon + 1, server.data() + server.size(), port);
    if (error != std::errc() || end != server.data() + server.size() || port < 1 || port > 65535)
      return false;
    if (server.find_first_of(" @/\t") != std::string_view::npos) return false;
    if (server.size() == servers.size()) return true;
    servers.remove_prefix(server.size() + 1);
  }
}

void CheckClients(const Cluster& cluster, Report& report) {
  if (!cluster.bootstrap_servers.empty() &&
      CheckText(cluster.bootstrap_servers, kMaxUrl, "clients.bootstrap_servers", report) &&
      !IsServerList(cluster.bootstrap_servers)) {
    report.Error("clients.bootstrap_servers", "bootstrap-servers",
                 Cat(Quote(cluster.bootstrap_servers), " is no list of host:port"),
                 "write host:port,host:port without blanks");
  }
  const std::string& url = cluster.registry_url;
  if (url.empty() || !CheckText(url, kMaxUrl, "clients.registry_url", report)) return;
  const bool http = url.rfind("https://", 0) == 0 || url.rfind("http://", 0) == 0;
  if (!http || url.find_first_of(" \t\n") != std::string::npos) {
    report.Error("clients.registry_url", "registry-url", Cat(Quote(url), " is no address of a registry"),
                 "write https://host[:port]");
  } else if (url.find('@') != std::string::npos) {
    report.Error("clients.registry_url", "credentials", "an address never carries credentials",
                 "remove what stands before '@'");
  }
}

void CheckFixed(const CheckContext& context, const Cluster& cluster, Report& report) {
  const Cluster* before = context.before.clusters.Find(cluster.name);
  if (before == nullptr) return;
  const auto fixed = [&](const std::string& was, const std::string& is, std::string field) {
    if (was == is) return;
    std::string rule = Cat("cluster-", field, "-fixed");
    std::string message = Cat(field, " is fixed after the first release ('", was, "' → ", Quote(is), ")");
    report.Error(std::move(field), rule, std::move(message), "register another cluster");
  };
  fixed(before->region, cluster.region, "region");
  fixed(before->environment, cluster.environment, "environment");
}

}  // namespace

void Check(const CheckContext& context, const Environment& environment, Report& report) {
  CheckSegment(environment.name, "name", report);
  CheckText(environment.title, kMaxTitle, "title", report);
  if (environment.order < 1 || environment.order > kMaxEnvironmentOrder) {
    report.Error("order", "environment-order",
                 Cat("it is ", environment.order, "; 1 to ", kMaxEnvironmentOrder),
                 "give it its place on the promotion path, for example dev 1, qa 2, stg 3, prod 4");
  }
  for (const auto& other : context.after.environments.entries()) {
    if (other.name == environment.name || other.value->order != environment.order) continue;
    report.Error("order", "environment-order-taken",
                 Cat(environment.order, " is the order of environment '", other.name, "'"),
                 "give each environment a place of its own");
  }
  const TopicSettings& defaults = environment.defaults;
  CheckSettings(defaults, "defaults.", ConfigPlace::kEnvironment, report);
  const auto min_insync = defaults.config.find("min.insync.replicas");
  const int32_t replicas =
      defaults.replication_factor == 0 ? kDefaultReplicationFactor : defaults.replication_factor;
  int32_t least = 0;
  if (min_insync != defaults.config.end()) {
    std::from_chars(min_insync->second.data(), min_insync->second.data() + min_insync->second.size(), least);
  }
  if (least > replicas) {
    report.Error("defaults.config.min.insync.replicas", "min-insync-replicas",
                 Cat("min.insync.replicas ", least, " is above the replication factor ", replicas,
                     ": nobody could write"),
                 "lower it, or raise replication_factor");
  }
  const Environment* before = context.before.environments.Find(environment.name);
  if (before != nullptr) CheckExistingTopics(context, *before, environment, report);
}

void Check(const CheckContext& context, const Category& category, Report& report) {
  CheckSegment(category.name, "name", report);
  CheckText(category.title, kMaxTitle, "title", report);
}

void Check(const CheckContext& context, const Domain& domain, Report& report) {
  CheckSegment(domain.name, "name", report);
  CheckText(domain.title, kMaxTitle, "title", report);
  CheckOwners(domain.owners, AppOwners::kRefused, "name its Domain Owners: group:NAME or user:SUBJECT",
              report);
}

void Check(const CheckContext& context, const Cluster& cluster, Report& report) {
  CheckSegment(cluster.name, "name", report);
  CheckText(cluster.title, kMaxTitle, "title", report);
  CheckSegment(cluster.region, "region", report);
  CheckFixed(context, cluster, report);
  CheckAgents(context, cluster, report);
  CheckClients(cluster, report);
  CheckReserved(context, cluster, report);
  const auto limit = [&](int64_t value, std::string field) {
    if (value >= 0 && value <= kMaxClusterLimit) return;
    report.Error(std::move(field), "cluster-limit",
                 Cat("it is ", value, "; 0 (no ceiling) to ", kMaxClusterLimit),
                 "write a ceiling in this range");
  };
  limit(cluster.partition_limit, "limits.partitions");
  limit(cluster.acl_limit, "limits.acls");
}

}  // namespace sluice::core
