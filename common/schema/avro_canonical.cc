#include "common/schema/avro_canonical.h"

#include <absl/status/status.h>
#include <fmt/format.h>

#include <array>
#include <set>

namespace sluice::schema {
namespace {

constexpr size_t kMostBytes = 32 * 1024 * 1024;
constexpr uint64_t kEmpty = 0xc15d213aa4d7a795;

// Writes each definition where it is met first, as the document has it; so it nests no deeper than the
// document.
class Writer {
 public:
  void Write(const AvroNode& node) {
    if (text_.size() > kMostBytes) return;
    if (IsNamed(node.type) && !defined_.insert(node.name).second) {
      Append("\"", node.name, "\"");
      return;
    }
    switch (node.type) {
      case AvroType::kRecord:
        return WriteRecord(node);
      case AvroType::kEnum:
        return WriteEnum(node);
      case AvroType::kFixed:
        Append(R"({"name":")", node.name, fmt::format(R"(","type":"fixed","size":{}}})", node.size));
        return;
      case AvroType::kArray:
        return WritePart(R"({"type":"array","items":)", node);
      case AvroType::kMap:
        return WritePart(R"({"type":"map","values":)", node);
      case AvroType::kUnion:
        return WriteUnion(node);
      default:
        Append("\"", WordOf(node.type), "\"");
    }
  }

  std::string& text() { return text_; }

 private:
  void Append(std::string_view a, std::string_view b, std::string_view c) {
    text_.append(a).append(b).append(c);
  }

  void WriteRecord(const AvroNode& node) {
    Append(R"({"name":")", node.name, R"(","type":"record","fields":[)");
    for (const AvroField& field : node.fields) {
      if (&field != &node.fields.front()) text_ += ',';
      Append(R"({"name":")", field.name, R"(","type":)");
      Write(*field.type.node);
      text_ += '}';
    }
    text_ += "]}";
  }

  void WriteEnum(const AvroNode& node) {
    Append(R"({"name":")", node.name, R"(","type":"enum","symbols":[)");
    for (size_t i = 0; i < node.symbols.size(); ++i) Append(i > 0 ? ",\"" : "\"", node.symbols[i], "\"");
    text_ += "]}";
  }

  void WritePart(std::string_view start, const AvroNode& node) {
    text_ += start;
    Write(*node.parts[0].node);
    text_ += '}';
  }

  void WriteUnion(const AvroNode& node) {
    text_ += '[';
    for (size_t i = 0; i < node.parts.size(); ++i) {
      if (i > 0) text_ += ',';
      Write(*node.parts[i].node);
    }
    text_ += ']';
  }

  std::string text_;
  std::set<std::string_view> defined_;
};

std::array<uint64_t, 256> MakeTable() {
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < table.size(); ++i) {
    uint64_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kEmpty : 0);
    table[i] = value;
  }
  return table;
}

}  // namespace

absl::StatusOr<std::string> CanonicalForm(const AvroSchema& schema) {
  Writer writer;
  writer.Write(*schema.root().node);
  if (writer.text().size() <= kMostBytes) return std::move(writer.text());
  return absl::ResourceExhaustedError(fmt::format("the canonical form is longer than {} bytes", kMostBytes));
}

uint64_t Fingerprint(std::string_view canonical_form) {
  static const std::array<uint64_t, 256> table = MakeTable();
  uint64_t value = kEmpty;
  for (const char c : canonical_form) {
    value = (value >> 8) ^ table[(value ^ static_cast<unsigned char>(c)) & 0xff];
  }
  return value;
}

}  // namespace sluice::schema
