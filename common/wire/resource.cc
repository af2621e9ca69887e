// What every kind of resource has: a name, an etag, metadata. By reflection over the one message that is set.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using sluice::v1::Resource;

const FieldDescriptor* SetField(const Resource& resource) {
  return resource.GetReflection()->GetOneofFieldDescriptor(resource, resource.GetDescriptor()->oneof_decl(0));
}

// The definition inside; nullptr: none is set.
Message* MutableBody(Resource& resource) {
  const FieldDescriptor* field = SetField(resource);
  return field == nullptr ? nullptr : resource.GetReflection()->MutableMessage(&resource, field);
}

std::string StringField(const Resource& resource, const char* name) {
  const FieldDescriptor* set = SetField(resource);
  if (set == nullptr) return "";
  const Message& body = resource.GetReflection()->GetMessage(resource, set);
  return body.GetReflection()->GetString(body, body.GetDescriptor()->FindFieldByName(name));
}

void Clear(Message& body, const char* name) {
  const FieldDescriptor* field = body.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) body.GetReflection()->ClearField(&body, field);
}

}  // namespace

core::Kind KindOf(const Resource& resource) {
  switch (resource.definition_case()) {
    case Resource::kCategory:
      return core::Kind::kCategory;
    case Resource::kDomain:
      return core::Kind::kDomain;
    case Resource::kCustomer:
      return core::Kind::kCustomer;
    case Resource::kApplication:
      return core::Kind::kApplication;
    case Resource::kCluster:
      return core::Kind::kCluster;
    case Resource::kDataProduct:
      return core::Kind::kDataProduct;
    case Resource::kGrant:
      return core::Kind::kGrant;
    case Resource::kEnvironment:
    case Resource::DEFINITION_NOT_SET:
      break;
  }
  return core::Kind::kEnvironment;
}

std::string NameOf(const Resource& resource) { return StringField(resource, "name"); }

std::string EtagOf(const Resource& resource) { return StringField(resource, "etag"); }

void SetEtag(Resource& resource, const std::string& etag) {
  Message* body = MutableBody(resource);
  if (body == nullptr) return;
  body->GetReflection()->SetString(body, body->GetDescriptor()->FindFieldByName("etag"), etag);
}

sluice::v1::ResourceMeta* MutableMeta(Resource& resource) {
  Message* body = MutableBody(resource);
  if (body == nullptr) return nullptr;
  const FieldDescriptor* field = body->GetDescriptor()->FindFieldByName("meta");
  return static_cast<sluice::v1::ResourceMeta*>(body->GetReflection()->MutableMessage(body, field));
}

void StripOutput(Resource& resource) {
  Message* body = MutableBody(resource);
  if (body == nullptr) return;
  for (const char* name : {"etag", "meta", "status"}) Clear(*body, name);
}

std::string Serialize(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace sluice::wire
