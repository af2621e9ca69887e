#include "common/schema/text_search.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/schema/code_points.h"
#include "common/schema/expression.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostVisits = 10'000;
constexpr size_t kMostSteps = 60'000;     // of single automata
constexpr uint64_t kMostLength = 20'000;  // of a string that we make

// Nicest first: what a person would put into an example.
constexpr std::u32string_view kNice =
    U"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:/@+#";

// A breadth-first walk through all automata at once, level by level: a level is a length.
class TextWalk {
 public:
  TextWalk(const TextQuery& query, std::vector<const Automaton*> yes, std::vector<const Automaton*> no)
      : query_(query), yes_(std::move(yes)), no_(std::move(no)) {
    MakeAlphabet();
  }

  TextAnswer Run() {
    std::vector<Automaton::States> sets;
    for (const Automaton* automaton : yes_) sets.push_back(automaton->Start());
    for (const Automaton* automaton : no_) sets.push_back(automaton->Start());
    std::vector<size_t> level = {Visit(std::move(sets), kNoParent, 0)};
    for (uint64_t length = 0;; ++length) {
      if (length >= query_.least) {
        for (const size_t visit : level) {
          std::string text = Text(visit);
          if (Accepted(visits_[visit].tuple, length == 0) && !query_.excluded.contains(text)) {
            return {Found::kSome, std::move(text), steps_};
          }
        }
      }
      if (query_.most && length >= *query_.most) break;
      level = NextLevel(level, length + 1 >= query_.least);
      if (visits_.size() > kMostVisits || steps_ > kMostSteps) return {Found::kUnknown, "", steps_};
      if (level.empty()) break;
    }
    return {Found::kNone, "", steps_};
  }

 private:
  static constexpr size_t kNoParent = SIZE_MAX;
  struct Visited {
    size_t tuple;
    size_t parent;
    char32_t c;
  };

  void MakeAlphabet() {
    std::set<char32_t> boundaries = {0, 0xD800, 0xE000};
    for (const Automaton* automaton : yes_) automaton->AddBoundaries(boundaries);
    for (const Automaton* automaton : no_) automaton->AddBoundaries(boundaries);
    for (const std::string& text : query_.excluded) {  // each of its characters is a class of its own
      for (const char32_t c : ToCodePoints(text)) {
        boundaries.insert(c);
        if (c < kLastCodePoint) boundaries.insert(c + 1);
      }
    }
    std::vector<std::pair<size_t, char32_t>> ranked;
    for (auto at = boundaries.begin(); at != boundaries.end(); ++at) {
      const char32_t first = *at;
      const char32_t end = std::next(at) == boundaries.end() ? kLastCodePoint + 1 : *std::next(at);
      if (first >= 0xD800 && first < 0xE000) continue;
      ranked.push_back(Representative(first, end));
    }
    std::sort(ranked.begin(), ranked.end());
    for (const auto& [rank, c] : ranked) alphabet_.push_back(c);
  }

  // The nicest character of [first, end), with a rank for sorting.
  static std::pair<size_t, char32_t> Representative(char32_t first, char32_t end) {
    for (size_t i = 0; i < kNice.size(); ++i) {
      if (kNice[i] >= first && kNice[i] < end) return {i, kNice[i]};
    }
    const bool printable = first >= ' ' && first != 0x7F;
    return {kNice.size() + (printable ? 0 : 1), first};
  }

  size_t Visit(std::vector<Automaton::States> sets, size_t parent, char32_t c) {
    const auto [at, fresh] = tuples_.try_emplace(std::move(sets), tuple_sets_.size());
    if (fresh) {
      tuple_sets_.push_back(&at->first);
      times_.push_back(0);
    }
    visits_.push_back({at->second, parent, c});
    return visits_.size() - 1;
  }

  bool Accepted(size_t tuple, bool empty) const {
    const auto& sets = *tuple_sets_[tuple];
    for (size_t i = 0; i < sets.size(); ++i) {
      const Automaton& automaton = i < yes_.size() ? *yes_[i] : *no_[i - yes_.size()];
      if (automaton.Accepts(sets[i], empty) != (i < yes_.size())) return false;
    }
    return true;
  }

  // The visits one character on. `counted`: the length is one that the query allows, so that what was there
  // with fewer characters need not be visited again. A string is refused only for being excluded, so a tuple
  // that was reached by one string more than there are excluded ones has been tried enough.
  std::vector<size_t> NextLevel(const std::vector<size_t>& level, bool counted) {
    std::vector<size_t> next;
    std::map<size_t, size_t> here;
    for (const size_t from : level) {
      for (const char32_t c : alphabet_) {
        steps_ += yes_.size() + no_.size() + 1;
        if (visits_.size() > kMostVisits || steps_ > kMostSteps) return next;
        std::vector<Automaton::States> sets;
        if (!Step(*tuple_sets_[visits_[from].tuple], c, sets)) continue;
        const size_t visit = Visit(std::move(sets), from, c);
        const size_t tuple = visits_[visit].tuple;
        size_t& times = counted ? times_[tuple] : here[tuple];
        if (++times > query_.excluded.size() + 1) {
          visits_.pop_back();
        } else {
          next.push_back(visit);
        }
      }
    }
    return next;
  }

  // false: no longer text from there on matches.
  bool Step(const std::vector<Automaton::States>& from, char32_t c,
            std::vector<Automaton::States>& to) const {
    to.reserve(from.size());
    for (size_t i = 0; i < from.size(); ++i) {
      to.push_back((i < yes_.size() ? *yes_[i] : *no_[i - yes_.size()]).Step(from[i], c));
      if (i < yes_.size() && to.back().empty()) return false;
    }
    return true;
  }

  std::string Text(size_t visit) const {
    std::u32string reversed;
    for (; visits_[visit].parent != kNoParent; visit = visits_[visit].parent) reversed += visits_[visit].c;
    std::string text;
    for (auto c = reversed.rbegin(); c != reversed.rend(); ++c) AppendCodePoint(text, *c);
    return text;
  }

  const TextQuery& query_;
  const std::vector<const Automaton*> yes_, no_;
  std::vector<char32_t> alphabet_;
  std::map<std::vector<Automaton::States>, size_t> tuples_;
  std::vector<const std::vector<Automaton::States>*> tuple_sets_;
  std::vector<size_t> times_;  // visits of a tuple at lengths that count
  std::vector<Visited> visits_;
  size_t steps_ = 0;
};

// Without expressions: letters, as many as are asked for, different from what is excluded.
TextAnswer FindFree(const TextQuery& query) {
  if (query.least > kMostLength) return {};
  for (size_t i = 0; i <= query.excluded.size(); ++i) {
    std::string text;
    for (size_t rest = i; rest > 0; rest = (rest - 1) / 26) text += static_cast<char>('a' + (rest - 1) % 26);
    while (text.size() < query.least) text += 'a';
    if (query.most && text.size() > *query.most) break;
    if (!query.excluded.contains(text)) return {Found::kSome, text, 1};
  }
  return {};
}

}  // namespace

bool Fits(const TextQuery& query, const std::string& text) {
  const uint64_t length = CountCodePoints(text);
  if (length < query.least || (query.most && length > *query.most) || query.excluded.contains(text))
    return false;
  for (const Pattern* pattern : query.matching) {
    if (pattern->Matches(text) != std::optional(true)) return false;
  }
  return std::all_of(query.not_matching.begin(), query.not_matching.end(),
                     [&](const Pattern* pattern) { return pattern->Matches(text) == std::optional(false); });
}

const Automaton* PatternCache::Find(const Pattern& pattern) {
  const auto [at, fresh] = automata_.try_emplace(pattern.text());
  if (fresh) at->second = Automaton::Make(pattern.text());
  return at->second.get();
}

TextAnswer FindText(const TextQuery& query, PatternCache& cache) {
  if (query.most && query.least > *query.most) return {Found::kNone, "", 1};
  for (const Pattern* no : query.not_matching) {
    for (const Pattern* yes : query.matching) {
      if (*no == *yes) return {Found::kNone, "", 1};
    }
  }
  for (const std::string& hint : query.hints) {
    if (Fits(query, hint)) return {Found::kSome, hint, 1};
  }
  if (query.matching.empty() && query.not_matching.empty()) {
    TextAnswer answer = FindFree(query);
    if (answer.found == Found::kSome || query.least > kMostLength) return answer;
  }
  std::vector<const Automaton*> yes, no;
  bool all = true;
  for (const Pattern* pattern : query.matching) {
    const Automaton* automaton = cache.Find(*pattern);
    automaton != nullptr ? yes.push_back(automaton) : void(all = false);
  }
  for (const Pattern* pattern : query.not_matching) {
    const Automaton* automaton = cache.Find(*pattern);
    automaton != nullptr ? no.push_back(automaton) : void(all = false);
  }
  TextAnswer answer = TextWalk(query, std::move(yes), std::move(no)).Run();
  // What the walk leaves out can only make fewer strings fit.
  if (answer.found == Found::kSome && !all && !Fits(query, answer.text))
    answer = {Found::kUnknown, "", answer.steps};
  return answer;
}

}  // namespace sluice::schema
