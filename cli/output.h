// Output: tables, colours, ages and the few words that every command shares.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"
#include "sluice/v1/common.pb.h"

namespace sluice::cli {

enum class Style { kPlain, kGood, kBad, kWarn, kFaint };

struct Cell {
  Cell(std::string t, Style s = Style::kPlain) : text(std::move(t)), style(s) {}  // NOLINT: text is a cell
  Cell(const char* t) : text(t) {}                                                // NOLINT
  std::string text;
  Style style;
};

// Columns two or more spaces apart, as wide as their widest cell; widths count characters, not bytes.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string Render(bool color) const;

 private:
  std::vector<std::string> header_;  // empty: none is printed
  std::vector<std::vector<Cell>> rows_;
};

std::string Paint(std::string_view text, Style style, bool color);
size_t WidthOf(std::string_view text);  // characters
std::string Padded(std::string text, size_t width);
// At most `width` characters, the last of them `…` if something was cut; line breaks become spaces.
std::string Shortened(std::string text, size_t width);

std::string Grouped(int64_t number);                         // `9,812`
std::string Counted(int64_t count, std::string_view thing);  // `1 topic`, `2 topics`
std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words,
                   std::string_view separator = ", ");
std::string OrNothing(std::string text);  // `-` for nothing

std::string AgeText(Time now, const google::protobuf::Timestamp& time);  // `8 s`, `2 d`
std::string AgoText(Time now, const google::protobuf::Timestamp& time);  // `2 d ago`; `never` when unset
std::string TimeText(const google::protobuf::Timestamp& time);           // `2026-11-22 05:16:03`, UTC

std::string StateWord(sluice::v1::SyncState state);  // `in sync`
Style StateStyle(sluice::v1::SyncState state);

// One message was asked for by its name, or a list of them.
enum class Amount { kOne, kList };
// Messages as YAML documents, or as JSON: an array, or the one object. Resources are printed as manifests in
// YAML, with all that the server knows in JSON.
std::string PrintAll(const std::vector<const google::protobuf::Message*>& messages, Format format,
                     Amount amount);

}  // namespace sluice::cli
