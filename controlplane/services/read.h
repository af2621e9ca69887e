// Read: Get and List, the same for every kind. Handlers of a kind add what only it has (status).
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <utility>

#include "common/wire/wire.h"
#include "controlplane/services/context.h"
#include "controlplane/services/kinds.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {

// Tag of a definition that was last released at `revision`, as the store writes it. Covers the definition,
// never its status.
inline std::string EtagFor(int64_t revision) { return std::to_string(revision); }

template <typename Definition>
absl::StatusOr<typename KindTraits<Definition>::Proto> Get(const Context& context, const std::string& name) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  absl::StatusOr<sluice::v1::Resource> resource = context.server.store.GetDefinition(Definition::kKind, name);
  if (absl::IsNotFound(resource.status())) {
    const std::string_view kind = core::KindName(Definition::kKind);
    return absl::NotFoundError(fmt::format("there is no {} '{}'; list them to see their names", kind, name));
  }
  if (!resource.ok()) return resource.status();
  return std::move(KindTraits<Definition>::Of(*resource));
}

// `Response` has `next_page_token`; `add` takes each definition of the page: `absl::Status(Proto&&)`.
template <typename Definition, typename Response, typename Request, typename Add>
absl::StatusOr<Response> List(const Context& context, const Request& request, Add add) {
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  if (absl::Status status = CheckLength("page_token", request.page_token(), kMaxToken); !status.ok())
    return status;
  auto found = context.server.store.ListDefinitions(Definition::kKind, request.page_token(), *size + 1);
  if (!found.ok()) return found.status();
  const bool more = found->size() > static_cast<size_t>(*size);
  if (more) found->resize(static_cast<size_t>(*size));
  Response response;
  if (more) response.set_next_page_token(wire::NameOf(found->back()));
  for (sluice::v1::Resource& resource : *found) {
    if (absl::Status status = add(response, std::move(KindTraits<Definition>::Of(resource))); !status.ok())
      return status;
  }
  return response;
}

}  // namespace sluice::controlplane
