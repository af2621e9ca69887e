#include "common/log/log.h"

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sluice::log {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("sluice", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

std::string Quote(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), IsPlain)) return std::string(1, '"').append(text).append(1, '"');
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Write(spdlog::level::level_enum level, std::string_view message, Fields fields) {
  if (!Logger().should_log(level)) return;
  std::string line = "\"message\":" + Quote(message);
  for (const Field& field : fields) {
    line += "," + Quote(field.key) + ":" + (field.quoted ? Quote(field.value) : field.value);
  }
  Logger().log(level, spdlog::string_view_t(line));
}

}  // namespace

bool SetLevel(std::string_view name) {
  const auto level = name == "debug"   ? spdlog::level::debug
                     : name == "info"  ? spdlog::level::info
                     : name == "warn"  ? spdlog::level::warn
                     : name == "error" ? spdlog::level::err
                                       : spdlog::level::off;
  if (level == spdlog::level::off) return false;
  Logger().set_level(level);
  return true;
}

void Debug(std::string_view message, Fields fields) { Write(spdlog::level::debug, message, fields); }
void Info(std::string_view message, Fields fields) { Write(spdlog::level::info, message, fields); }
void Warn(std::string_view message, Fields fields) { Write(spdlog::level::warn, message, fields); }
void Error(std::string_view message, Fields fields) { Write(spdlog::level::err, message, fields); }

}  // namespace sluice::log
