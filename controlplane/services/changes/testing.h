// What the tests of changes share. Test only.
#pragma once

#include "controlplane/services/testing.h"

namespace sluice::controlplane {

inline constexpr char kProduct[] = "f-and-r.forecast";

// A field goes away, which every consumer that uses it must acknowledge.
inline core::DataProduct OtherSchema() {
  core::DataProduct product = MakeProduct(kProduct);
  product.versions[0].schema->text = R"({"type":"object"})";
  return product;
}

inline core::DataProduct OtherRetention(const std::string& milliseconds = "172800000") {
  core::DataProduct product = MakeProduct(kProduct);
  product.versions[0].streams[0].config["retention.ms"] = milliseconds;
  return product;
}

class Changes : public ServicesTest {
 protected:
  std::string EtagOf(const std::string& name) {
    v1::GetDataProductRequest request;
    request.set_name(name);
    auto product = GetDataProduct(As(pia), request);
    EXPECT_TRUE(product.ok()) << product.status();
    return product->etag();
  }
};

}  // namespace sluice::controlplane
