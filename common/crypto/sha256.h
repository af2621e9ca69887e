// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

std::string Sha256Hex(std::string_view bytes);  // 64 lower-case hexadecimal digits
std::string RandomHex(size_t bytes);            // from the system's generator; two digits a byte

}  // namespace sluice
