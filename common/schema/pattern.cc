#include "common/schema/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "common/schema/pattern_translate.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostText = 4'096;
// Backtracking points that one call may visit. PCRE2 counts them anew at each place where a match may begin.
constexpr size_t kMostWork = 200'000;
constexpr size_t kLeastWork = 50;  // at one place
constexpr size_t kMostPlaces = 256 * 1024;
constexpr uint32_t kMostKibibytes = 16 * 1024;

struct Free {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
  void operator()(pcre2_compile_context* p) const { pcre2_compile_context_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
};

// What a thread needs to match; made once, because making it costs as much as a short match.
struct Scratch {
  std::unique_ptr<pcre2_match_data, Free> data{pcre2_match_data_create(1, nullptr)};
  std::unique_ptr<pcre2_match_context, Free> context{pcre2_match_context_create(nullptr)};
};

absl::Status Bad(std::string_view text, std::string_view problem) {
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is no regular expression that can be used: {}", text, problem));
}

}  // namespace

struct Pattern::Compiled {
  std::unique_ptr<pcre2_code, Free> code;
  bool anchored = false;  // it can match at the beginning only
};

Pattern::Pattern(std::string text, std::unique_ptr<Compiled> compiled)
    : text_(std::move(text)), compiled_(std::move(compiled)) {}

Pattern::~Pattern() = default;

absl::StatusOr<std::shared_ptr<const Pattern>> Pattern::Make(std::string_view text) {
  if (text.size() > kMostText) {
    return absl::InvalidArgumentError(
        fmt::format("the expression has {} bytes, more than {}", text.size(), kMostText));
  }
  const absl::StatusOr<TranslatedPattern> translated = TranslatePattern(text);
  if (!translated.ok()) return Bad(text, std::string(translated.status().message()));
  const std::unique_ptr<pcre2_compile_context, Free> context(pcre2_compile_context_create(nullptr));
  pcre2_set_compile_extra_options(context.get(), PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
  const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
                           (translated->captures ? 0 : PCRE2_NO_AUTO_CAPTURE);
  int error = 0;
  PCRE2_SIZE where = 0;
  auto compiled = std::make_unique<Compiled>();
  compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->text.data()),
                                     translated->text.size(), options, &error, &where, context.get()));
  if (!compiled->code) {
    std::array<PCRE2_UCHAR, 200> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    return Bad(text, reinterpret_cast<const char*>(message.data()));
  }
  uint32_t all_options = 0;
  pcre2_pattern_info(compiled->code.get(), PCRE2_INFO_ALLOPTIONS, &all_options);
  compiled->anchored = (all_options & PCRE2_ANCHORED) != 0;
  return std::shared_ptr<const Pattern>(new Pattern(std::string(text), std::move(compiled)));
}

std::optional<bool> Pattern::Matches(std::string_view subject) const {
  thread_local const Scratch scratch;
  const size_t places = compiled_->anchored ? 1 : subject.size() + 1;
  if (places > kMostPlaces) return std::nullopt;
  pcre2_set_match_limit(scratch.context.get(),
                        static_cast<uint32_t>(std::max(kMostWork / places, kLeastWork)));
  pcre2_set_heap_limit(scratch.context.get(), kMostKibibytes);
  const int result = pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()),
                                 subject.size(), 0, 0, scratch.data.get(), scratch.context.get());
  if (result == PCRE2_ERROR_NOMATCH) return false;
  if (result < 0) return std::nullopt;
  return true;
}

}  // namespace sluice::schema
