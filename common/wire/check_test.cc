#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/wire/fill.h"
#include "common/wire/wire.h"
#include "sluice/v1/annotations.pb.h"

namespace sluice::wire {
namespace {

using google::protobuf::FieldDescriptor;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<core::Finding> Check(const sluice::v1::Resource& resource) {
  std::vector<core::Finding> findings;
  CheckResource(resource, 3, findings);
  return findings;
}

std::vector<std::string> Lines(const std::vector<core::Finding>& findings) {
  std::vector<std::string> lines;
  for (const core::Finding& finding : findings) lines.push_back(finding.field + ": " + finding.rule);
  return lines;
}

sluice::v1::Resource Filled(core::Kind kind) { return FilledResources(1)[static_cast<size_t>(kind)]; }

TEST(CheckResource, AcceptsFilledResources) {
  for (const sluice::v1::Resource& resource : FilledResources(2))
    EXPECT_THAT(Lines(Check(resource)), IsEmpty());
}

TEST(CheckResource, AnEmptyEditSaysSo) { EXPECT_THAT(Lines(Check({})), ElementsAre(": empty-resource")); }

TEST(CheckResource, NamesEveryRequiredFieldThatIsMissing) {
  sluice::v1::Resource resource;
  resource.mutable_grant()->add_access();
  EXPECT_THAT(Lines(Check(resource)),
              ElementsAre("name: required", "purpose: required", "access[0].role: required",
                          "access[0].majors: required", "access[0].environments: required"));
}

TEST(CheckResource, FindingsCarryEditAndResource) {
  sluice::v1::Resource resource;
  resource.mutable_domain()->set_name("f-and-r");
  std::vector<core::Finding> findings = Check(resource);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].edit, 3u);
  EXPECT_EQ(findings[0].resource, "domain/f-and-r");
  EXPECT_EQ(findings[0].message, "'owners' is missing");
}

TEST(CheckResource, RefusesPlannedFieldsWithTheirSentence) {
  sluice::v1::Resource resource = Filled(core::Kind::kGrant);
  resource.mutable_grant()->mutable_access(0)->set_expires("2027-06-30");
  resource.mutable_grant()->mutable_access(0)->mutable_customers()->set_where("erp = sap");
  std::vector<core::Finding> findings = Check(resource);
  ASSERT_THAT(Lines(findings),
              ElementsAre("access[0].customers.where: not-available", "access[0].expires: not-available"));
  EXPECT_EQ(findings[1].message, "grants do not expire yet");
  EXPECT_EQ(findings[1].remedy, "leave 'expires' out, and delete the grant when its time comes");
}

// Finds planned fields anywhere below `descriptor`.
void CountPlanned(const google::protobuf::Descriptor* descriptor, int& count) {
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const std::string& sentence = field->options().GetExtension(sluice::v1::planned);
    if (!sentence.empty()) {
      ++count;
      EXPECT_THAT(sentence, HasSubstr(": "))
          << field->full_name() << " says what is missing, but not what to do";
    } else if (field->message_type() != nullptr) {
      CountPlanned(field->message_type(), count);
    }
  }
}

TEST(CheckResource, EveryPlannedFieldSaysWhatToDo) {
  int count = 0;
  CountPlanned(sluice::v1::Resource::descriptor(), count);
  EXPECT_GE(count, 6);
}

TEST(CheckResource, RefusesEnumNumbersThatItDoesNotKnow) {
  sluice::v1::Resource resource = Filled(core::Kind::kDataProduct);
  resource.mutable_data_product()->set_stage(static_cast<sluice::v1::DataProduct::Stage>(77));
  EXPECT_THAT(Lines(Check(resource)), ElementsAre("stage: unknown-value"));
}

TEST(CheckResource, RefusesControlCharactersAndBrokenUtf8) {
  sluice::v1::Resource resource = Filled(core::Kind::kCustomer);
  resource.mutable_customer()->set_title(std::string("a\0b", 3));
  (*resource.mutable_customer()->mutable_labels())["erp"] = "\xC0\xAF";
  EXPECT_THAT(Lines(Check(resource)), ElementsAre("title: text", "labels.erp: text"));
}

TEST(CheckResource, TextMayHaveLinesAndAnyScript) {
  sluice::v1::Resource resource = Filled(core::Kind::kCustomer);
  resource.mutable_customer()->set_title("Käse\n\tチーズ 🧀");
  EXPECT_THAT(Lines(Check(resource)), IsEmpty());
}

TEST(CheckResource, BoundsLengthsAndCounts) {
  sluice::v1::Resource resource = Filled(core::Kind::kDataProduct);
  auto* product = resource.mutable_data_product();
  product->set_title(std::string(4097, 'x'));
  product->mutable_versions(0)->mutable_schema()->set_text(std::string((1 << 20) + 1, 'x'));
  for (int i = 0; i < 10'001; ++i) product->mutable_customers()->add_names("c");
  EXPECT_THAT(Lines(Check(resource)), ElementsAre("title: too-long", "customers.names: too-many",
                                                  "versions[0].schema.text: too-long"));
}

TEST(CheckResource, RefusesImpossibleNumbers) {
  sluice::v1::Resource resource = Filled(core::Kind::kDataProduct);
  resource.mutable_data_product()->mutable_expects()->set_rate(-1);
  resource.mutable_data_product()->mutable_expects()->mutable_freshness()->set_seconds(-5);
  EXPECT_THAT(Lines(Check(resource)), ElementsAre("expects.rate: number", "expects.freshness: duration"));
}

}  // namespace
}  // namespace sluice::wire
