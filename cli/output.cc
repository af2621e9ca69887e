#include "cli/output.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "common/manifest/manifest.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::cli {

std::string Paint(std::string_view text, Style style, bool color) {
  const char* code = nullptr;
  switch (style) {
    case Style::kPlain:
      break;
    case Style::kGood:
      code = "32";
      break;
    case Style::kBad:
      code = "31";
      break;
    case Style::kWarn:
      code = "33";
      break;
    case Style::kFaint:
      code = "2";
      break;
  }
  if (!color || code == nullptr || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Padded(std::string text, size_t width) {
  size_t has = WidthOf(text);
  return has < width ? text + std::string(width - has, ' ') : text;
}

std::string Shortened(std::string text, size_t width) {
  for (char& c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  if (WidthOf(text) <= width) return text;
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    bool begins = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins && ++seen == width) break;
  }
  return text.substr(0, end) + "…";
}

std::string Table::Render(bool color) const {
  std::vector<size_t> widths;
  auto measure = [&widths](size_t column, std::string_view text) {
    if (widths.size() <= column) widths.resize(column + 1);
    widths[column] = std::max(widths[column], WidthOf(text));
  };
  for (size_t i = 0; i < header_.size(); ++i) measure(i, header_[i]);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) measure(i, row[i].text);
  }
  std::string out;
  auto line = [&](const std::vector<Cell>& row) {
    std::string text;
    size_t behind = 0;  // spaces still to be written
    for (size_t i = 0; i < row.size(); ++i) {
      if (!row[i].text.empty()) {
        text += std::string(behind, ' ') + Paint(row[i].text, row[i].style, color);
        behind = 0;
      }
      behind += widths[i] - WidthOf(row[i].text) + 2;
    }
    out += text + "\n";
  };
  if (!header_.empty()) line(std::vector<Cell>(header_.begin(), header_.end()));
  for (const auto& row : rows_) line(row);
  return out;
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return number < 0 ? "-" + digits : digits;
}

std::string Counted(int64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", Grouped(count), thing, count == 1 ? "" : "s");
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words.begin(), words.end(), separator));
}

std::string OrNothing(std::string text) { return text.empty() ? "-" : text; }

std::string AgeText(Time now, const google::protobuf::Timestamp& time) {
  int64_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() - time.seconds();
  if (seconds < 0) seconds = 0;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

std::string AgoText(Time now, const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 ? "never" : AgeText(now, time) + " ago";
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "-";
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(time.seconds())));
}

std::string StateWord(sluice::v1::SyncState state) {
  switch (state) {
    case sluice::v1::SYNC_STATE_IN_SYNC:
      return "in sync";
    case sluice::v1::SYNC_STATE_PENDING:
      return "pending";
    case sluice::v1::SYNC_STATE_DRIFTED:
      return "drifted";
    case sluice::v1::SYNC_STATE_BLOCKED:
      return "blocked";
    case sluice::v1::SYNC_STATE_FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

Style StateStyle(sluice::v1::SyncState state) {
  if (state == sluice::v1::SYNC_STATE_IN_SYNC) return Style::kGood;
  return state == sluice::v1::SYNC_STATE_PENDING ? Style::kWarn : Style::kBad;
}

std::string PrintAll(const std::vector<const google::protobuf::Message*>& messages, Format format,
                     Amount amount) {
  std::string out;
  if (format == Format::kYaml) {
    for (const auto* message : messages) {
      bool resource = message->GetDescriptor() == sluice::v1::Resource::descriptor();
      out += (out.empty() ? "" : "---\n") +
             manifest::PrintYaml(*message, resource ? manifest::Fields::kInput : manifest::Fields::kAll);
    }
    return out;
  }
  if (amount == Amount::kOne && messages.size() == 1)
    return manifest::PrintJson(*messages[0], manifest::Fields::kAll) + "\n";
  out = "[";
  for (const auto* message : messages) {
    out += (out.size() > 1 ? ",\n" : "\n") + manifest::PrintJson(*message, manifest::Fields::kAll);
  }
  return out + (messages.empty() ? "]\n" : "\n]\n");
}

ExitCode Fail(Session& session, const absl::Status& status) {
  std::string message(status.message());
  session.terminal.err << "error: " << (message.empty() ? "the call failed" : message) << "\n";
  if (absl::IsUnauthenticated(status))
    session.terminal.err << "  sign in again, or choose another --context\n";
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    session.terminal.err << "  check the context's endpoint, and whether the control plane runs\n";
  }
  return ExitCodeOf(status.code());
}

ExitCode WrongUsage(Session& session, const std::string& message) {
  session.terminal.err << "error: " << message << "\n";
  return kInvalid;
}

}  // namespace sluice::cli
