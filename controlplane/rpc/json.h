// Small readers over jansson values, for key sets and claims. A Json owns one reference.
#pragma once

#include <jansson.h>

#include <memory>
#include <string>

namespace sluice::controlplane {

struct JsonDeleter {
  void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonDeleter>;

// The string member `key` of an object; empty: there is none, or it is something else.
inline std::string JsonText(const json_t* object, const char* key) {
  const json_t* value = json_object_get(object, key);
  return json_is_string(value) ? std::string(json_string_value(value), json_string_length(value))
                               : std::string();
}

}  // namespace sluice::controlplane
