// ListApprovedSlices: everything that was approved for one cluster, page by page, beside what is known to be
// ours.
#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {
namespace {

constexpr size_t kMaxPageBytes = 2 << 20;
constexpr int kAttempts = 5;

absl::Status CheckMayRead(const Caller& caller) {
  if (caller.HasRole(core::Role::kPlatformOperator) || caller.HasRole(core::Role::kAuditor))
    return absl::OkStatus();
  return absl::PermissionDeniedError(
      "the whole approved state is for platform operators and auditors; sluice describe shows a product's "
      "part of it");
}

absl::Status AddOwned(const Context& context, const std::string& cluster, v1::ApprovedSlice& approved) {
  OwnedNames asked;
  for (const v1::TopicSpec& topic : approved.slice().topics()) asked.topics[topic.name()];
  for (const v1::SubjectSpec& subject : approved.slice().subjects()) asked.subjects.insert(subject.name());
  absl::StatusOr<OwnedNames> owned = context.server.store.OwnedAmong(cluster, asked);
  if (!owned.ok()) return owned.status();
  for (const auto& [name, id] : owned->topics) {
    v1::OwnedTopic& topic = *approved.add_owned_topics();
    topic.set_name(name);
    topic.set_topic_id(id);
  }
  for (const std::string& name : owned->subjects) approved.add_owned_subjects(name);
  return absl::OkStatus();
}

// A slice that was released between the reading of its row and of the state has another content than its row
// says.
enum class Match { kSame, kReleasedMeanwhile };

// Rows and contents of one moment, as far as one exists within some attempts; else what the store holds,
// whose digests then show that they do not belong together.
class PageReader {
 public:
  PageReader(const Context& context, const v1::ListApprovedSlicesRequest& request, int size)
      : context_(context), request_(request), size_(size) {}

  absl::StatusOr<v1::ListApprovedSlicesResponse> Read() {
    for (int attempt = 1;; ++attempt) {
      response_.Clear();
      absl::StatusOr<Match> match = ReadOnce();
      if (!match.ok()) return match.status();
      if (*match == Match::kSame || attempt == kAttempts) return std::move(response_);
    }
  }

 private:
  absl::StatusOr<Match> ReadOnce() {
    Store& store = context_.server.store;
    auto rows = store.SlicesAfter(request_.cluster(), request_.page_token(), size_ + 1);
    if (!rows.ok()) return rows.status();
    const std::shared_ptr<const State> state = store.Current();
    const core::Cluster* cluster = state->catalog.clusters.Find(request_.cluster());
    if (cluster == nullptr) {
      return absl::NotFoundError(
          fmt::format("there is no cluster '{}'; sluice get clusters lists them", request_.cluster()));
    }
    for (const std::string& principal : cluster->reserved_principals)
      response_.add_reserved_principals(principal);
    response_.set_revision(state->revision);
    Match match = Match::kSame;
    size_t bytes = 0;
    for (size_t i = 0; i < rows->size(); ++i) {
      const bool full = static_cast<int>(i) == size_ || (i > 0 && bytes >= kMaxPageBytes);
      if (full) {
        response_.set_next_page_token((*rows)[i - 1].key);
        break;
      }
      absl::StatusOr<std::string> content = store.SliceBytes(*state, request_.cluster(), (*rows)[i].key);
      if (absl::IsNotFound(content.status())) {
        match = Match::kReleasedMeanwhile;
        continue;
      }
      if (!content.ok()) return content.status();
      if (Sha256Hex(*content) != (*rows)[i].digest) match = Match::kReleasedMeanwhile;
      bytes += content->size();
      if (absl::Status status = Add((*rows)[i], *content); !status.ok()) return status;
    }
    return match;
  }

  absl::Status Add(const SliceRow& row, const std::string& content) {
    v1::ApprovedSlice& approved = *response_.add_slices();
    approved.set_generation(row.generation);
    approved.set_digest(row.digest);
    if (!approved.mutable_slice()->ParseFromString(content))
      return absl::InternalError(fmt::format("slice {} cannot be read", row.key));
    return AddOwned(context_, request_.cluster(), approved);
  }

  const Context& context_;
  const v1::ListApprovedSlicesRequest& request_;
  const int size_;
  v1::ListApprovedSlicesResponse response_;
};

}  // namespace

absl::StatusOr<v1::ListApprovedSlicesResponse> ListApprovedSlices(
    const Context& context, const v1::ListApprovedSlicesRequest& request) {
  if (absl::Status status = CheckMayRead(context.caller); !status.ok()) return status;
  if (absl::Status status = CheckName(request.cluster()); !status.ok()) return status;
  if (absl::Status status = CheckLength("page_token", request.page_token(), kMaxToken); !status.ok())
    return status;
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  return PageReader(context, request, *size).Read();
}

}  // namespace sluice::controlplane
