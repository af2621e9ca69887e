// AvroLoader: reads one Avro document into nodes, in the order of its text: a name is known from its
// definition on. Used by avro_schema.cc alone.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/schema/avro_schema.h"

namespace sluice::schema {

struct AvroSchema::Data {
  Json document;
  std::deque<AvroNode> nodes;
  std::deque<AvroPlace> places;
  std::deque<std::string> names;  // full names that the document does not spell out
  std::vector<const AvroNode*> completed;
};

class AvroLoader {
 public:
  // All of them outlive the loader.
  AvroLoader(AvroSchema::Data& data, AvroRules rules, const AvroLimits& limits,
             std::vector<AvroFault>& faults);

  // Adds what is wrong to the faults; when there are some, nodes may be missing.
  AvroUse LoadRoot();

 private:
  using Place = const AvroPlace*;
  // Where a type is read: the namespace around it, and how deep.
  struct Scope {
    std::string_view space;
    size_t depth = 0;
  };

  void Fault(Place at, std::string message);
  Place At(Place parent, const char* word);
  Place At(Place parent, size_t index);
  AvroNode& Make(AvroType type, const Json& json, Place at);
  AvroUse Finish(AvroNode& node, Place at);

  AvroUse Read(const Json& json, Scope scope, Place at);
  AvroUse ReadObject(const Json& json, Scope scope, Place at);
  AvroUse ReadReference(const std::string& word, Scope scope, Place at);
  AvroUse ReadUnion(const Json& json, Scope scope, Place at);
  AvroUse ReadPart(AvroType type, const char* key, const Json& json, Scope scope, Place at);
  AvroUse ReadRecord(const Json& json, Scope scope, Place at);
  AvroUse ReadEnum(const Json& json, Scope scope, Place at);
  AvroUse ReadFixed(const Json& json, Scope scope, Place at);
  void ReadField(const Json& json, Scope scope, Place at, AvroNode& record);
  void ReadSymbols(const Json& json, Place at, AvroNode& node);
  std::vector<std::string_view> ReadAliases(const Json& json, Place at);

  // Enters the named type under its full name, with its aliases.
  void Define(AvroNode& node, const Json& json, Scope scope, Place at);
  std::string_view FullName(std::string_view space, std::string_view name, Place at);
  void IndexFields(AvroNode& record);
  void CheckDefaults();

  AvroSchema::Data& data_;
  AvroRules rules_;
  const AvroLimits& limits_;
  std::vector<AvroFault>& faults_;
  std::map<std::string_view, const AvroNode*> named_;
  size_t name_bytes_ = 0;
};

}  // namespace sluice::schema
