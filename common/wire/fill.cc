#include "common/wire/fill.h"

#include <google/protobuf/duration.pb.h>

#include <string>

#include "sluice/v1/annotations.pb.h"

namespace sluice::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void SetValue(Message& message, const FieldDescriptor* field, int elements, int& counter) {
  const Reflection* reflection = message.GetReflection();
  ++counter;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, field, counter);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(&message, field, counter);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(&message, field, counter + 0.5);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, field, true);
    case FieldDescriptor::CPPTYPE_ENUM: {
      int count = field->enum_type()->value_count();
      return reflection->SetEnumValue(&message, field,
                                      field->enum_type()->value(1 + counter % (count - 1))->number());
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      bool date = field->options().GetExtension(sluice::v1::unit) == sluice::v1::UNIT_DATE;
      return reflection->SetString(&message, field, date ? "2027-06-30" : "text-" + std::to_string(counter));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillInput(*reflection->MutableMessage(&message, field), elements, counter);
    default:
      return;
  }
}

void AddValue(Message& message, const FieldDescriptor* field, int elements, int& counter) {
  const Reflection* reflection = message.GetReflection();
  ++counter;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->AddInt32(&message, field, counter);
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->AddString(&message, field, "text-" + std::to_string(counter));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillInput(*reflection->AddMessage(&message, field), elements, counter);
    default:
      return;
  }
}

}  // namespace

void FillInput(Message& message, int elements, int& counter) {
  if (auto* duration = dynamic_cast<google::protobuf::Duration*>(&message)) {
    duration->set_seconds(++counter);
    duration->set_nanos(5'000'000);
    return;
  }
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->options().GetExtension(sluice::v1::behavior) == sluice::v1::BEHAVIOR_OUTPUT_ONLY) continue;
    if (!field->options().GetExtension(sluice::v1::planned).empty() || field->name() == "etag") continue;
    if (!field->is_repeated()) {
      SetValue(message, field, elements, counter);
      continue;
    }
    for (int n = 0; n < elements; ++n) AddValue(message, field, elements, counter);
  }
}

std::vector<sluice::v1::Resource> FilledResources(int elements) {
  std::vector<sluice::v1::Resource> resources;
  int counter = 0;
  for (int i = 0; i < sluice::v1::Resource::descriptor()->field_count(); ++i) {
    sluice::v1::Resource resource;
    const FieldDescriptor* field = sluice::v1::Resource::descriptor()->field(i);
    FillInput(*resource.GetReflection()->MutableMessage(&resource, field), elements, counter);
    resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace sluice::wire
