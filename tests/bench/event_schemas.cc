#include "tests/bench/event_schemas.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <random>

namespace sluice::bench {
namespace {

constexpr std::array kNouns = {"order",   "customer", "address", "shipment", "payment",
                               "invoice", "item",     "price",   "contact",  "account",
                               "carrier", "store",    "product", "promise",  "schedule"};
constexpr std::array kFields = {"id",        "number",    "status",   "amount",   "currency", "createdAt",
                                "updatedAt", "name",      "email",    "phone",    "street",   "city",
                                "country",   "quantity",  "unit",     "weight",   "discount", "taxRate",
                                "note",      "reference", "channel",  "priority", "version",  "region",
                                "language",  "validity",  "warehouse"};
constexpr std::array kValues = {"NEW",       "CONFIRMED", "PAID",    "SHIPPED", "DELIVERED",
                                "CANCELLED", "RETURNED",  "ON_HOLD", "EXPIRED"};

// A subschema under construction, as lines of text.
struct Field {
  std::string name;
  std::string schema;
  bool required = false;
};

// An object type: what a definition or the root is.
struct Shape {
  std::string name;
  std::vector<Field> fields;
  bool closed = false;
};

class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  std::vector<Shape> Shapes(size_t bytes);
  // One to three edits of the shapes.
  void Edit(std::vector<Shape>& shapes);

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool Chance(int percent) { return static_cast<int>(Below(100)) < percent; }
  Field MakeField(size_t number, const std::vector<Shape>& earlier);
  std::string MakeSchema(const std::string& name, const std::vector<Shape>& earlier, int depth);
  std::string Leaf(const std::string& description);

  std::mt19937_64 random_;
};

std::string Object(const Shape& shape) {
  std::string properties, required;
  for (const Field& field : shape.fields) {
    properties += fmt::format("{}\"{}\": {}", properties.empty() ? "" : ",\n", field.name, field.schema);
    if (field.required) required += fmt::format("{}\"{}\"", required.empty() ? "" : ", ", field.name);
  }
  return fmt::format(
      "\"title\": \"{}\",\n\"type\": \"object\",\n\"required\": [{}],\n\"properties\": {{\n{}\n}}{}",
      shape.name, required, properties, shape.closed ? ",\n\"additionalProperties\": false" : "");
}

std::string Document(const std::vector<Shape>& shapes) {
  std::string definitions;
  for (size_t i = 0; i + 1 < shapes.size(); ++i) {
    definitions +=
        fmt::format("{}\"{}\": {{\n{}\n}}", i == 0 ? "" : ",\n", shapes[i].name, Object(shapes[i]));
  }
  return fmt::format(
      "{{\n\"$schema\": \"http://json-schema.org/draft-07/schema#\",\n\"$id\": "
      "\"https://schemas.example.com/{}\",\n{},\n\"definitions\": "
      "{{\n{}\n}}\n}}\n",
      shapes.back().name, Object(shapes.back()), definitions);
}

std::string Writer::Leaf(const std::string& description) {
  switch (Below(9)) {
    case 0:
    case 1:
      return fmt::format("{{ \"type\": \"string\", {}, \"minLength\": 1, \"maxLength\": {} }}", description,
                         20 + Below(200));
    case 2:
      return fmt::format("{{ \"type\": \"string\", {}, \"format\": \"date-time\" }}", description);
    case 3:
      return fmt::format("{{ \"type\": \"integer\", {}, \"minimum\": 0 }}", description);
    case 4:
      return fmt::format("{{ \"type\": \"number\", {}, \"minimum\": 0, \"maximum\": {} }}", description,
                         1'000 + Below(9'000));
    case 5:
      return fmt::format("{{ \"type\": \"boolean\", {}, \"default\": false }}", description);
    case 6:
      return fmt::format("{{ \"type\": [\"string\", \"null\"], {} }}", description);
    case 7:
      return fmt::format("{{ \"type\": \"string\", {}, \"pattern\": \"^[A-Z]{{2,3}}-[0-9]{{4,10}}$\" }}",
                         description);
    default: {
      std::string values;
      for (size_t i = 0; i < 3 + Below(6); ++i)
        values += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", kValues[i]);
      return fmt::format("{{ \"type\": \"string\", {}, \"enum\": [{}] }}", description, values);
    }
  }
}

std::string Writer::MakeSchema(const std::string& name, const std::vector<Shape>& earlier, int depth) {
  const std::string description =
      fmt::format("\"description\": \"The {} of this event{}\"", name,
                  Chance(50) ? " as it was known when the event was made; absent when nobody knows it" : "");
  if (!earlier.empty() && Chance(20)) {
    const std::string& target = earlier[Below(earlier.size())].name;
    if (Chance(40)) {
      return fmt::format(
          "{{ \"type\": \"array\", {}, \"minItems\": 1, \"items\": {{ \"$ref\": \"#/definitions/{}\" }} }}",
          description, target);
    }
    return fmt::format("{{ \"$ref\": \"#/definitions/{}\" }}", target);
  }
  if (depth < 3 && Chance(10)) {
    Shape inner{.name = name, .fields = {}, .closed = Chance(20)};
    for (size_t i = 0; i < 2 + Below(4); ++i) {
      inner.fields.push_back({.name = fmt::format("{}{}", kFields[Below(kFields.size())], i),
                              .schema = MakeSchema(kFields[i], earlier, depth + 1),
                              .required = Chance(40)});
    }
    return fmt::format("{{ {},\n{} }}", description, Object(inner));
  }
  return Leaf(description);
}

Field Writer::MakeField(size_t number, const std::vector<Shape>& earlier) {
  const std::string word = kFields[Below(kFields.size())];
  return {.name = fmt::format("{}{}", word, number),
          .schema = MakeSchema(word, earlier, 0),
          .required = Chance(45)};
}

std::vector<Shape> Writer::Shapes(size_t bytes) {
  std::vector<Shape> shapes;
  size_t written = 300;
  while (written < bytes) {
    Shape shape{.name = fmt::format("{}{}", kNouns[Below(kNouns.size())], shapes.size()),
                .fields = {},
                .closed = Chance(25)};
    for (size_t i = 0; i < 5 + Below(8) && written < bytes; ++i) {
      shape.fields.push_back(MakeField(i, shapes));
      written += shape.fields.back().name.size() + shape.fields.back().schema.size() + 8;
    }
    written += 120;
    shapes.push_back(std::move(shape));
  }
  // The last one is the event itself, which holds one of each of the others.
  for (size_t i = 0; i + 1 < shapes.size(); ++i) {
    shapes.back().fields.push_back(
        {.name = shapes[i].name,
         .schema = fmt::format("{{ \"$ref\": \"#/definitions/{}\" }}", shapes[i].name),
         .required = Chance(50)});
  }
  return shapes;
}

void Writer::Edit(std::vector<Shape>& shapes) {
  for (uint64_t i = 1 + Below(3); i > 0; --i) {
    Shape& shape = shapes[Below(shapes.size())];
    Field& field = shape.fields[Below(shape.fields.size())];
    switch (Below(7)) {
      case 0:
      case 1:
        shape.fields.push_back({.name = fmt::format("added{}", i),
                                .schema = Leaf("\"description\": \"New\""),
                                .required = false});
        break;
      case 2:
        field.required = !field.required;
        break;
      case 3:
        field.schema = Leaf("\"description\": \"Changed\"");
        break;
      case 4:
        if (shape.fields.size() > 1) shape.fields.pop_back();
        break;
      case 5:
        shape.closed = !shape.closed;
        break;
      default:
        if (const size_t values = field.schema.find("\"enum\": ["); values != std::string::npos) {
          field.schema.insert(values + 9, "\"ARCHIVED\", ");
        }
    }
  }
}

}  // namespace

SchemaPair MakeSchemaPair(size_t bytes, uint64_t seed) {
  Writer writer(seed);
  std::vector<Shape> shapes = writer.Shapes(bytes);
  std::string before = Document(shapes);
  writer.Edit(shapes);
  return {std::move(before), Document(shapes)};
}

std::vector<SchemaPair> MakeSchemaPairs(size_t median, size_t count) {
  std::vector<SchemaPair> pairs;
  for (size_t i = 0; i < count; ++i) {
    const double place = count == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(count - 1);
    const double factor = std::pow(3.0, 2 * place - 1);
    pairs.push_back(MakeSchemaPair(static_cast<size_t>(static_cast<double>(median) * factor), i + 1));
  }
  return pairs;
}

std::string OrderSchema() {
  return R"({
"$schema": "http://json-schema.org/draft-07/schema#",
"title": "Order",
"type": "object",
"required": ["orderId", "customer", "lines", "total", "state", "placedAt"],
"properties": {
  "orderId": {"type": "string", "pattern": "^ORD-[0-9]{8}$", "description": "Number of the order"},
  "customer": {"$ref": "#/definitions/party"},
  "payer": {"$ref": "#/definitions/party"},
  "state": {"type": "string", "enum": ["NEW", "CONFIRMED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED"]},
  "total": {"$ref": "#/definitions/money"},
  "placedAt": {"type": "string", "format": "date-time"},
  "channel": {"type": "string", "enum": ["WEB", "STORE", "PHONE", "PARTNER"]},
  "note": {"type": ["string", "null"], "maxLength": 500},
  "lines": {"type": "array", "minItems": 1, "maxItems": 500, "items": {"$ref": "#/definitions/line"}},
  "tags": {"type": "array", "uniqueItems": true, "items": {"type": "string", "minLength": 1}}
},
"definitions": {
  "money": {"type": "object", "required": ["amount", "currency"], "additionalProperties": false,
    "properties": {"amount": {"type": "number", "minimum": 0, "multipleOf": 0.01}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}},
  "address": {"type": "object", "required": ["street", "city", "country"],
    "properties": {"street": {"type": "string", "minLength": 1}, "city": {"type": "string", "minLength": 1},
      "postalCode": {"type": "string", "maxLength": 12}, "country": {"type": "string", "minLength": 2, "maxLength": 2}}},
  "party": {"type": "object", "required": ["id", "name"],
    "properties": {"id": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1, "maxLength": 200},
      "email": {"type": "string", "format": "email"}, "address": {"$ref": "#/definitions/address"}}},
  "line": {"type": "object", "required": ["sku", "quantity", "price"],
    "properties": {"sku": {"type": "string", "minLength": 1, "maxLength": 40}, "quantity": {"type": "integer", "minimum": 1},
      "price": {"$ref": "#/definitions/money"}, "gift": {"type": "boolean"}, "discount": {"type": "number", "minimum": 0, "maximum": 1}}}
}
})";
}

std::string OrderEvent() {
  return R"({
  "orderId": "ORD-20261122", "state": "CONFIRMED", "channel": "WEB", "placedAt": "2026-11-22T05:16:03Z",
  "note": "Please ring twice; the bell at the gate is not always heard in the yard.",
  "total": {"amount": 184.35, "currency": "EUR"},
  "customer": {"id": "C-1842", "name": "Erika Mustermann", "email": "erika@example.com",
    "address": {"street": "Am Markt 12", "city": "Rostock", "postalCode": "18055", "country": "DE"}},
  "payer": {"id": "C-1900", "name": "Muster Handel GmbH", "address": {"street": "Lange Strasse 7", "city": "Berlin", "country": "DE"}},
  "lines": [
    {"sku": "TEA-GREEN-250", "quantity": 2, "price": {"amount": 12.95, "currency": "EUR"}, "gift": true},
    {"sku": "KETTLE-STEEL-1L", "quantity": 1, "price": {"amount": 79.95, "currency": "EUR"}, "discount": 0.1},
    {"sku": "CUP-WHITE-SET-6", "quantity": 1, "price": {"amount": 48.5, "currency": "EUR"}},
    {"sku": "HONEY-LIME-500", "quantity": 3, "price": {"amount": 10, "currency": "EUR"}}
  ],
  "tags": ["gift", "priority", "returning"]
})";
}

}  // namespace sluice::bench
