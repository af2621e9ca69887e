#include "common/schema/testing/avro_random.h"

#include <algorithm>
#include <vector>

#include "common/schema/avro_default.h"

namespace sluice::schema {
namespace {

// Makes one text; with `vary`, some choices are other ones.
class Maker {
 public:
  Maker(uint32_t seed, bool vary) : random_(seed), variation_(seed ^ 0x5bd1e995), vary_(vary) {}

  std::string Type(int depth) {
    switch (Choose(depth > 3 ? 9 : 14)) {
      case 0:
        return R"("null")";
      case 1:
        return R"("boolean")";
      case 2:
      case 3:
        return Numeric();
      case 4:
        return R"("string")";
      case 5:
        return R"("bytes")";
      case 6:
        return Enum();
      case 7:
        return R"({"type":"fixed","name":")" + Name("F") + R"(","size":)" + std::to_string(Choose(3)) + "}";
      case 8:
        return Choose(2) == 0 || names_.empty() ? Numeric() : '"' + names_[Choose(names_.size())] + '"';
      case 9:
        return R"({"type":"array","items":)" + Type(depth + 1) + "}";
      case 10:
        return R"({"type":"map","values":)" + Type(depth + 1) + "}";
      case 11:
        return Union(depth);
      default:
        return Record(depth);
    }
  }

  std::string Record(int depth) {
    const std::string name = Name("R");
    names_.push_back(name);
    std::string text = R"({"type":"record","name":")" + name + '"' + Aliases("R") + R"(,"fields":[)";
    const size_t count = Choose(4);
    for (size_t i = 0; i < count; ++i) {
      const bool has_default = Choose(3) == 0;
      text += (i > 0 ? R"(,{"name":"f)" : R"({"name":"f)") + std::to_string(10 * i + (Choose(12) == 0)) + '"';
      text += Choose(6) == 0 ? R"(,"aliases":["f)" + std::to_string(10 * i) + R"("])" : "";
      text += R"(,"type":)" + (has_default ? R"("int","default":1)" : Type(depth + 1)) + "}";
    }
    return text + "]}";
  }

 private:
  size_t Choose(size_t count) {
    const size_t value = random_() % count;
    return vary_ && variation_() % 20 == 0 ? variation_() % count : value;
  }

  std::string Numeric() {
    static const char* const kWords[] = {R"("int")", R"("long")", R"("float")", R"("double")"};
    return kWords[Choose(4)];
  }

  // Unique, and short so that namespaces matter: `R1`, `a.R1`.
  std::string Name(const std::string& letter) {
    const std::string number = std::to_string(next_++);
    return (Choose(4) == 0 ? "a." : "b.") + letter + (Choose(15) == 0 ? "x" : "") + number;
  }

  std::string Aliases(const std::string& letter) {
    if (Choose(4) != 0) return "";
    return R"(,"aliases":["b.)" + letter + std::to_string(next_ - 1) + R"("])";
  }

  std::string Enum() {
    std::string text = R"({"type":"enum","name":")" + Name("E") + R"(","symbols":["A")";
    for (const char* symbol : {"B", "C"}) text += Choose(3) == 0 ? "" : std::string(",\"") + symbol + '"';
    return text + "]" + (Choose(4) == 0 ? R"(,"default":"A"})" : "}");
  }

  std::string Union(int depth) {
    std::string text = R"(["null")";
    if (Choose(2) == 0) text += "," + Numeric();
    if (Choose(2) == 0) text += R"(,"string")";
    if (Choose(2) == 0) text += "," + Record(depth + 1);
    if (Choose(3) == 0) text += R"(,{"type":"array","items":)" + Type(depth + 1) + "}";
    if (!names_.empty() && Choose(2) == 0) text += ",\"" + names_.front() + '"';
    return text + "]";
  }

  std::mt19937 random_;
  std::mt19937 variation_;
  bool vary_;
  int next_ = 0;
  std::vector<std::string> names_;  // of records
};

std::optional<Json> MakeDatumWithin(const AvroNode& node, std::mt19937& random, int& fuel);

std::optional<Json> MakeFields(const AvroNode& node, std::mt19937& random, int& fuel) {
  JsonObject object;
  for (const AvroField& field : node.fields) {
    std::optional<Json> value = MakeDatumWithin(*field.type.node, random, fuel);
    if (!value) return std::nullopt;
    object.Set(field.name, *std::move(value));
  }
  return object.Done();
}

std::optional<Json> MakeBranch(const AvroNode& node, std::mt19937& random, int& fuel) {
  if (node.parts.empty()) return std::nullopt;
  const size_t most = fuel > 20 ? node.parts.size() : 1;  // null, which ends recursion
  const AvroNode& branch = *node.parts[random() % most].node;
  std::optional<Json> value = MakeDatumWithin(branch, random, fuel);
  if (!value || branch.type == AvroType::kNull) return value;
  return JsonObject().Set(BranchName(branch), *std::move(value)).Done();
}

std::optional<Json> MakeParts(const AvroNode& node, std::mt19937& random, int& fuel) {
  Json::Array items;
  JsonObject values;
  for (uint32_t i = random() % 3; i > 0; --i) {
    std::optional<Json> part = MakeDatumWithin(*node.parts[0].node, random, fuel);
    if (!part) return std::nullopt;
    items.push_back(*part);
    values.Set("k" + std::to_string(i), *part);
  }
  return node.type == AvroType::kArray ? Json(std::move(items)) : values.Done();
}

std::optional<Json> MakeDatumWithin(const AvroNode& node, std::mt19937& random, int& fuel) {
  if (--fuel < 0) return std::nullopt;
  switch (node.type) {
    case AvroType::kNull:
      return Json();
    case AvroType::kBoolean:
      return Json(random() % 2 == 0);
    case AvroType::kString:
    case AvroType::kBytes:
      return Json(std::string(random() % 3, 'x'));
    case AvroType::kEnum:
      return Json(node.symbols[random() % node.symbols.size()]);
    case AvroType::kFixed:
      return Json(std::string(static_cast<size_t>(node.size), 'y'));
    case AvroType::kRecord:
      return MakeFields(node, random, fuel);
    case AvroType::kUnion:
      return MakeBranch(node, random, fuel);
    case AvroType::kArray:
    case AvroType::kMap:
      return MakeParts(node, random, fuel);
    default:
      return Json(static_cast<int64_t>(random() % 100));
  }
}

// The branch that `datum` names and its value; nullptr: none.
const AvroNode* BranchOf(const AvroNode& node, const Json& datum, const Json*& value) {
  value = &datum;
  for (const AvroUse& part : node.parts) {
    if (part.node->type == AvroType::kNull) {
      if (datum.is_null()) return part.node;
      continue;
    }
    if (!datum.is_object() || datum.object().size() != 1 || datum.object()[0].first != BranchName(*part.node))
      continue;
    value = &datum.object()[0].second;
    return part.node;
  }
  return nullptr;
}

bool ReadsRecord(const AvroNode& writer, const AvroNode& reader, const Json& datum) {
  for (const AvroField& field : reader.fields) {
    std::vector<std::string_view> names = {field.name};
    names.insert(names.end(), field.aliases.begin(), field.aliases.end());
    const Json* value = nullptr;
    const AvroField* written = nullptr;
    for (const std::string_view name : names) {
      if (written != nullptr) break;
      for (const AvroField& candidate : writer.fields) {
        if (candidate.name == name) written = &candidate;
      }
      value = written != nullptr ? datum.Find(name) : nullptr;
    }
    if (written == nullptr && field.default_value == nullptr) return false;
    if (written != nullptr && !CanRead(*written->type.node, *field.type.node, *value)) return false;
  }
  return true;
}

bool ReadsNumber(AvroType writer, AvroType reader) {
  const std::vector<AvroType> order = {AvroType::kInt, AvroType::kLong, AvroType::kFloat, AvroType::kDouble};
  const auto from = std::find(order.begin(), order.end(), writer);
  return std::find(from, order.end(), reader) != order.end();
}

bool SameName(const AvroNode& writer, const AvroNode& reader) {
  const auto last = [](std::string_view name) { return name.substr(name.rfind('.') + 1); };
  return last(writer.name) == last(reader.name) ||
         std::find(reader.aliases.begin(), reader.aliases.end(), writer.name) != reader.aliases.end();
}

}  // namespace

AvroPair MakeAvroPair(uint32_t seed) { return {Maker(seed, false).Record(0), Maker(seed, true).Record(0)}; }

std::optional<Json> MakeDatum(const AvroNode& node, std::mt19937& random) {
  int fuel = 200;
  return MakeDatumWithin(node, random, fuel);
}

bool IsDatum(const AvroNode& node, const Json& datum) {
  size_t steps = 1'000'000;
  switch (node.type) {
    case AvroType::kUnion: {
      const Json* value = nullptr;
      const AvroNode* branch = BranchOf(node, datum, value);
      return branch != nullptr && IsDatum(*branch, *value);
    }
    case AvroType::kRecord:
      return datum.is_object() && datum.object().size() == node.fields.size() &&
             std::all_of(node.fields.begin(), node.fields.end(), [&](const AvroField& field) {
               return datum.Find(field.name) != nullptr && IsDatum(*field.type.node, *datum.Find(field.name));
             });
    case AvroType::kArray:
      return datum.is_array() &&
             std::all_of(datum.array().begin(), datum.array().end(),
                         [&](const Json& item) { return IsDatum(*node.parts[0].node, item); });
    case AvroType::kMap:
      return datum.is_object() &&
             std::all_of(datum.object().begin(), datum.object().end(),
                         [&](const auto& member) { return IsDatum(*node.parts[0].node, member.second); });
    default:
      return FitsAsDefault(datum, node, AvroRules::kEveryVersion, steps) == true;
  }
}

bool CanRead(const AvroNode& writer, const AvroNode& reader, const Json& datum) {
  if (writer.type == AvroType::kUnion) {
    const Json* value = nullptr;
    const AvroNode* branch = BranchOf(writer, datum, value);
    return branch != nullptr && CanRead(*branch, reader, *value);
  }
  if (reader.type == AvroType::kUnion) {
    return std::any_of(reader.parts.begin(), reader.parts.end(),
                       [&](const AvroUse& branch) { return CanRead(writer, *branch.node, datum); });
  }
  if (writer.type == AvroType::kString || writer.type == AvroType::kBytes) {
    return reader.type == AvroType::kString || reader.type == AvroType::kBytes;
  }
  if (writer.type != reader.type) return ReadsNumber(writer.type, reader.type);
  switch (writer.type) {
    case AvroType::kRecord:
      return SameName(writer, reader) && ReadsRecord(writer, reader, datum);
    case AvroType::kFixed:
      return SameName(writer, reader) && writer.size == reader.size;
    case AvroType::kEnum:
      return SameName(writer, reader) &&
             (!reader.enum_default.empty() || std::find(reader.symbols.begin(), reader.symbols.end(),
                                                        datum.string()) != reader.symbols.end());
    case AvroType::kArray:
      return std::all_of(datum.array().begin(), datum.array().end(), [&](const Json& item) {
        return CanRead(*writer.parts[0].node, *reader.parts[0].node, item);
      });
    case AvroType::kMap:
      return std::all_of(datum.object().begin(), datum.object().end(), [&](const auto& member) {
        return CanRead(*writer.parts[0].node, *reader.parts[0].node, member.second);
      });
    default:
      return true;
  }
}

}  // namespace sluice::schema
