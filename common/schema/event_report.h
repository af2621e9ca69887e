// EventReport: what is wrong with an event, all of it at once.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sluice::schema {

struct EventError {
  std::string pointer;  // JSON Pointer into the message; attributes of binary mode as if they stood in
                        // structured mode
  std::string rule;     // stable word: `required`, `type`, `format`; docs/events.md lists them
  std::string message;  // a sentence without a full stop
};

// Keeps the first kMost errors and the first kMost warnings; one more of rule `more` says that there were
// others.
class EventReport {
 public:
  static constexpr size_t kMost = 100;

  bool valid() const { return errors_.empty(); }
  const std::vector<EventError>& errors() const { return errors_; }
  const std::vector<EventError>& warnings() const { return warnings_; }  // legal, but somebody will be sorry

  void Error(std::string pointer, std::string rule, std::string message) {
    Add(errors_, {std::move(pointer), std::move(rule), std::move(message)});
  }
  void Warning(std::string pointer, std::string rule, std::string message) {
    Add(warnings_, {std::move(pointer), std::move(rule), std::move(message)});
  }

 private:
  static void Add(std::vector<EventError>& list, EventError error) {
    if (list.size() > kMost) return;
    if (list.size() == kMost) error = {"", "more", "there are more problems than are listed"};
    list.push_back(std::move(error));
  }

  std::vector<EventError> errors_;
  std::vector<EventError> warnings_;
};

}  // namespace sluice::schema
