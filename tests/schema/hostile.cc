#include "tests/schema/hostile.h"

#include <fmt/format.h>

#include <functional>

namespace sluice::schema {
namespace {

std::string Repeated(const std::string& text, size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// `of` of 0 to count - 1, with commas.
std::string List(size_t count, const std::function<std::string(size_t)>& of) {
  std::string list;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) list += ',';
    list += of(i);
  }
  return list;
}

// A schema of objects whose member list is `members`.
std::string Object(const std::string& members) {
  return R"({"type":"object","properties":{)" + members + "}}";
}

// `inner` inside of `depth` members called `a`.
std::string Nested(size_t depth, const std::string& inner) {
  return Repeated(R"({"properties":{"a":)", depth) + inner + Repeated("}}", depth);
}

std::string Described(size_t count, const char* type) {
  return Object(List(count, [&](size_t i) {
    return fmt::format(
        R"("field{}":{{"type":"{}","description":"What field {} of this event means to those who read it"}})",
        i, type, i);
  }));
}

void AddBig(std::vector<Hostile>& inputs) {
  inputs.push_back({"4 MB of properties", Described(40'000, "string"), Described(39'999, "string"), "{}"});
  inputs.push_back({"4 MB of properties that all changed", Described(40'000, "string"),
                    Described(40'000, "integer"), "{}"});
  inputs.push_back({"more than 4 MB", Described(60'000, "string"), "{}", "{}"});
  inputs.push_back(
      {"a description of 4 MB", R"({"description":")" + std::string(4'000'000, 'd') + "\"}", "{}", "1"});
  inputs.push_back(
      {"two million values", R"({"enum":[)" + List(2'000'000, [](size_t) { return "0"; }) + "]}", "{}", "1"});
  const auto values = [](size_t from) {
    return R"({"enum":[)" + List(200'000, [&](size_t i) { return fmt::format("\"v{}\"", from + i); }) + "]}";
  };
  inputs.push_back({"an enum of 200,000 values", values(0), values(100'000), "\"v199999\""});
  const auto required = [](size_t count) {
    return R"({"required":[)" + List(count, [](size_t i) { return fmt::format("\"r{}\"", i); }) + "]}";
  };
  inputs.push_back({"50,000 required names", required(50'000), required(50'001), "{}"});
}

void AddBranches(std::vector<Hostile>& inputs) {
  const auto constants = [](const char* of, size_t count) {
    return fmt::format(R"({{"{}":[)", of) +
           List(count, [](size_t i) { return fmt::format(R"({{"const":{}}})", i); }) + "]}";
  };
  inputs.push_back(
      {"oneOf of 10,000 constants", constants("oneOf", 10'000), constants("oneOf", 9'999), "9999"});
  const auto objects = [](size_t count, const char* type) {
    return R"({"oneOf":[)" +
           List(
               count,
               [&](size_t i) {
                 return fmt::format(
                     R"({{"type":"object","required":["kind"],"properties":{{"kind":{{"const":"k{}"}},"v":{{"type":"{}"}}}}}})",
                     i, type);
               }) +
           "]}";
  };
  inputs.push_back({"oneOf of 10,000 objects", objects(10'000, "string"), objects(10'000, "integer"),
                    R"({"kind":"k9999","v":1})"});
  const auto same = [](size_t count) {
    return R"({"oneOf":[)" + List(count, [](size_t) { return R"({"type":"object"})"; }) + "]}";
  };
  inputs.push_back({"oneOf of 10,000 equal branches", same(10'000), same(9'999), "{}"});
  const auto product = [](const char* of) {
    return R"({"allOf":[)" +
           List(20,
                [&](size_t i) {
                  return fmt::format(R"({{"{}":[)", of) +
                         List(10,
                              [&](size_t j) {
                                return fmt::format(R"({{"properties":{{"p{}":{{"const":{}}}}}}})", i, j);
                              }) +
                         "]}";
                }) +
           "]}";
  };
  inputs.push_back({"allOf of 20 anyOf of 10", product("anyOf"), product("oneOf"), R"({"p0":1,"p19":100})"});
  const std::string negations = Repeated(R"({"not":)", 250) + R"({"type":"string"})" + Repeated("}", 250);
  inputs.push_back({"250 negations in each other", negations, R"({"type":"string"})", "1"});
  const std::string conditions =
      Repeated(R"({"if":{"required":["a"]},"then":{"minProperties":1},"else":)", 120) + "{}" +
      Repeated("}", 120);
  inputs.push_back({"120 conditions in each other", conditions, R"({"maxProperties":1})", "{}"});
  const std::string forks = Repeated(R"({"anyOf":[{"minimum":1},)", 100) + "{}" + Repeated("]}", 100);
  inputs.push_back({"100 forks in each other", forks, R"({"minimum":1})", "0"});
  const std::string unevaluated =
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","unevaluatedProperties":false,"anyOf":[)" +
      List(1'000, [](size_t i) { return fmt::format(R"({{"properties":{{"p{}":{{}}}}}})", i); }) + "]}";
  const std::string members = "{" + List(1'000, [](size_t i) { return fmt::format("\"p{}\":1", i); }) + "}";
  inputs.push_back({"1,000 branches that evaluate 1,000 members", unevaluated, unevaluated, members});
}

void AddReferences(std::vector<Hostile>& inputs) {
  inputs.push_back({"a reference to itself", R"({"$ref":"#"})", "{}", "1"});
  inputs.push_back(
      {"references in a circle",
       R"({"allOf":[{"$ref":"#/definitions/a"}],"definitions":{"a":{"anyOf":[{"$ref":"#/definitions/b"}]},"b":{"not":{"$ref":"#/definitions/a"}}}})",
       "{}", "1"});
  const auto chain = [](size_t count) {
    return R"({"allOf":[{"$ref":"#/definitions/d0"}],"definitions":{)" +
           List(
               count,
               [&](size_t i) {
                 return i + 1 < count
                            ? fmt::format(
                                  R"("d{}":{{"allOf":[{{"$ref":"#/definitions/d{}"}},{{"$ref":"#/definitions/d{}"}}]}})",
                                  i, i + 1, i + 1)
                            : fmt::format(R"("d{}":{{"type":"string"}})", i);
               }) +
           "}}";
  };
  inputs.push_back({"60 references that double", chain(60), chain(61), "1"});
  inputs.push_back({"a chain of 20,000 references", chain(20'000), "{}", "1"});
  const auto tree = [](const char* type) {
    return fmt::format(
        R"({{"properties":{{"l":{{"$ref":"#"}},"r":{{"$ref":"#"}},"m":{{"$ref":"#"}},"v":{{"type":"{}"}}}},"required":["v"]}})",
        type);
  };
  inputs.push_back({"a recursive tree", tree("string"), tree("integer"), R"({"v":"a","l":{"v":"a"}})"});
  const std::string twice =
      R"({"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"},"minItems":2}],"type":"array"})";
  inputs.push_back(
      {"two ways at each of 250 levels", twice, twice, std::string(250, '[') + "1" + std::string(250, ']')});
  const std::string infinite = R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})";
  inputs.push_back({"messages without an end", infinite, R"({"type":"string"})", "{}"});
  const std::string dynamic =
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://example.com/a","$dynamicAnchor":"n","anyOf":[{"$dynamicRef":"#n"},{"type":"string"}]})";
  inputs.push_back({"a dynamic reference to itself", dynamic, "{}", "1"});
}

void AddValues(std::vector<Hostile>& inputs) {
  const std::string digits(10'000, '9');
  inputs.push_back(
      {"numbers of 10,000 digits", R"({"minimum":)" + digits + "}", R"({"type":"integer"})", digits});
  inputs.push_back({"a number of 999 digits", R"({"minimum":)" + std::string(999, '9') + "}",
                    R"({"maximum":1e1000})", std::string(999, '9')});
  inputs.push_back({"numbers at the bounds of the exponent", R"({"multipleOf":1e-99999})",
                    R"({"multipleOf":3e99999})", "7e99999"});
  inputs.push_back({"a string of a billion characters", R"({"type":"string","minLength":1000000000})",
                    R"({"type":"integer"})", "\"\""});
  inputs.push_back({"an array of a billion items", R"({"type":"array","minItems":1000000000})",
                    R"({"type":"object"})", "[]"});
  inputs.push_back({"an object of 1e30 members", R"({"type":"object","minProperties":1e30})",
                    R"({"type":"string"})", "{}"});
  inputs.push_back({"a million items inside of a million",
                    R"({"type":"array","minItems":1e6,"items":{"type":"array","minItems":1e6}})",
                    R"({"maxItems":5})", "[[]]"});
  inputs.push_back({"bounds that double at each level",
                    Repeated(R"({"type":"array","minItems":10,"items":)", 60) + "{}" + Repeated("}", 60),
                    R"({"maxItems":5})", "[]"});
  inputs.push_back({"100,000 items, no two equal", R"({"uniqueItems":true})",
                    R"({"uniqueItems":true,"maxItems":5})",
                    "[" + List(100'000, [](size_t i) { return fmt::format("{{\"a\":{}}}", i); }) + "]"});
  inputs.push_back(
      {"10,000 levels", std::string(10'000, '[') + std::string(10'000, ']'), "{}", std::string(10'000, '[')});
  inputs.push_back({"250 levels of members", Nested(120, R"({"type":"string"})"),
                    Nested(120, R"({"type":"integer"})"), "{}"});
  inputs.push_back({"a lone surrogate", R"({"const":"\ud800"})", "{}", R"("\udc00")"});
  inputs.push_back({"a key twice", R"({"type":"string","\u0074ype":"integer"})", "{}", R"({"a":1,"a":2})"});
  inputs.push_back({"bytes that are no text", "{\"const\":\"\xc0\x80\"}", "{}", "\"\xff\""});
}

void AddPatterns(std::vector<Hostile>& inputs) {
  const std::string tries = "\"" + std::string(50'000, 'a') + "b\"";
  inputs.push_back(
      {"a pattern that backtracks", R"({"pattern":"^(a+)+$"})", R"({"pattern":"^(a|aa)+$"})", tries});
  inputs.push_back({"a pattern of many repetitions", R"({"pattern":"((a{1,500}){1,500}){1,500}$"})",
                    R"({"pattern":"^a*$"})", tries});
  inputs.push_back({"a pattern of 4,000 groups",
                    R"({"pattern":")" + Repeated("(", 1'900) + Repeated(")*", 1'900) + "\"}", "{}", tries});
  const std::string patterns = R"({"patternProperties":{)" +
                               List(1'000, [](size_t i) { return fmt::format(R"("^(a+)+{}$":{{}})", i); }) +
                               "}}";
  const std::string names =
      "{" + List(1'000, [](size_t i) { return fmt::format("\"{}{}\":1", std::string(30, 'a'), i); }) + "}";
  inputs.push_back({"1,000 patterns for 1,000 names", patterns, R"({"additionalProperties":false})", names});
  inputs.push_back({"a pattern with no end of look-aheads",
                    R"({"pattern":"^(?=.*a)(?=.*b)(?=.*c)(?!.*d).{1000}$"})", R"({"maxLength":999})", tries});
}

}  // namespace

std::vector<Hostile> HostileInputs() {
  std::vector<Hostile> inputs;
  AddBig(inputs);
  AddBranches(inputs);
  AddReferences(inputs);
  AddValues(inputs);
  AddPatterns(inputs);
  return inputs;
}

}  // namespace sluice::schema
