#include "common/manifest/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "common/core/text.h"
#include "common/manifest/scalar.h"
#include "common/manifest/words.h"
#include "common/wire/wire.h"
#include "sluice/v1/annotations.pb.h"

namespace sluice::manifest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsWrittenByServer(const FieldDescriptor* field) {
  return field->options().GetExtension(sluice::v1::behavior) == sluice::v1::BEHAVIOR_OUTPUT_ONLY;
}

std::string Under(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

// The directory of `file`, with a slash at its end; empty: here.
std::string DirectoryOf(const std::string& file) {
  size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

class Decoder {
 public:
  explicit Decoder(const DecodeTarget& target) : target_(target) {}

  void TakeMessage(const Node& node, const std::string& extra_key, const std::string& path,
                   Message& message) {
    if (node.kind != Node::Kind::kMap) {
      return Add(node.at, path, fmt::format("a mapping is wanted (got {})", Got(node)),
                 fmt::format("write keys such as {}", core::List(Keys(message.GetDescriptor()), 5)));
    }
    for (const MapEntry& entry : node.entries) {
      if (!extra_key.empty() && entry.key == extra_key) continue;
      if (!TakeFile(entry, path, message)) TakeEntry(entry, path, message);
    }
  }

 private:
  void Add(const Location& at, const std::string& field, std::string message, std::string remedy) {
    if (target_.problems.size() > kMaxProblems) return;
    // An empty value stands nowhere: its key does.
    target_.problems.push_back({.at = at.line > 0 ? at : Locate(target_.locations, field),
                                .field = field,
                                .message = std::move(message),
                                .remedy = std::move(remedy)});
  }

  // Keys that may be written at a message.
  std::vector<std::string> Keys(const Descriptor* type) const {
    std::vector<std::string> keys;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (IsWrittenByServer(field)) continue;
      const std::string& file_key = field->options().GetExtension(sluice::v1::from_file);
      if (target_.read_file && !file_key.empty()) keys.push_back(file_key);
      keys.push_back(field->name());
    }
    return keys;
  }

  void TakeEntry(const MapEntry& entry, const std::string& path, Message& message) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(entry.key);
    if (field == nullptr) {
      std::string remedy = entry.key == "<<" ? "merge keys are not taken: write the values out"
                                             : Suggest(entry.key, Keys(message.GetDescriptor()));
      return Add(entry.at, path, fmt::format("unknown key {}", core::Quote(entry.key)), std::move(remedy));
    }
    if (IsWrittenByServer(field)) {
      return Add(entry.at, path, fmt::format("'{}' is written by the server", field->name()), "leave it out");
    }
    std::string at = Under(path, field->name());
    target_.locations[at] = entry.at;
    TakeValue(*entry.value, field, at, message);
  }

  void TakeValue(const Node& node, const FieldDescriptor* field, const std::string& path, Message& message) {
    if (field->is_map()) return TakeMap(node, field, path, message);
    if (field->is_repeated()) return TakeList(node, field, path, message);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return TakeScalar(node, field, path, message);
    TakeChild(node, field, path, *message.GetReflection()->MutableMessage(&message, field));
  }

  void TakeChild(const Node& node, const FieldDescriptor* field, const std::string& path, Message& child) {
    if (!IsDuration(field)) return TakeMessage(node, "", path, child);
    if (std::optional<Refusal> refusal = PutDuration(node, child))
      Add(node.at, path, refusal->message, refusal->remedy);
  }

  void TakeScalar(const Node& node, const FieldDescriptor* field, const std::string& path, Message& message) {
    if (node.kind != Node::Kind::kScalar) {
      return Add(node.at, path, fmt::format("a single value is wanted (got {})", Got(node)),
                 fmt::format("write `{}: value`", field->name()));
    }
    if (std::optional<Refusal> refusal = PutScalar(node, field, message)) {
      Add(node.at, path, refusal->message, refusal->remedy);
    }
  }

  void TakeList(const Node& node, const FieldDescriptor* field, const std::string& path, Message& message) {
    if (node.kind != Node::Kind::kList) {
      return Add(node.at, path, fmt::format("a list is wanted (got {})", Got(node)),
                 "write its entries in lines that begin with `- `, or in brackets");
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      const Node& item = *node.items[i];
      std::string at = core::Item(path, i);
      target_.locations[at] = item.at;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        TakeChild(item, field, at, *message.GetReflection()->AddMessage(&message, field));
      } else {
        TakeScalar(item, field, at, message);
      }
    }
  }

  void TakeMap(const Node& node, const FieldDescriptor* field, const std::string& path, Message& message) {
    if (node.kind != Node::Kind::kMap) {
      return Add(node.at, path, fmt::format("a mapping is wanted (got {})", Got(node)),
                 "write its entries as `key: value`");
    }
    const FieldDescriptor* key = field->message_type()->map_key();
    const FieldDescriptor* value = field->message_type()->map_value();
    for (const MapEntry& entry : node.entries) {
      if (entry.key.empty() || wire::FirstBadByte(entry.key) != std::string::npos) {
        Add(entry.at, path, "a key is text without control characters, and not empty", "give it a name");
        continue;
      }
      std::string at = path + "." + entry.key;
      target_.locations[at] = entry.at;
      Message* pair = message.GetReflection()->AddMessage(&message, field);
      pair->GetReflection()->SetString(pair, key, entry.key);
      TakeValue(*entry.value, value, at, *pair);
    }
  }

  // A key that names a file for a text field of `message`. False: the entry is none.
  bool TakeFile(const MapEntry& entry, const std::string& path, Message& message) {
    if (!target_.read_file) return false;
    const Descriptor* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const std::string& key = field->options().GetExtension(sluice::v1::from_file);
      if (key.empty() || key != entry.key) continue;
      std::string at = Under(path, field->name());
      if (target_.locations.contains(at)) {
        Add(entry.at, at, fmt::format("'{}' and '{}' say the same thing twice", field->name(), key),
            "keep one of them");
      } else {
        Inline(entry, field, at, message);
      }
      return true;
    }
    return false;
  }

  void Inline(const MapEntry& entry, const FieldDescriptor* field, const std::string& path,
              Message& message) {
    const Node& name = *entry.value;
    target_.locations[path] = entry.at;
    if (name.kind != Node::Kind::kScalar || name.IsNull() || name.text.find('\0') != std::string::npos) {
      return Add(name.at, path, fmt::format("the name of a file is wanted (got {})", Got(name)),
                 fmt::format("write `{}: NAME`", entry.key));
    }
    std::string file = name.text.starts_with('/') ? name.text : DirectoryOf(entry.at.file) + name.text;
    absl::StatusOr<std::string> content = target_.read_file(file, kMaxInlinedBytes);
    if (!content.ok()) {
      return Add(
          name.at, path,
          fmt::format("cannot read {}: {}", core::Quote(file), std::string(content.status().message())),
          "file names are relative to the manifest");
    }
    if (content->starts_with("\xEF\xBB\xBF"))
      content->erase(0, 3);  // a byte order mark is no part of the text
    if (size_t bad = wire::FirstBadByte(*content); bad != std::string::npos) {
      return Add(name.at, path,
                 fmt::format("{} is not UTF-8 text (byte 0x{:02X} at offset {})", core::Quote(file),
                             static_cast<unsigned char>((*content)[bad]), bad),
                 "store it as UTF-8");
    }
    message.GetReflection()->SetString(&message, field, *std::move(content));
  }

  const DecodeTarget& target_;
};

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

}  // namespace

void Decode(const Node& node, const std::string& extra_key, Message& message, const DecodeTarget& target) {
  target.locations[""] = node.at;
  Decoder(target).TakeMessage(node, extra_key, "", message);
}

void RequireFields(const Message& message, const std::string& path, const Locations& locations,
                   std::vector<Problem>& problems) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    std::string at = Under(path, field->name());
    bool required = field->options().GetExtension(sluice::v1::behavior) == sluice::v1::BEHAVIOR_REQUIRED;
    // A key that is written has its own problem if nothing came of it.
    if (required && !IsSet(message, field) && !locations.contains(at)) {
      problems.push_back({.at = Locate(locations, path),
                          .field = path,
                          .message = fmt::format("'{}' is missing", field->name()),
                          .remedy = fmt::format("say '{}'", field->name())});
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map() || !IsSet(message, field))
      continue;
    const auto* reflection = message.GetReflection();
    if (!field->is_repeated()) {
      RequireFields(reflection->GetMessage(message, field), at, locations, problems);
      continue;
    }
    for (int n = 0; n < reflection->FieldSize(message, field); ++n) {
      RequireFields(reflection->GetRepeatedMessage(message, field, n), core::Item(at, static_cast<size_t>(n)),
                    locations, problems);
    }
  }
}

}  // namespace sluice::manifest
