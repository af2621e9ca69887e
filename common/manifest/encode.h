// Encode: a proto message as a tree of values that the YAML and JSON printers share. The inverse of decode.h.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "common/manifest/manifest.h"

namespace sluice::manifest {

struct Value {
  enum class Kind {
    kText,    // a string field
    kLoose,   // a value of map<string, string>: any scalar is read back as its source text
    kFile,    // text that usually comes from a file
    kWord,    // an enum's word, a date, a duration, a size: needs no quotes in YAML
    kNumber,  // a number, true, false
    kList,
    kMap,
  };
  Kind kind = Kind::kText;
  std::string text;
  std::vector<Value> items;  // kList
  struct Entry;
  std::vector<Entry> entries;  // kMap

  bool IsScalar() const { return kind != Kind::kList && kind != Kind::kMap; }
};

struct Value::Entry {
  std::string key;
  Value value;
};

// How numbers with a unit are written: for people (`1MiB`, `50/s`) or for programs (numbers).
enum class Units { kPeople, kPrograms };

// Set fields in the order of their numbers, maps in the order of their keys. A Resource becomes its
// definition with `kind` first.
Value Encode(const google::protobuf::Message& message, Fields fields, Units units);

// `text` in double quotes; valid in JSON and in YAML.
std::string QuoteJson(std::string_view text);

}  // namespace sluice::manifest
