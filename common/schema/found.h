// Found: the answer of a bounded search for something that fulfils constraints.
#pragma once

namespace sluice::schema {

// kNone is proved: there is nothing. kUnknown: a bound was reached, or something is not modelled.
enum class Found { kNone, kUnknown, kSome };

}  // namespace sluice::schema
