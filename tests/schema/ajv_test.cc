// Ajv, an independent validator, as the judge of our witnesses and of our validator, where it could be
// fetched.
#include "tests/schema/ajv.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/schema/compare.h"
#include "tests/schema/json_pairs.h"
#include "tests/schema/messages.h"
#include "tests/schema/random_schema.h"
#include "tests/schema/rewrite.h"

namespace sluice::schema {
namespace {

// Cases whose answer we know, for one process of ajv.
class Questions {
 public:
  void Expect(Judgement expected, const Schema& schema, const Json& message) {
    cases_.push_back({schema.dialect(), schema.document(), message});
    expected_.push_back(expected);
  }
  // What ajv does not take is counted, not hidden.
  void Ask(int most_untold) const {
    const std::vector<Judgement> judgements = AskAjv(cases_);
    int untold = 0;
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (judgements[i] == Judgement::kCannotTell)
        ++untold;
      else
        EXPECT_EQ(judgements[i], expected_[i]) << cases_[i].message.ToString() << "\n"
                                               << cases_[i].schema.ToString();
    }
    EXPECT_LE(untold, most_untold) << "of " << cases_.size();
  }
  size_t size() const { return cases_.size(); }

 private:
  std::vector<Judged> cases_;
  std::vector<Judgement> expected_;
};

// Under both readings a witness is accepted by the writer's schema as it is written.
void ExpectWitnesses(const Schema& before, const Schema& after, Questions& questions) {
  for (const Break& found : Compare(before, after).breaks) {
    const bool backward = found.direction == Direction::kBackward;
    questions.Expect(Judgement::kAccepted, backward ? before : after, found.witness);
    questions.Expect(Judgement::kRefused, backward ? after : before, found.witness);
  }
}

TEST(SchemaAjv, ConfirmsEveryWitnessOfTheLabelledPairs) {
  const auto pairs = ReadLabelledPairs();
  if (!pairs) GTEST_SKIP() << "skipped: ../shared/corpora is not beside the repository";
  if (const std::string why = WhyNoAjv(); !why.empty()) GTEST_SKIP() << "skipped: " << why;
  Questions questions;
  for (const LabelledPair& pair : *pairs) {
    ExpectWitnesses(*Schema::Load(pair.before), *Schema::Load(pair.after), questions);
  }
  EXPECT_GT(questions.size(), 1'000u);
  questions.Ask(2);  // both of one schema: ajv takes no empty `enum`
}

TEST(SchemaAjv, ConfirmsEveryWitnessOfPairsMadeAtRandom) {
  if (const std::string why = WhyNoAjv(); !why.empty()) GTEST_SKIP() << "skipped: " << why;
  Questions questions;
  for (uint64_t seed = 5'000; seed < 5'150; ++seed) {
    SchemaMaker maker(seed);
    const Json before = maker.Document();
    ExpectWitnesses(*Schema::Load(before), *Schema::Load(maker.Edited(before)), questions);
  }
  EXPECT_GT(questions.size(), 200u);
  questions.Ask(0);
}

// A schema that ajv does not take is none of ours either; the ones made here are all good.
void ExpectOwnAnswers(const Json& document, Questions& questions) {
  const Schema schema = *Schema::Load(document);
  for (const Json& message : CandidateMessages(schema, schema, 40)) {
    const Validity validity = Check(schema, message);
    ASSERT_NE(validity, Validity::kUnknown) << message.ToString() << "\n" << document.ToString();
    questions.Expect(validity == Validity::kValid ? Judgement::kAccepted : Judgement::kRefused, schema,
                     message);
  }
}

TEST(SchemaAjv, AgreesWithOurValidatorInEveryDraft) {
  if (const std::string why = WhyNoAjv(); !why.empty()) GTEST_SKIP() << "skipped: " << why;
  Questions questions;
  for (uint64_t seed = 9'000; seed < 9'060; ++seed) {
    const Json document = SchemaMaker(seed).Document();
    ASSERT_NO_FATAL_FAILURE(ExpectOwnAnswers(document, questions));
    ASSERT_NO_FATAL_FAILURE(ExpectOwnAnswers(AsDraft2020(document), questions));
    if (const auto other = AsDraft6(document)) ASSERT_NO_FATAL_FAILURE(ExpectOwnAnswers(*other, questions));
    if (const auto other = AsDraft4(document)) ASSERT_NO_FATAL_FAILURE(ExpectOwnAnswers(*other, questions));
  }
  questions.Ask(0);
}

}  // namespace
}  // namespace sluice::schema
