// Reads customers.
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"

namespace sluice::controlplane {

absl::StatusOr<v1::Customer> GetCustomer(const Context& context, const v1::GetCustomerRequest& request) {
  return Get<core::Customer>(context, request.name());
}

absl::StatusOr<v1::ListCustomersResponse> ListCustomers(const Context& context,
                                                        const v1::ListCustomersRequest& request) {
  return List<core::Customer, v1::ListCustomersResponse>(context, request,
                                                         [](auto& response, v1::Customer&& found) {
                                                           *response.add_customers() = std::move(found);
                                                           return absl::OkStatus();
                                                         });
}

}  // namespace sluice::controlplane
