// Kinds: how each kind of resource is called, read and listed. One row for each; commands know no other
// difference.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client.h"
#include "cli/output.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::cli {

enum class View { kBasic, kFull };

// Which of a kind are listed.
struct ListFilter {
  std::string product, application;  // of grants
};

struct KindAccess {
  std::string name;                  // `product`
  std::string plural;                // `products`
  std::vector<std::string> aliases;  // `dp`
  std::function<absl::StatusOr<sluice::v1::Resource>(Client&, const std::string& name, View view)> get;
  std::function<absl::StatusOr<std::vector<sluice::v1::Resource>>(Client&, const ListFilter&)>
      list;                                                            // every page
  std::function<sluice::v1::Resource(const std::string& name)> named;  // only the name is set
  std::function<Table(const std::vector<sluice::v1::Resource>&, Time now)> table;
};

const std::vector<KindAccess>& Kinds();
const KindAccess* FindKind(
    std::string_view word);                      // nullptr: there is none; upper and lower case are the same
bool IsChangeKind(std::string_view word);        // `change`, `changes`
std::string UnknownKind(std::string_view word);  // the message for it

// Tables of the kinds.
Table EnvironmentTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table CategoryTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table DomainTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table CustomerTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table ApplicationTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table ClusterTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table ProductTable(const std::vector<sluice::v1::Resource>& resources, Time now);
Table GrantTable(const std::vector<sluice::v1::Resource>& resources, Time now);

}  // namespace sluice::cli
