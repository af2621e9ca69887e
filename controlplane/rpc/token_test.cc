#include "controlplane/rpc/token.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "controlplane/rpc/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z
constexpr char kIssuer[] = "https://issuer.example";

// Keys take a while to make: one of each for all tests.
const TestKey& RsaKey() {
  static const auto& key = *new TestKey(TestKey::Type::kRsa, "rsa-1");
  return key;
}
const TestKey& EcKey() {
  static const auto& key = *new TestKey(TestKey::Type::kEc, "ec-1");
  return key;
}
const TestKey& StrangeKey() {
  static const auto& key = *new TestKey(TestKey::Type::kRsa, "strange");
  return key;
}

// Claims of a good token, with `more` members that come last.
std::string Claims(const std::string& more = "", int64_t expires = kNow + 600) {
  return fmt::format(R"({{"iss":"{}","sub":"alice","aud":"sluice","exp":{}{}{}}})", kIssuer, expires,
                     more.empty() ? "" : ",", more);
}

class Token : public ::testing::Test {
 protected:
  Token() : clock_(Time(std::chrono::seconds(kNow))) {
    WriteKeySet(Path(), {&RsaKey(), &EcKey()});
    Open();
  }

  std::string Path() const { return directory_ / "jwks.json"; }

  void Open(TokenTrust changes = {}) {
    changes.issuer = kIssuer;
    changes.audience = "sluice";
    changes.jwks_file = Path();
    auto opened = OpenTokenVerifier(changes, clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    verifier_ = *std::move(opened);
  }

  std::string SignAndRefuse(const std::string& claims) { return Refuse(RsaKey().Sign("RS256", claims)); }

  // The reason; the test fails when the token is taken or comes back in the reason.
  std::string Refuse(const std::string& token) {
    const absl::StatusOr<TokenClaims> claims = verifier_->Verify(token);
    EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated) << claims.status();
    std::string reason(claims.status().message());
    if (token.size() > 20) EXPECT_THAT(reason, Not(HasSubstr(token.substr(0, 20))));
    return reason;
  }

  TestDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(Token, GivesTheClaimsOfAGoodOne) {
  const std::string claims = Claims(R"("groups":["b","a","b"],"name":"Alice\tA.","email":"a@example.com")");
  for (const std::string& token : {RsaKey().Sign("RS256", claims), EcKey().Sign("ES256", claims)}) {
    const auto verified = verifier_->Verify(token);
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->issuer, kIssuer);
    EXPECT_EQ(verified->subject, "alice");
    EXPECT_EQ(verified->display_name, "Alice A.");
    EXPECT_THAT(verified->groups, ElementsAre("a", "b"));
  }
}

TEST_F(Token, NamesComeFromNameThenEmailThenSubject) {
  EXPECT_EQ(verifier_->Verify(RsaKey().Sign("RS256", Claims(R"("email":"a@example.com")")))->display_name,
            "a@example.com");
  EXPECT_EQ(verifier_->Verify(RsaKey().Sign("RS256", Claims()))->display_name, "alice");
}

TEST_F(Token, OneOfSeveralAudiencesSuffices) {
  const std::string claims =
      fmt::format(R"({{"iss":"{}","sub":"alice","aud":["other","sluice"],"exp":{}}})", kIssuer, kNow + 60);
  EXPECT_TRUE(verifier_->Verify(RsaKey().Sign("RS256", claims)).ok());
}

TEST_F(Token, WrongAudienceIsRefusedWithBoth) {
  const std::string claims =
      fmt::format(R"({{"iss":"{}","sub":"alice","aud":"kafka","exp":{}}})", kIssuer, kNow + 60);
  EXPECT_EQ(SignAndRefuse(claims), "wrong audience: the token has 'kafka', wanted 'sluice'");
  const std::string none = fmt::format(R"({{"iss":"{}","sub":"alice","exp":{}}})", kIssuer, kNow + 60);
  EXPECT_EQ(SignAndRefuse(none), "wrong audience: the token has none, wanted 'sluice'");
}

TEST_F(Token, WrongIssuerIsRefused) {
  const std::string claims =
      fmt::format(R"({{"iss":"https://evil.example","sub":"a","aud":"sluice","exp":{}}})", kNow + 60);
  EXPECT_THAT(SignAndRefuse(claims), HasSubstr("wrong issuer: the token has 'https://evil.example'"));
}

TEST_F(Token, ExpiryHasAMinuteOfSkew) {
  const std::string token = RsaKey().Sign("RS256", Claims("", kNow));
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_TRUE(verifier_->Verify(token).ok());
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Refuse(token),
            "the token expired at 2027-01-15T08:00:00Z (it is 2027-01-15T08:01:00Z); get a new one");
}

TEST_F(Token, OneThatNeverExpiresIsRefused) {
  const std::string claims = fmt::format(R"({{"iss":"{}","sub":"alice","aud":"sluice"}})", kIssuer);
  EXPECT_THAT(SignAndRefuse(claims), HasSubstr("no 'exp'"));
}

TEST_F(Token, OneOfTheFutureIsRefused) {
  EXPECT_THAT(SignAndRefuse(Claims(fmt::format(R"("nbf":{})", kNow + 61))), HasSubstr("valid from"));
  EXPECT_THAT(SignAndRefuse(Claims(fmt::format(R"("iat":{})", kNow + 61))), HasSubstr("issued at"));
  EXPECT_TRUE(
      verifier_->Verify(RsaKey().Sign("RS256", Claims(fmt::format(R"("nbf":{0},"iat":{0})", kNow + 60))))
          .ok());
}

TEST_F(Token, TimesThatAreNoNumbersAreRefused) {
  EXPECT_THAT(SignAndRefuse(Claims(R"("nbf":"soon")")), HasSubstr("'nbf' is not a number"));
  EXPECT_THAT(SignAndRefuse(fmt::format(R"({{"iss":"{}","sub":"a","aud":"sluice","exp":"2099"}})", kIssuer)),
              HasSubstr("'exp' is not a number"));
  EXPECT_TRUE(
      verifier_
          ->Verify(RsaKey().Sign(
              "RS256", fmt::format(R"({{"iss":"{}","sub":"a","aud":"sluice","exp":1e300}})", kIssuer)))
          .ok());
}

TEST_F(Token, SubjectIsRequired) {
  for (const char* subject : {"", R"("sub":"",)", R"("sub":7,)", "\"sub\":\"a\\u0007\","}) {
    const std::string claims =
        fmt::format(R"({{{}"iss":"{}","aud":"sluice","exp":{}}})", subject, kIssuer, kNow + 60);
    EXPECT_THAT(SignAndRefuse(claims), HasSubstr("'sub'")) << subject;
  }
}

TEST_F(Token, GroupsAreABoundedListOfNames) {
  for (const char* groups : {R"("admins")", R"([1])", R"([""])", R"(["a\u0000b"])", R"({"a":1})"}) {
    EXPECT_THAT(SignAndRefuse(Claims(fmt::format(R"("groups":{})", groups))), Not(HasSubstr("trusted")))
        << groups;
  }
  std::string many = "\"g\"";
  for (int i = 0; i < 1000; ++i) many += fmt::format(",\"g{}\"", i);
  EXPECT_THAT(SignAndRefuse(Claims(fmt::format(R"("groups":[{}])", many))), HasSubstr("at most 1000"));
}

TEST_F(Token, AStrangersKeyIsRefused) {
  EXPECT_THAT(Refuse(StrangeKey().Sign("RS256", Claims())),
              HasSubstr("not trusted here (kid 'strange', RS256)"));
}

TEST_F(Token, AStrangerWhoNamesOurKeyIsRefused) {
  const TestKey forged(TestKey::Type::kRsa, "rsa-1");
  EXPECT_EQ(Refuse(forged.Sign("RS256", Claims())), "the token's signature is wrong");
}

TEST_F(Token, ChangedContentIsRefused) {
  const std::string token = RsaKey().Sign("RS256", Claims());
  const size_t first = token.find('.'), last = token.rfind('.');
  EXPECT_EQ(
      Refuse(token.substr(0, first + 1) + Base64Url(Claims(R"("groups":["admins"])")) + token.substr(last)),
      "the token's signature is wrong");
}

TEST_F(Token, UnsignedOnesAreRefused) {
  EXPECT_THAT(Refuse(RawToken(R"({"alg":"none"})", Claims(), "")), Not(HasSubstr("trusted")));
  EXPECT_THAT(Refuse(RawToken(R"({"alg":"None","kid":"rsa-1"})", Claims(), "x")), Not(HasSubstr("trusted")));
}

// The public key must not serve as the secret of a symmetric algorithm.
TEST_F(Token, SymmetricSignaturesAreRefused) {
  const std::string signed_part = Base64Url(R"({"alg":"HS256","kid":"rsa-1"})") + "." + Base64Url(Claims());
  const std::string secret = RsaKey().PublicJwk();
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac, &size);
  const std::string token = signed_part + "." + Base64Url(std::string(reinterpret_cast<char*>(mac), size));
  EXPECT_EQ(Refuse(token), "tokens are signed with RS256 or ES256 (this one: 'HS256')");
}

TEST_F(Token, AlgorithmsOutsideTheConfiguredOnesAreRefused) {
  EXPECT_THAT(Refuse(RsaKey().Sign("RS512", Claims())), HasSubstr("this one: 'RS512'"));
  TokenTrust only_ec;
  only_ec.algorithms = {"ES256"};
  Open(only_ec);
  EXPECT_THAT(Refuse(RsaKey().Sign("RS256", Claims())), HasSubstr("signed with ES256"));
}

TEST_F(Token, AKeyOfAnotherTypeIsNotTried) {
  const std::string token = RawToken(R"({"alg":"ES256","kid":"rsa-1"})", Claims(), std::string(64, 'x'));
  EXPECT_THAT(Refuse(token), HasSubstr("not trusted here"));
}

TEST_F(Token, CriticalExtensionsAreRefused) {
  EXPECT_THAT(Refuse(RawToken(R"({"alg":"RS256","kid":"rsa-1","crit":["b64"],"b64":false})", Claims(), "x")),
              HasSubstr("crit"));
}

TEST_F(Token, AnythingElseIsRefusedWithoutBeingRepeated) {
  for (const std::string& token : std::vector<std::string>{
           "", "x", "a.b", "a.b.c", "....", std::string(40000, 'a'), std::string("\0.\0.\0", 5),
           RawToken("[]", Claims(), "x"), RawToken("{", "{", "{")}) {
    Refuse(token);
  }
  Refuse(RsaKey().Sign("RS256", "[1,2]"));
  Refuse(RsaKey().Sign("RS256", "not json at all, and rather long as well"));
  Refuse(RsaKey().Sign("RS256", Claims(R"("exp":9999999999)")));  // a repeated claim
}

TEST_F(Token, PaddingInsideIsRefusedAndEndsNothing) {
  for (const char* token : {"e==y.eyJh.AAAA", "eyJh.e==y.AAAA", "eyJh.eyJh.A==A", "=.=.=", "a.b.c",
                            "eyJh.eyJh", "eyJh.eyJh.eyJh.eyJh"}) {
    EXPECT_THAT(Refuse(token), HasSubstr("no JWT in compact form")) << token;
  }
}

TEST_F(Token, AKeyThatIsNoBase64UrlIsRefusedAndEndsNothing) {
  WriteFile(Path(), R"({"keys":[{"kty":"RSA","kid":"k","n":"e==y","e":"AQAB"}]})");
  const auto opened =
      OpenTokenVerifier({.issuer = kIssuer, .audience = "sluice", .jwks_file = Path()}, clock_);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("'n'"));
}

TEST_F(Token, RotatedKeysAreReadAgain) {
  const std::string token = StrangeKey().Sign("RS256", Claims());
  Refuse(token);
  WriteKeySet(Path(), {&StrangeKey()});
  EXPECT_TRUE(verifier_->Verify(token).ok());
  EXPECT_THAT(Refuse(RsaKey().Sign("RS256", Claims())), HasSubstr("not trusted here"));
}

// What was verified once is remembered: neither beyond the token's end nor beyond its key.
TEST_F(Token, ARememberedTokenEndsWithItsTimeAndItsKey) {
  const std::string token = RsaKey().Sign("RS256", Claims("", kNow + 100));
  ASSERT_TRUE(verifier_->Verify(token).ok());
  clock_.Advance(std::chrono::seconds(159));
  EXPECT_TRUE(verifier_->Verify(token).ok());
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(Refuse(token), HasSubstr("expired"));
  const std::string other = EcKey().Sign("ES256", Claims());
  ASSERT_TRUE(verifier_->Verify(other).ok());
  WriteKeySet(Path(), {&RsaKey()});
  EXPECT_THAT(Refuse(other), HasSubstr("not trusted here"));
}

TEST_F(Token, ABrokenKeySetKeepsTheKeysOfBefore) {
  const std::string token = RsaKey().Sign("RS256", Claims());
  WriteFile(Path(), "{\"keys\":");
  EXPECT_TRUE(verifier_->Verify(token).ok());
}

TEST_F(Token, WithoutAKidTheOnlyFittingKeyIsTaken) {
  const TestKey nameless(TestKey::Type::kRsa, "");
  WriteKeySet(Path(), {&nameless, &EcKey()});
  EXPECT_TRUE(verifier_->Verify(nameless.Sign("RS256", Claims())).ok());
  WriteKeySet(Path(), {&nameless, &RsaKey()});
  EXPECT_THAT(Refuse(nameless.Sign("RS256", Claims())), HasSubstr("needs a 'kid'"));
}

TEST_F(Token, BadConfigurationIsRefusedAtOnce) {
  TokenTrust trust{.issuer = kIssuer, .audience = "sluice", .jwks_file = Path()};
  for (const char* algorithm : {"none", "HS256", "", "RS999"}) {
    TokenTrust changed = trust;
    changed.algorithms = {algorithm};
    EXPECT_EQ(OpenTokenVerifier(changed, clock_).status().code(), absl::StatusCode::kInvalidArgument)
        << algorithm;
  }
  trust.jwks_file = directory_ / "none.json";
  EXPECT_EQ(OpenTokenVerifier(trust, clock_).status().code(), absl::StatusCode::kNotFound);
  for (const char* text :
       {"", "[]", "{}", R"({"keys":[]})", R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})",
        R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})"}) {
    WriteFile(Path(), text);
    trust.jwks_file = Path();
    EXPECT_EQ(OpenTokenVerifier(trust, clock_).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace sluice::controlplane
