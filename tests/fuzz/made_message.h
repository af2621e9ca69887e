// MadeMessage: a well-formed message of any type from any bytes, by reflection: each byte decides about the
// next field. Text is a name of the world that the target works on, or the bytes themselves. New messages and
// fields need nothing here.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::fuzz {

class MadeMessage {
 public:
  explicit MadeMessage(std::string_view bytes) : left_(bytes) {}

  // Fills `message`; leaves the rest of the bytes unused.
  void Fill(google::protobuf::Message& message, int depth = 0) {
    const google::protobuf::Descriptor* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count() && !left_.empty(); ++i) {
      const uint8_t choice = Byte();
      if (choice % 3 == 0) continue;
      const google::protobuf::FieldDescriptor* field = type->field(i);
      if (!field->is_repeated()) {
        Set(message, field, depth);
        continue;
      }
      for (int n = 1 + choice / 3 % 3; n > 0 && !left_.empty(); --n) Add(message, field, depth);
    }
  }

 private:
  using Field = google::protobuf::FieldDescriptor;
  static constexpr int kMaxDepth = 8;
  static constexpr std::array<std::string_view, 24> kNames = {"f-and-r",
                                                              "f-and-r.forecast",
                                                              "f-and-r.forecast/mobile",
                                                              "plan",
                                                              "mobile",
                                                              "acme",
                                                              "bravo",
                                                              "prod",
                                                              "forecast",
                                                              "eu-prod",
                                                              "us-prod",
                                                              "eu",
                                                              "C-1",
                                                              "C-2",
                                                              "C-3",
                                                              "events",
                                                              "acme.f-and-r.forecast.forecast.events",
                                                              "User:plan-eu",
                                                              "group:plan",
                                                              "app:plan",
                                                              "{\"type\":\"object\"}",
                                                              "retention.ms",
                                                              "/id",
                                                              ""};

  uint8_t Byte() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  int64_t Number() {
    const uint8_t choice = Byte();
    if (choice < 200) return choice % 20;
    uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number = number << 8 | Byte();
    return static_cast<int64_t>(number);
  }
  std::string Text() {
    const uint8_t choice = Byte();
    if (choice < 200) return std::string(kNames[choice % kNames.size()]);
    const size_t size = std::min<size_t>(choice - 200, left_.size());
    std::string text(left_.substr(0, size));
    left_.remove_prefix(size);
    for (char& c : text) c = static_cast<char>(c & 0x7f);  // protobuf's strings are UTF-8
    return text;
  }
  int EnumValue(const Field* field) { return Byte() % (field->enum_type()->value_count() + 1); }

  void Set(google::protobuf::Message& message, const Field* field, int depth) {
    const google::protobuf::Reflection& to = *message.GetReflection();
    switch (field->cpp_type()) {
      case Field::CPPTYPE_INT32:
        return to.SetInt32(&message, field, static_cast<int32_t>(Number()));
      case Field::CPPTYPE_INT64:
        return to.SetInt64(&message, field, Number());
      case Field::CPPTYPE_UINT32:
        return to.SetUInt32(&message, field, static_cast<uint32_t>(Number()));
      case Field::CPPTYPE_UINT64:
        return to.SetUInt64(&message, field, static_cast<uint64_t>(Number()));
      case Field::CPPTYPE_DOUBLE:
        return to.SetDouble(&message, field, static_cast<double>(Number()));
      case Field::CPPTYPE_FLOAT:
        return to.SetFloat(&message, field, static_cast<float>(Number()));
      case Field::CPPTYPE_BOOL:
        return to.SetBool(&message, field, Byte() % 2 == 1);
      case Field::CPPTYPE_ENUM:
        return to.SetEnumValue(&message, field, EnumValue(field));
      case Field::CPPTYPE_STRING:
        return to.SetString(&message, field, Text());
      case Field::CPPTYPE_MESSAGE:
        if (depth < kMaxDepth) Fill(*to.MutableMessage(&message, field), depth + 1);
    }
  }

  void Add(google::protobuf::Message& message, const Field* field, int depth) {
    const google::protobuf::Reflection& to = *message.GetReflection();
    switch (field->cpp_type()) {
      case Field::CPPTYPE_INT32:
        return to.AddInt32(&message, field, static_cast<int32_t>(Number()));
      case Field::CPPTYPE_INT64:
        return to.AddInt64(&message, field, Number());
      case Field::CPPTYPE_UINT32:
        return to.AddUInt32(&message, field, static_cast<uint32_t>(Number()));
      case Field::CPPTYPE_UINT64:
        return to.AddUInt64(&message, field, static_cast<uint64_t>(Number()));
      case Field::CPPTYPE_DOUBLE:
        return to.AddDouble(&message, field, static_cast<double>(Number()));
      case Field::CPPTYPE_FLOAT:
        return to.AddFloat(&message, field, static_cast<float>(Number()));
      case Field::CPPTYPE_BOOL:
        return to.AddBool(&message, field, Byte() % 2 == 1);
      case Field::CPPTYPE_ENUM:
        return to.AddEnumValue(&message, field, EnumValue(field));
      case Field::CPPTYPE_STRING:
        return to.AddString(&message, field, Text());
      case Field::CPPTYPE_MESSAGE:
        if (depth < kMaxDepth) Fill(*to.AddMessage(&message, field), depth + 1);
    }
  }

  std::string_view left_;
};

}  // namespace sluice::fuzz
