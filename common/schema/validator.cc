#include "common/schema/validator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/schema/format.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr int kMostDepth = 1'500;  // schemas applied inside of each other; each costs some 500 bytes of stack
constexpr size_t kStepsBetweenClocks = 1'024;
constexpr std::chrono::milliseconds kMostTime{700};

constexpr std::pair<Types, std::string_view> kTypeNames[] = {{kNull, "null"},     {kBoolean, "boolean"},
                                                             {kNumber, "number"}, {kString, "string"},
                                                             {kArray, "array"},   {kObject, "object"}};

Types TypesOf(const Json& value) {
  switch (value.type()) {
    case Json::Type::kNull:
      return kNull;
    case Json::Type::kBoolean:
      return kBoolean;
    case Json::Type::kNumber:
      return value.number().IsInteger() ? kInteger | kNumber : kNumber;
    case Json::Type::kString:
      return kString;
    case Json::Type::kArray:
      return kArray;
    case Json::Type::kObject:
      return kObject;
  }
  return 0;
}

// `number or string`.
std::string NamesOf(Types types) {
  std::string names;
  const auto add = [&names](std::string_view name) {
    names.append(names.empty() ? "" : " or ").append(name);
  };
  for (const auto& [type, name] : kTypeNames) {
    if ((types & type) != 0) add(name);
  }
  if ((types & (kInteger | kNumber)) == kInteger) add("integer");
  return names;
}

// The value as messages show it: scalars as they are, cut where they are long, others by their type.
std::string Shown(const Json& value) {
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  std::string text = value.ToString();
  if (text.size() <= 60) return text;
  size_t end = 60;
  while ((text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

// While one exists, errors are not written down: a branch that refuses is no error yet.
class Validator::Quiet {
 public:
  explicit Quiet(Validator& validator)
      : validator_(validator), errors_(std::exchange(validator.errors_, nullptr)) {}
  ~Quiet() { validator_.errors_ = errors_; }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  Validator& validator_;
  std::vector<ValidationError>* errors_;
};

Validator::Validator(const Schema& schema, const ValidateOptions& options,
                     std::vector<ValidationError>* errors)
    : schema_(schema), options_(options), errors_(errors) {}

Validity Validator::Run(const Json& message) {
  bool valid = Accepts(schema_.root(), message, {});
  if (valid && bound_.empty() && options_.reading == Reading::kClosed) valid = IsClosed(message);
  if (!bound_.empty()) return Validity::kUnknown;
  return valid ? Validity::kValid : Validity::kInvalid;
}

bool Validator::Stop(std::string bound) {
  if (bound_.empty()) bound_ = std::move(bound);
  return false;
}

// Called after whatever may take long, and now and then. The clock starts with the first call.
bool Validator::CheckClock() {
  const auto now = std::chrono::steady_clock::now();
  if (deadline_ == std::chrono::steady_clock::time_point{}) deadline_ = now + kMostTime;
  return now < deadline_ ? true : Stop(fmt::format("validation took longer than {} ms", kMostTime.count()));
}

// `rule`: what the error is called, when that is not its keyword.
bool Validator::Refuse(const Node& node, std::string_view keyword, const Site& site, std::string message,
                       std::string_view rule) {
  if (errors_ == nullptr) return false;
  std::string pointer = keyword == "false" ? node.pointer : Child(node.pointer, keyword);
  if (!node.document.empty()) pointer = fmt::format("{}#{}", node.document, pointer);
  const Json* value = keyword == "false" ? node.source : node.source->Find(keyword);
  errors_->push_back({PointerTo(site.path), std::move(pointer), std::string(rule.empty() ? keyword : rule),
                      std::move(message), value == nullptr ? Json() : *value});
  if (errors_->size() >= options_.most_errors) errors_ = nullptr;
  return false;
}

std::string Validator::PointerTo(const Path* path) {
  std::vector<const Path*> steps;
  for (; path != nullptr; path = path->parent) steps.push_back(path);
  std::string pointer;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    pointer = (*step)->key != nullptr ? Child(pointer, *(*step)->key) : Child(pointer, (*step)->index);
  }
  return pointer;
}

bool Validator::Matches(const Pattern& pattern, std::string_view text) {
  const std::optional<bool> matches = pattern.Matches(text);
  if (!matches)
    return Stop(fmt::format("the search for the pattern {} took too long", Json(pattern.text()).ToString()));
  if (text.size() > 16) CheckClock();
  return *matches;
}

bool Validator::Accepts(const Node& node, const Json& value, const Site& site) {
  if (!bound_.empty()) return false;
  if (++steps_ > options_.most_steps)
    return Stop(fmt::format("validation takes more than {} steps", options_.most_steps));
  if (site.depth > kMostDepth)
    return Stop(fmt::format("more than {} schemas apply inside of each other", kMostDepth));
  if (steps_ % kStepsBetweenClocks == 0 && !CheckClock()) return false;
  if (site.scope != nullptr && site.scope->resource == node.resource)
    return AcceptsInScope(node, value, site);
  const Scope scope{site.scope, node.resource};
  return AcceptsInScope(node, value, {&scope, site.path, site.evaluated, site.depth});
}

// With a set of its own where the node asks what its other keywords have looked at.
bool Validator::AcceptsInScope(const Node& node, const Json& value, const Site& site) {
  const bool asks = (value.is_object() && node.unevaluated_properties != nullptr) ||
                    (value.is_array() && node.unevaluated_items != nullptr);
  if (!asks) return AcceptsAlone(node, value, site);
  Evaluated evaluated(value.is_object() ? value.object().size() : value.array().size());
  const Site own{site.scope, site.path, &evaluated, site.depth};
  bool ok = AcceptsAlone(node, value, own);
  if (Ends(ok)) return false;
  ok &= value.is_object() ? CheckUnevaluatedProperties(node, value, own)
                          : CheckUnevaluatedItems(node, value, own);
  if (site.evaluated != nullptr)
    std::transform(evaluated.begin(), evaluated.end(), site.evaluated->begin(), site.evaluated->begin(),
                   [](char a, char b) { return a | b; });
  return ok;
}

bool Validator::AcceptsAlone(const Node& node, const Json& value, const Site& site) {
  bool ok = true;
  if (node.never) return Refuse(node, "false", site, "nothing is allowed here");
  if (node.types && (*node.types & TypesOf(value)) == 0) {
    ok = errors_ == nullptr
             ? false
             : Refuse(node, "type", site, fmt::format("{} is no {}", Shown(value), NamesOf(*node.types)));
    if (Ends(ok)) return false;
  }
  if (node.enumeration && !CheckEnumeration(node, value, site)) ok = false;
  if (Ends(ok)) return false;
  switch (value.type()) {
    case Json::Type::kNumber:
      ok &= CheckNumber(node, value, site);
      break;
    case Json::Type::kString:
      ok &= CheckString(node, value, site);
      break;
    case Json::Type::kArray:
      ok &= CheckArray(node, value, site);
      break;
    case Json::Type::kObject:
      ok &= CheckObject(node, value, site);
      break;
    default:
      break;
  }
  if (Ends(ok)) return false;
  return CheckInPlace(node, value, site) && ok;
}

bool Validator::AcceptsQuietly(const Node& node, const Json& value, const Site& site, Evaluated* evaluated) {
  const Quiet quiet(*this);
  return Accepts(node, value, {site.scope, site.path, evaluated, site.depth + 1});
}

// A branch that may refuse; what it looked at counts only when it accepts.
bool Validator::AcceptsBranch(const Node& node, const Json& value, const Site& site) {
  if (site.evaluated == nullptr) return AcceptsQuietly(node, value, site, nullptr);
  Evaluated evaluated(site.evaluated->size());
  if (!AcceptsQuietly(node, value, site, &evaluated)) return false;
  for (size_t i = 0; i < evaluated.size(); ++i) (*site.evaluated)[i] |= evaluated[i];
  return true;
}

bool Validator::CheckEnumeration(const Node& node, const Json& value, const Site& site) {
  if (schema_.Enumerates(node, value)) return true;
  if (errors_ == nullptr) return false;
  const Json* constant = node.is_const ? node.source->Find("const") : nullptr;
  if (constant != nullptr && !(value == *constant)) {
    return Refuse(node, "const", site, fmt::format("{} is not {}", Shown(value), Shown(*constant)));
  }
  return Refuse(node, "enum", site,
                fmt::format("{} is none of the {} allowed values", Shown(value), node.enumeration->size()));
}

bool Validator::CheckNumber(const Node& node, const Json& value, const Site& site) {
  const Decimal& number = value.number();
  bool ok = true;
  if (node.minimum && number < *node.minimum) {
    ok = Refuse(node, "minimum", site,
                errors_ ? fmt::format("{} is less than {}", Shown(value), node.minimum->ToString()) : "");
  }
  if (node.exclusive_minimum && number <= *node.exclusive_minimum) {
    ok = Refuse(
        node, "exclusiveMinimum", site,
        errors_ ? fmt::format("{} is not greater than {}", Shown(value), node.exclusive_minimum->ToString())
                : "");
  }
  if (node.maximum && number > *node.maximum) {
    ok = Refuse(node, "maximum", site,
                errors_ ? fmt::format("{} is greater than {}", Shown(value), node.maximum->ToString()) : "");
  }
  if (node.exclusive_maximum && number >= *node.exclusive_maximum) {
    ok = Refuse(node, "exclusiveMaximum", site,
                errors_
                    ? fmt::format("{} is not less than {}", Shown(value), node.exclusive_maximum->ToString())
                    : "");
  }
  if (node.multiple_of && !number.IsMultipleOf(*node.multiple_of)) {
    ok = Refuse(
        node, "multipleOf", site,
        errors_ ? fmt::format("{} is no multiple of {}", Shown(value), node.multiple_of->ToString()) : "");
  }
  return ok;
}

bool Validator::CheckString(const Node& node, const Json& value, const Site& site) {
  const bool formats = options_.formats == Formats::kAsserted && !node.format.empty();
  if (!node.min_length && !node.max_length && !node.pattern && !formats) return true;
  return CheckTextRules(node, value, site);
}

bool Validator::CheckTextRules(const Node& node, const Json& value, const Site& site) {
  const std::string& text = value.string();
  bool ok = true;
  if (node.min_length || node.max_length) {
    const size_t length = CodePoints(text);
    if (node.min_length && Decimal(static_cast<int64_t>(length)) < *node.min_length) {
      ok = Refuse(node, "minLength", site,
                  fmt::format("{} has {} characters, fewer than {}", Shown(value), length,
                              node.min_length->ToString()));
    }
    if (node.max_length && Decimal(static_cast<int64_t>(length)) > *node.max_length) {
      ok = Refuse(node, "maxLength", site,
                  fmt::format("{} has {} characters, more than {}", Shown(value), length,
                              node.max_length->ToString()));
    }
    if (Ends(ok)) return false;
  }
  if (node.pattern && !Matches(*node.pattern, text)) {
    if (errors_ == nullptr) return false;
    ok = Refuse(node, "pattern", site,
                fmt::format("{} does not match {}", Shown(value), Shown(Json(node.pattern->text()))));
  }
  if (options_.formats == Formats::kAsserted && !node.format.empty() &&
      IsOfFormat(node.format, text) == false) {
    ok = Refuse(node, "format", site, fmt::format("{} is no {}", Shown(value), node.format));
  }
  return ok;
}

// The schemas that apply to the same value.
bool Validator::CheckInPlace(const Node& node, const Json& value, const Site& site) {
  bool ok = true;
  const Site inner{site.scope, site.path, site.evaluated, site.depth + 1};
  if (node.ref != nullptr) ok &= Accepts(*node.ref, value, inner);
  if (Ends(ok)) return false;
  if (node.dynamic_ref != nullptr) ok &= Accepts(DynamicTarget(node, site.scope), value, inner);
  for (const Node* all : node.all_of) {
    if (Ends(ok)) return false;
    ok &= Accepts(*all, value, inner);
  }
  if (Ends(ok)) return false;
  if (!node.any_of.empty()) ok &= CheckAnyOf(node, value, site);
  if (Ends(ok)) return false;
  if (!node.one_of.empty()) ok &= CheckOneOf(node, value, site);
  if (Ends(ok)) return false;
  if (node.not_ != nullptr && AcceptsQuietly(*node.not_, value, site, nullptr)) {
    ok = Refuse(node, "not", site, "it is accepted by what must not accept it");
  }
  if (node.if_ != nullptr && !Ends(ok)) ok &= CheckIf(node, value, site);
  if (node.dependent_schemas.empty() || !value.is_object()) return ok;
  for (const auto& [name, schema] : node.dependent_schemas) {
    if (Ends(ok)) return false;
    if (value.Find(name) != nullptr) ok &= Accepts(*schema, value, inner);
  }
  return ok;
}

const Node& Validator::DynamicTarget(const Node& node, const Scope* scope) const {
  const Node* target = node.dynamic_ref;
  if (node.dynamic_anchor.empty()) return *target;
  for (; scope != nullptr; scope = scope->outer) {
    const Node* marked = schema_.DynamicAnchor(scope->resource, node.dynamic_anchor);
    if (marked != nullptr) target = marked;  // the outermost one counts
  }
  return *target;
}

bool Validator::CheckAnyOf(const Node& node, const Json& value, const Site& site) {
  bool any = false;
  for (const Node* branch : node.any_of) {
    if (!bound_.empty()) return false;
    if (AcceptsBranch(*branch, value, site)) any = true;
    if (any && site.evaluated == nullptr) return true;
  }
  if (any) return true;
  return Refuse(node, "anyOf", site,
                errors_ ? fmt::format("none of {} schemas accepts it", node.any_of.size()) : "");
}

bool Validator::CheckOneOf(const Node& node, const Json& value, const Site& site) {
  const Node* accepting = nullptr;
  for (const Node* branch : node.one_of) {
    if (!bound_.empty()) return false;
    if (!AcceptsBranch(*branch, value, site)) continue;
    if (accepting != nullptr) {
      return Refuse(
          node, "oneOf", site,
          errors_ ? fmt::format("both {} and {} accept it", accepting->pointer, branch->pointer) : "");
    }
    accepting = branch;
  }
  if (accepting != nullptr) return true;
  return Refuse(node, "oneOf", site,
                errors_ ? fmt::format("none of {} schemas accepts it", node.one_of.size()) : "");
}

bool Validator::CheckIf(const Node& node, const Json& value, const Site& site) {
  const Node* next = AcceptsBranch(*node.if_, value, site) ? node.then_ : node.else_;
  if (next == nullptr || !bound_.empty()) return bound_.empty();
  return Accepts(*next, value, {site.scope, site.path, site.evaluated, site.depth + 1});
}

}  // namespace sluice::schema
