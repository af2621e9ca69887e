// event validate and event sample: files, standard input, JSON Lines, manifests, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/event_contract.h"
#include "cli/line_reader.h"
#include "cli/testing.h"
#include "common/schema/json.h"

namespace sluice::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kValid[] =
    R"({"specversion": "1.0", "type": "com.example.promotion.changed", "source": "/s", "id": "1", )"
    R"("time": "2026-11-22T05:16:03Z", "datacontenttype": "application/json", "data": {"sku": "a"}})";

constexpr char kProduct[] = R"(kind: DataProduct
name: p-and-p.promotions
category: promotions
ownership: BROADCASTING
owners: [app:plan]
customers: {all: true}
versions:
- major: 1
  schema:
    text: |
      {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string", "minLength": 1}, "percent": {"type": "integer"}}}
  events: [{type: com.example.promotion.changed}]
  streams:
  - {suffix: events, key: {fields: [/data/sku]}, tombstones: true}
  - {suffix: dlq}
- major: 2
  schema: {describes: MESSAGE, text: '{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}'}
  wire: CONFLUENT_PREFIX
  streams:
  - {suffix: one}
  - {suffix: two, key: {fields: [/a]}}
- major: 3
  state: RETIRED
  schema: {format: AVRO, text: '"string"'}
  streams: [{suffix: events}]
)";

class Event : public testing::Test {
 protected:
  Event() {
    std::string pattern = testing::TempDir() + "event-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~Event() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, std::string_view text) {
    std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  Ran Validate(std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.begin(), {"event", "validate"});
    return bench_.Run(words, input);
  }
  Ran Sample(std::vector<std::string> words) {
    words.insert(words.begin(), {"event", "sample"});
    return bench_.Run(words);
  }

  Bench bench_;
  std::string directory_;
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(Event, JsonLinesAreAnsweredLineByLine) {
  std::string no_id = kValid;
  no_id.replace(no_id.find("\"id\": \"1\", "), 11, "");
  const std::string input =
      std::string(kValid) + "\n\n" + no_id + "\r\nnot JSON\n" + std::string("\0\xff", 2) + "\n" + kValid;
  const Ran ran = Validate({"--jsonl", "-", "--profile", "house"}, input);
  EXPECT_EQ(ran.code, kFailed);
  const std::vector<std::string> lines = Lines(ran.out);
  ASSERT_THAT(lines, SizeIs(6));
  EXPECT_EQ(lines[0], R"({"line": 1, "valid": true, "errors": []})");
  EXPECT_THAT(lines[1],
              HasSubstr(R"({"line": 2, "valid": false, "errors": [{"pointer": "", "rule": "json", )"));
  EXPECT_EQ(
      lines[2],
      R"({"line": 3, "valid": false, "errors": [{"pointer": "/id", "rule": "required", "message": "\"id\" is missing"}]})");
  EXPECT_THAT(lines[3], HasSubstr(R"({"line": 4, "valid": false, )"));
  EXPECT_THAT(lines[4], HasSubstr(R"({"line": 5, "valid": false, )"));
  EXPECT_EQ(lines[5], R"({"line": 6, "valid": true, "errors": []})");
  for (const std::string& line : lines) EXPECT_TRUE(schema::ParseJson(line).ok()) << line;
}

TEST_F(Event, JsonLinesMayComeFromAFileAndHaveWarnings) {
  std::string null_subject = kValid;
  null_subject.replace(1, 0, R"("subject": null, )");
  const std::string file = Write("events.jsonl", null_subject + "\n");
  const Ran plain = Validate({"--jsonl", file});
  EXPECT_EQ(plain.code, kDone);
  EXPECT_EQ(plain.out, "{\"line\": 1, \"valid\": true, \"errors\": []}\n");
  const Ran warned = Validate({"--jsonl", file, "--warnings"});
  EXPECT_THAT(warned.out, HasSubstr(R"("warnings": [{"pointer": "/subject", "rule": "null")"));
}

TEST_F(Event, AnEmptyFileHasNoLines) {
  const Ran ran = Validate({"--jsonl", Write("empty", "")});
  EXPECT_EQ(ran.code, kDone);
  EXPECT_EQ(ran.out, "");
}

TEST_F(Event, ALineBeyondTheLimitIsAnswered) {
  const std::string huge = "\"" + std::string(5'000'000, 'a') + "\"";
  const Ran ran = Validate({"--jsonl", "-"}, huge + "\n" + kValid + "\n");
  const std::vector<std::string> lines = Lines(ran.out);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], HasSubstr(R"("rule": "size")"));
  EXPECT_THAT(lines[1], HasSubstr(R"({"line": 2, "valid": true)"));
}

TEST_F(Event, ProfilesDiffer) {
  const std::string least = R"({"specversion": "1.0", "type": "t", "source": "/s", "id": "1"})";
  EXPECT_EQ(Validate({"--jsonl", "-", "--profile", "cloudevents"}, least).code, kDone);
  EXPECT_EQ(Validate({"--jsonl", "-", "--profile", "house"}, least).code, kFailed);
  EXPECT_EQ(Validate({"--jsonl", "-"}, least).code, kFailed) << "house is the default";
  EXPECT_EQ(Validate({"--jsonl", "-", "--profile", "other"}, least).code, kInvalid);
}

TEST_F(Event, FilesAndStandardInput) {
  const std::string good = Write("good.json", std::string(kValid) + "\n");
  const std::string bad = Write("bad.json", "{}");
  EXPECT_EQ(Validate({good}).out, good + ": valid\n");
  EXPECT_EQ(Validate({"-"}, kValid).out, "<stdin>: valid\n");
  const Ran ran = Validate({good, bad});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.out, HasSubstr(bad + ": invalid\n"));
  EXPECT_THAT(ran.out, HasSubstr("  error    /id               required  \"id\" is missing\n"));
  const Ran json = Validate({good, bad, "-o", "json"});
  const absl::StatusOr<schema::Json> answers = schema::ParseJson(json.out);
  ASSERT_TRUE(answers.ok()) << json.out;
  ASSERT_THAT(answers->array(), SizeIs(2));
  EXPECT_TRUE(answers->array()[0].Find("valid")->boolean());
  EXPECT_THAT(answers->array()[1].Find("errors")->array(), SizeIs(6));
}

TEST_F(Event, WrongUsage) {
  EXPECT_EQ(Validate({}).code, kInvalid);
  EXPECT_EQ(Validate({"-", "--jsonl", "-"}).code, kInvalid);
  EXPECT_EQ(Validate({"--jsonl", "-", "--key", "a"}).code, kInvalid);
  EXPECT_EQ(Validate({"--jsonl", directory_ + "/none"}).code, kInvalid);
  EXPECT_EQ(Validate({directory_ + "/none"}).code, kInvalid);
  EXPECT_EQ(Validate({"-", "--header", "x"}).code, kInvalid);
  EXPECT_EQ(Validate({"-", "--stream", "events"}).code, kInvalid);
  EXPECT_EQ(Validate({"-", "--schema", Write("s.json", "{")}, kValid).code, kInvalid);
  EXPECT_EQ(Validate({"-", "--schema", Write("t.json", R"({"type": "what"})")}, kValid).code, kInvalid);
  EXPECT_EQ(Validate({"-", "-f", Write("p.yaml", "kind: Nothing\n")}, kValid).code, kInvalid);
}

TEST_F(Event, ASchemaDescribesDataOrTheWholeMessage) {
  const std::string file =
      Write("s.json", R"({"required": ["sku"], "properties": {"sku": {"type": "string", "maxLength": 1}}})");
  EXPECT_EQ(Validate({"-", "--schema", file}, kValid).code, kDone);
  std::string long_sku = kValid;
  long_sku.replace(long_sku.find("\"a\""), 3, "\"ab\"");
  EXPECT_THAT(Validate({"-", "--schema", file}, long_sku).out, HasSubstr("/data/sku  maxLength"));
  EXPECT_EQ(Validate({"-", "--schema", file, "--describes", "message"}, R"({"sku": "a"})").code, kDone);
  EXPECT_EQ(
      Validate({"-", "--schema", file, "--describes", "message", "--profile", "house"}, R"({"sku": "a"})")
          .code,
      kFailed);
}

TEST_F(Event, AProductSaysTypesKeysAndTombstones) {
  const std::string file = Write("p.yaml", kProduct);
  const std::vector<std::string> version = {"-f", file, "--version", "1"};
  auto with = [&version](std::vector<std::string> words) {
    words.insert(words.end(), version.begin(), version.end());
    return words;
  };
  EXPECT_EQ(Validate(with({"-"}), kValid).code, kDone);
  EXPECT_EQ(Validate(with({"-", "--key", "a"}), kValid).code, kDone);
  EXPECT_THAT(Validate(with({"-", "--key", "b"}), kValid).out,
              HasSubstr("the record's key is \"b\", the message makes it \"a\""));
  EXPECT_EQ(Validate(with({"--tombstone", "--key", "b"})).code, kDone);
  EXPECT_EQ(Validate(with({"--tombstone", "--key", "b", "--stream", "dlq"})).code, kFailed);
  std::string other = kValid;
  other.replace(other.find("changed"), 7, "removed");
  EXPECT_THAT(Validate(with({"--jsonl", "-"}), other).out, HasSubstr("event-type"));
  EXPECT_EQ(Validate(with({"-"}), std::string(5, '\0') + kValid).code, kFailed) << "it writes plain JSON";
}

TEST_F(Event, ItsNewestVersionIsMeantAndItsStreamsAreAskedFor) {
  const std::string file = Write("p.yaml", kProduct);
  EXPECT_THAT(Validate({"-", "-f", file}, "{}").err, HasSubstr("say which --stream of one, two"));
  EXPECT_EQ(Validate({"-", "-f", file, "--stream", "two"}, R"({"a": 1})").code, kDone);
  EXPECT_EQ(Validate({"-", "-f", file, "--stream", "two"}, std::string(5, '\0') + R"({"a": 1})").code, kDone);
  EXPECT_EQ(Validate({"-", "-f", file, "--stream", "two"}, R"({"a": "1"})").code, kFailed);
  EXPECT_THAT(Validate({"-", "-f", file, "--stream", "three"}, "{}").err, HasSubstr("it has one, two"));
  EXPECT_THAT(Validate({"-", "-f", file, "--version", "4"}, "{}").err, HasSubstr("it has 1, 2, 3"));
  EXPECT_THAT(Validate({"-", "-f", file, "--product", "a.b"}, "{}").err, HasSubstr("p-and-p.promotions"));
  EXPECT_THAT(Validate({"-", "-f", file, "--version", "3"},
                       "\x02"
                       "a")
                  .out,
              HasSubstr("warning"));
}

TEST_F(Event, HeadersMeanBinaryMode) {
  const std::vector<std::string> words = {"-",
                                          "--header",
                                          "ce_specversion=1.0",
                                          "--header",
                                          "ce_type=t",
                                          "--header",
                                          "ce_source=/s",
                                          "--header",
                                          "ce_time=2026-11-22T05:16:03Z",
                                          "--header",
                                          "content-type=application/json"};
  const Ran ran = Validate(words, R"({"sku": "a"})");
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.out, HasSubstr("error  /id  required"));
}

TEST_F(Event, SamplesAreWhatTheySay) {
  const std::string file = Write("p.yaml", kProduct);
  const Ran valid = Sample({"-f", file, "--version", "1", "--valid", "5"});
  ASSERT_EQ(valid.code, kDone) << valid.err;
  EXPECT_THAT(Lines(valid.out), SizeIs(5));
  const Ran checked = Validate({"--jsonl", "-", "-f", file, "--version", "1"}, valid.out);
  EXPECT_EQ(checked.code, kDone) << checked.out;
  const Ran invalid = Sample({"-f", file, "--version", "1", "--invalid", "30"});
  ASSERT_EQ(invalid.code, kDone) << invalid.err;
  EXPECT_GE(Lines(invalid.out).size(), 15u);
  for (const std::string& line :
       Lines(Validate({"--jsonl", "-", "-f", file, "--version", "1"}, invalid.out).out)) {
    EXPECT_THAT(line, HasSubstr("\"valid\": false"));
  }
}

TEST_F(Event, SamplesOfASchemaThatTakesNothing) {
  const Ran ran = Sample({"--schema", Write("s.json", "false")});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_EQ(ran.out, "");
}

TEST_F(Event, InvalidSamplesSayWhyIfAskedFor) {
  const Ran ran = Sample({"--schema", Write("s.json", R"({"type": "object"})"), "--invalid", "-o", "json"});
  ASSERT_EQ(ran.code, kDone) << ran.err;
  ASSERT_THAT(Lines(ran.out), Not(IsEmpty()));
  const absl::StatusOr<schema::Json> line = schema::ParseJson(Lines(ran.out)[0]);
  ASSERT_TRUE(line.ok());
  EXPECT_FALSE(line->Find("valid")->boolean());
  ASSERT_NE(line->Find("error"), nullptr);
  EXPECT_NE(line->Find("error")->Find("rule"), nullptr);
}

TEST(LineReader, LinesOfAllLengths) {
  for (const size_t size : {0, 1, 65534, 65535, 65536, 65537, 131070, 200000}) {
    std::istringstream in(std::string(size, 'x') + "\nlast");
    std::string line;
    LineRead read = ReadLine(in, 1 << 20, line);
    EXPECT_TRUE(read.any && !read.cut) << size;
    EXPECT_EQ(line.size(), size);
    read = ReadLine(in, 1 << 20, line);
    EXPECT_TRUE(read.any && !read.cut) << size;
    EXPECT_EQ(line, "last") << size;
    EXPECT_FALSE(ReadLine(in, 1 << 20, line).any) << size;
  }
}

TEST(LineReader, LongLinesAreCutAndTheNextOneIsWhole) {
  std::istringstream in(std::string(300'000, 'x') + "\n" + std::string("a\0b", 3) + "\n\n");
  std::string line;
  LineRead read = ReadLine(in, 100'000, line);
  EXPECT_TRUE(read.any && read.cut);
  EXPECT_EQ(line.size(), 100'000u);
  read = ReadLine(in, 100'000, line);
  EXPECT_TRUE(read.any && !read.cut);
  EXPECT_EQ(line, std::string("a\0b", 3));
  EXPECT_TRUE(ReadLine(in, 100'000, line).any) << "an empty line is one";
  EXPECT_FALSE(ReadLine(in, 100'000, line).any) << "after the last line break there is none";
}

}  // namespace
}  // namespace sluice::cli
