// Reads categories.
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"

namespace sluice::controlplane {

absl::StatusOr<v1::Category> GetCategory(const Context& context, const v1::GetCategoryRequest& request) {
  return Get<core::Category>(context, request.name());
}

absl::StatusOr<v1::ListCategoriesResponse> ListCategories(const Context& context,
                                                          const v1::ListCategoriesRequest& request) {
  return List<core::Category, v1::ListCategoriesResponse>(context, request,
                                                          [](auto& response, v1::Category&& found) {
                                                            *response.add_categories() = std::move(found);
                                                            return absl::OkStatus();
                                                          });
}

}  // namespace sluice::controlplane
