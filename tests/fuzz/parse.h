// Any bytes as a protobuf message, without the sentence that protobuf prints for each that is none.
#pragma once

#include <cstdint>

#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

namespace sluice::fuzz {

inline bool Parse(const uint8_t* data, size_t size, google::protobuf::Message& message) {
  [[maybe_unused]] static auto* const before = google::protobuf::SetLogHandler(nullptr);  // once
  return message.ParseFromArray(data, static_cast<int>(size));
}

}  // namespace sluice::fuzz
