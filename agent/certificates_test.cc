#include "agent/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fstream>

#include "agent/temporary_directory.h"

namespace sluice::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A key, and certificates made with it.
class Signer {
 public:
  Signer() : key_(EVP_EC_gen("P-256")) {}
  ~Signer() { EVP_PKEY_free(key_); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  std::string Key() const {
    return Pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key_, nullptr, nullptr, 0, nullptr, nullptr); });
  }
  // Of this key, signed by `issuer`, from 2020 on for `days`.
  std::string Certificate(const std::string& name, const Signer& issuer, int days,
                          const std::string& extension = "") const {
    X509* const one = X509_new();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(one), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(one), "20200101000000Z");
    ASN1_TIME_adj(X509_getm_notAfter(one), 1577836800, days, 0);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_pubkey(one, key_);
    if (!extension.empty()) {
      X509_EXTENSION* const san =
          X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, extension.c_str());
      X509_add_ext(one, san, -1);
      X509_EXTENSION_free(san);
    }
    X509_sign(one, issuer.key_, EVP_sha256());
    std::string pem = Pem([&](BIO* bio) { PEM_write_bio_X509(bio, one); });
    X509_free(one);
    return pem;
  }

 private:
  template <typename Write>
  static std::string Pem(const Write& write) {
    BIO* const bio = BIO_new(BIO_s_mem());
    write(bio);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }
  EVP_PKEY* const key_;
};

class CertificatesTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  std::string Problem(const std::string& certificates, const std::string& key) {
    return std::string(CheckChainAndKey(Write("c.crt", certificates), Write("c.key", key)).message());
  }

  TemporaryDirectory directory_;
  const Signer ca_, leaf_;
};

TEST_F(CertificatesTest, TellsWhatAFileHolds) {
  const std::string path =
      Write("c.crt", "# a comment\n" +
                         leaf_.Certificate("eu-prod", ca_, 30, "URI:spiffe://sluice/agent/eu-prod,DNS:x") +
                         ca_.Certificate("ca", ca_, 3650));
  const auto certificates = ReadCertificates(path);
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  ASSERT_EQ(certificates->size(), 2u);
  EXPECT_EQ(certificates->front().subject, "CN=eu-prod");
  EXPECT_THAT(certificates->front().uris, ElementsAre("spiffe://sluice/agent/eu-prod"));
  EXPECT_EQ(DayOf(certificates->front().not_before), "2020-01-01");
  EXPECT_EQ(DayOf(certificates->front().not_after), "2020-01-31");
  EXPECT_EQ(FirstToExpire(*certificates).subject, "CN=eu-prod");
}

TEST_F(CertificatesTest, RefusesWhatIsNone) {
  const std::string good = leaf_.Certificate("a", ca_, 30);
  for (const std::string& text :
       {std::string(), std::string("hello"), leaf_.Key(), good.substr(0, good.size() / 2),
        good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_FALSE(ReadCertificates(Write("c.crt", text)).ok()) << text;
  }
  EXPECT_FALSE(ReadCertificates(directory_.path() + "/none").ok());
}

TEST_F(CertificatesTest, KeyAndChainMustFit) {
  const std::string leaf = leaf_.Certificate("leaf", ca_, 30), ca = ca_.Certificate("ca", ca_, 30);
  EXPECT_EQ(Problem(leaf, leaf_.Key()), "");
  EXPECT_EQ(Problem(leaf + ca, leaf_.Key()), "");
  EXPECT_THAT(Problem(leaf, ca_.Key()), HasSubstr("is not that of"));
  EXPECT_THAT(Problem(leaf, leaf), HasSubstr("no private key"));
  EXPECT_THAT(Problem(leaf + leaf, leaf_.Key()), HasSubstr("not signed by the one after it"));
}

TEST(ExpiresSoon, AMonthBeforeOrInTheLastThirdOfAShortLife) {
  using std::chrono::hours;
  Certificate one;
  one.not_before = Time(hours(0));
  one.not_after = Time(hours(24 * 365));
  EXPECT_FALSE(ExpiresSoon(one, Time(hours(24 * 334))));
  EXPECT_TRUE(ExpiresSoon(one, Time(hours(24 * 335))));
  one.not_after = Time(hours(24));
  EXPECT_FALSE(ExpiresSoon(one, Time(hours(15))));
  EXPECT_TRUE(ExpiresSoon(one, Time(hours(16))));
  EXPECT_TRUE(ExpiresSoon(one, Time(hours(25))));
}

}  // namespace
}  // namespace sluice::agent
