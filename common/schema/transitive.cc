#include "common/schema/transitive.h"

#include <algorithm>

namespace sluice::schema {
namespace {

bool IsTransitive(Level level) {
  return level == Level::kBackwardTransitive || level == Level::kForwardTransitive ||
         level == Level::kFullTransitive;
}

bool Asks(Level level, Direction direction) {
  switch (level) {
    case Level::kNone:
      return false;
    case Level::kBackward:
    case Level::kBackwardTransitive:
      return direction == Direction::kBackward;
    case Level::kForward:
    case Level::kForwardTransitive:
      return direction == Direction::kForward;
    case Level::kFull:
    case Level::kFullTransitive:
      return true;
  }
  return true;
}

Answer Worse(Answer a, Answer b) {
  if (a == Answer::kIncompatible || b == Answer::kIncompatible) return Answer::kIncompatible;
  return a == Answer::kUndecided || b == Answer::kUndecided ? Answer::kUndecided : Answer::kCompatible;
}

Answer AtLevel(const Comparison& comparison, Level level, Reading reading) {
  Answer answer = Answer::kCompatible;
  for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
    if (Asks(level, direction)) answer = Worse(answer, comparison.verdict(direction, reading).answer);
  }
  return answer;
}

}  // namespace

VersionTable CompareWithVersions(const std::vector<RetainedVersion>& retained, const Schema& proposed,
                                 Level level, const CompareOptions& options) {
  VersionTable table;
  const size_t most = IsTransitive(level) ? retained.size() : std::min<size_t>(retained.size(), 1);
  std::vector<const Json*> documents;  // of the rows
  for (size_t i = 0; i < most; ++i) {
    const RetainedVersion& version = retained[retained.size() - 1 - i];
    const Json* document = &version.schema.document();
    const auto same = std::find_if(documents.begin(), documents.end(),
                                   [document](const Json* other) { return *other == *document; });
    VersionRow row{.version = version.name,
                   .comparison = same != documents.end()
                                     ? table.rows[static_cast<size_t>(same - documents.begin())].comparison
                                     : Compare(version.schema, proposed, options)};
    documents.push_back(document);
    row.strict = AtLevel(row.comparison, level, Reading::kStrict);
    row.closed = AtLevel(row.comparison, level, Reading::kClosed);
    table.strict = Worse(table.strict, row.strict);
    table.closed = Worse(table.closed, row.closed);
    table.change_class = std::max(table.change_class, row.comparison.change_class);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace sluice::schema
