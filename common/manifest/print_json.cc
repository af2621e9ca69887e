// The JSON printer.
#include <cmath>

#include "common/manifest/encode.h"

namespace sluice::manifest {
namespace {

void Print(const Value& value, const std::string& indent, std::string& out);

void PrintList(const Value& value, const std::string& indent, std::string& out) {
  if (value.items.empty()) {
    out += "[]";
    return;
  }
  out += "[";
  const char* comma = "\n";
  for (const Value& item : value.items) {
    out += comma + indent + "  ";
    Print(item, indent + "  ", out);
    comma = ",\n";
  }
  out += "\n" + indent + "]";
}

void PrintMap(const Value& value, const std::string& indent, std::string& out) {
  if (value.entries.empty()) {
    out += "{}";
    return;
  }
  out += "{";
  const char* comma = "\n";
  for (const auto& [key, entry] : value.entries) {
    out += comma + indent + "  " + QuoteJson(key) + ": ";
    Print(entry, indent + "  ", out);
    comma = ",\n";
  }
  out += "\n" + indent + "}";
}

void Print(const Value& value, const std::string& indent, std::string& out) {
  switch (value.kind) {
    case Value::Kind::kList:
      return PrintList(value, indent, out);
    case Value::Kind::kMap:
      return PrintMap(value, indent, out);
    case Value::Kind::kNumber:
      // JSON has no infinities.
      out += value.text == "inf" || value.text == "-inf" || value.text == "nan" ? "null" : value.text;
      return;
    default:
      out += QuoteJson(value.text);
  }
}

}  // namespace

std::string PrintJson(const google::protobuf::Message& message, Fields fields) {
  std::string out;
  Print(Encode(message, fields, Units::kPrograms), "", out);
  return out;
}

}  // namespace sluice::manifest
