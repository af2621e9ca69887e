#include "cli/verify/approved.h"

#include <fmt/format.h>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "sluice/v1/application.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"
#include "sluice/v1/product.grpc.pb.h"

namespace sluice::cli::verify {
namespace {

namespace v1 = sluice::v1;

constexpr int kPage = 1000;

absl::Status Take(const v1::ApprovedSlice& approved, ApprovedCluster& into) {
  absl::StatusOr<core::Slice> slice = wire::FromProto(approved.slice());
  if (!slice.ok()) {
    return absl::FailedPreconditionError(fmt::format("{} of {} cannot be read: {}; use a newer sluice",
                                                     approved.slice().key(), into.name,
                                                     std::string(slice.status().message())));
  }
  if (Sha256Hex(wire::Serialize(approved.slice())) != approved.digest()) into.broken.push_back(slice->key);
  into.slices.push_back(*std::move(slice));
  for (const v1::OwnedTopic& topic : approved.owned_topics())
    into.ours.topics[topic.name()].id = topic.topic_id();
  into.ours.subjects.insert(approved.owned_subjects().begin(), approved.owned_subjects().end());
  return absl::OkStatus();
}

void AddTrouble(const v1::SliceStatus& slice, Troubles& troubles) {
  if (slice.state() != v1::SYNC_STATE_IN_SYNC) troubles[slice.cluster()][slice.key()] = slice;
}

absl::Status ReadProductTroubles(Client& client, Troubles& troubles) {
  using Stub = v1::DataProductService::Stub;
  v1::ListDataProductsRequest request;
  request.set_page_size(kPage);
  while (true) {
    auto page = client.Call(&Stub::ListDataProducts, request);
    if (!page.ok()) return page.status();
    for (const v1::DataProduct& product : page->data_products()) {
      bool troubled = false;
      for (const v1::ProductStatus& status : product.status())
        troubled |= status.state() != v1::SYNC_STATE_IN_SYNC;
      if (!troubled) continue;
      v1::GetDataProductRequest one;
      one.set_name(product.name());
      one.set_view(v1::PRODUCT_VIEW_FULL);
      auto full = client.Call(&Stub::GetDataProduct, one);
      if (absl::IsNotFound(full.status())) continue;
      if (!full.ok()) return full.status();
      for (const v1::ProductStatus& status : full->status()) {
        for (const v1::SliceStatus& slice : status.slices()) AddTrouble(slice, troubles);
      }
    }
    if (page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

absl::Status ReadApplicationTroubles(Client& client, Troubles& troubles) {
  v1::ListApplicationsRequest request;
  request.set_page_size(kPage);
  while (true) {
    auto page = client.Call(&v1::ApplicationService::Stub::ListApplications, request);
    if (!page.ok()) return page.status();
    for (const v1::Application& application : page->applications()) {
      for (const v1::SliceStatus& slice : application.status()) AddTrouble(slice, troubles);
    }
    if (page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace

absl::StatusOr<ApprovedCluster> ReadApproved(Client& client, const v1::Cluster& cluster) {
  ApprovedCluster approved;
  approved.name = cluster.name();
  approved.observe_only = cluster.mode() == v1::Cluster::MODE_OBSERVE;
  v1::ListApprovedSlicesRequest request;
  request.set_cluster(cluster.name());
  request.set_page_size(kPage);
  while (true) {
    auto page = client.Call(&v1::LookupService::Stub::ListApprovedSlices, request);
    if (!page.ok()) return page.status();
    approved.reserved_principals = {page->reserved_principals().begin(), page->reserved_principals().end()};
    for (const v1::ApprovedSlice& slice : page->slices()) {
      if (absl::Status status = Take(slice, approved); !status.ok()) return status;
    }
    if (page->next_page_token().empty()) return approved;
    request.set_page_token(page->next_page_token());
  }
}

absl::StatusOr<Troubles> ReadTroubles(Client& client) {
  Troubles troubles;
  if (absl::Status status = ReadProductTroubles(client, troubles); !status.ok()) return status;
  if (absl::Status status = ReadApplicationTroubles(client, troubles); !status.ok()) return status;
  return troubles;
}

}  // namespace sluice::cli::verify
