// The first step of reading a schema as the library does: which schemas one object is made of. Internal to
// everit.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/everit.h"

namespace sluice::schema {

// One of the schemas that an object holds.
struct EveritExtract {
  EveritKind kind = EveritKind::kEmpty;
  std::string_view keyword;     // behind it; empty: it was found by the keywords of its type
  const Json* value = nullptr;  // of `keyword`
  bool integer = false;         // `type: integer`
};

// What the library objects to: the keyword and the reason.
struct EveritObjection {
  std::string_view keyword;
  std::string reason;
};

// In the order of the library: `enum`, the combinations, `not`, `const`, `type`, then the types whose
// keywords stand there without being named. Precondition: `object` is an object.
std::vector<EveritExtract> ExtractSchemas(const Json& object, EveritDialect dialect,
                                          std::optional<EveritObjection>& objection);

// The schema that `type: name` stands for; nullopt: no type is called so.
std::optional<EveritExtract> ExtractType(const Json& name);

// Whether the numbers, strings and booleans that a node of `kind` reads from `object` are such.
std::optional<EveritObjection> ObjectionToKeywords(const Json& object, EveritKind kind,
                                                   EveritDialect dialect);

}  // namespace sluice::schema
