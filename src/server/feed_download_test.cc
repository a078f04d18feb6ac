// Goal: a feed comes over http and https only, whole or not at all, from addresses that are allowed.
// Method: a real HTTP server on this machine; addresses are judged as values.

#include "server/feed_download.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "server/feed_server_for_tests.h"
#include "server/outgoing_transfer.h"

namespace attune::server {
namespace {

AddressKind KindOf(const char* text) {
  if (std::string_view(text).find(':') == std::string_view::npos) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text, &v4.sin_addr), 1) << text;
    sockaddr address;
    std::memcpy(&address, &v4, sizeof(address));
    return KindOfAddress(address);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
  return KindOfAddress(reinterpret_cast<const sockaddr&>(v6));
}

class FeedDownloadTest : public ::testing::Test {
 protected:
  FeedDownloadTest() {
    path_ = std::string(::testing::TempDir()) + "/attune-feed-" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  ~FeedDownloadTest() override { std::filesystem::remove(path_); }

  Status Fetch(const FeedRequest& request, int64_t bytes_max = kFeedStoredBytesMax) {
    download_ = {};
    CurlFeedFetcher fetcher({.allows_private = true, .stored_bytes_max = bytes_max});
    return fetcher.Fetch(request, path_, [this] { return is_stopping_; }, download_);
  }
  std::string File() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FeedServer server_;
  std::string path_;
  FeedDownload download_;
  bool is_stopping_ = false;
};

TEST_F(FeedDownloadTest, GivesTheBytesAndTheirValidators) {
  server_.Serve("id,title\n1,Lamp\n", "\"v1\"", "Sun, 06 Nov 1994 08:49:37 GMT");
  ASSERT_TRUE(Fetch({server_.Url("/feed"), "", ""}).ok());
  EXPECT_EQ(File(), "id,title\n1,Lamp\n");
  EXPECT_EQ(download_.etag, "\"v1\"");
  EXPECT_EQ(download_.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(download_.made_at_ms, 784111777000);
  EXPECT_EQ(download_.stored_bytes, 16u);
  EXPECT_EQ(download_.http_status, 200u);
  EXPECT_FALSE(download_.is_unchanged);
}

TEST_F(FeedDownloadTest, AKnownFeedIsNotSentAgain) {
  server_.Serve("id\n1\n", "\"v1\"");
  ASSERT_TRUE(Fetch({server_.Url("/feed"), "\"v1\"", "Sun, 06 Nov 1994 08:49:37 GMT"}).ok());
  EXPECT_TRUE(download_.is_unchanged);
  EXPECT_EQ(File(), "");
  EXPECT_EQ(server_.requests().front().Header("if-modified-since"), "Sun, 06 Nov 1994 08:49:37 GMT");
  ASSERT_TRUE(Fetch({server_.Url("/feed"), "\"v0\"", ""}).ok());
  EXPECT_FALSE(download_.is_unchanged);
}

TEST_F(FeedDownloadTest, A304ThatNobodyAskedForIsAnError) {
  server_.Fail(304);
  EXPECT_FALSE(Fetch({server_.Url("/feed"), "", ""}).ok());
}

TEST_F(FeedDownloadTest, FollowsRedirectsWithinHttpAndOnlySoMany) {
  server_.Serve("id\n1\n");
  ASSERT_TRUE(Fetch({server_.Url("/redirect"), "", ""}).ok());
  EXPECT_EQ(File(), "id\n1\n");
  EXPECT_EQ(download_.etag, "");  // The redirect's own is not the feed's.
  const size_t before = server_.requests().size();
  EXPECT_FALSE(Fetch({server_.Url("/loop"), "", ""}).ok());
  EXPECT_EQ(server_.requests().size() - before, 1 + static_cast<size_t>(kFeedRedirectsMax));
  EXPECT_FALSE(Fetch({server_.Url("/file"), "", ""}).ok());
  EXPECT_EQ(File(), "");
}

TEST_F(FeedDownloadTest, OtherProtocolsAreNotSpoken) {
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/feed", "dict://127.0.0.1:1/x"}) {
    EXPECT_FALSE(Fetch({url, "", ""}).ok()) << url;
    EXPECT_EQ(File(), "");
  }
}

TEST_F(FeedDownloadTest, AnErrorPageIsNoFeedAndNamesItsStatus) {
  server_.Fail(503);
  const Status status = Fetch({server_.Url("/feed"), "", ""});
  EXPECT_EQ(status.message(), "the feed's server answered with status 503");
  EXPECT_EQ(download_.http_status, 503u);
  EXPECT_EQ(File(), "");
}

TEST_F(FeedDownloadTest, ALargerFeedIsRefused) {
  server_.Serve(std::string(1001, 'x'));
  EXPECT_EQ(Fetch({server_.Url("/feed"), "", ""}, 1000).code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(Fetch({server_.Url("/feed"), "", ""}, 1001).ok());
}

TEST_F(FeedDownloadTest, PrivateAddressesNeedTheOperatorsWord) {
  server_.Serve("id\n1\n");
  CurlFeedFetcher fetcher({});
  const Status status = fetcher.Fetch({server_.Url("/feed"), "", ""}, path_, [] { return false; }, download_);
  EXPECT_NE(status.message().find("--private-feeds"), std::string::npos) << status.message();
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(FeedDownloadTest, AStopBreaksTheTransferOff) {
  server_.Serve("id\n1\n");
  is_stopping_ = true;
  EXPECT_EQ(Fetch({server_.Url("/feed"), "", ""}).message(), "the server is stopping");
}

TEST(AddressKind, PublicPrivateForbidden) {
  for (const char* text : {"93.184.216.34", "172.32.0.1", "172.15.255.255", "100.128.0.1", "2606:2800::1",
                           "::ffff:93.184.216.34"}) {
    EXPECT_EQ(KindOf(text), AddressKind::kPublic) << text;
  }
  for (const char* text :
       {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1",
        "fd00::1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "fec0::1"}) {
    EXPECT_EQ(KindOf(text), AddressKind::kPrivate) << text;
  }
  for (const char* text : {"169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "fe80::1",
                           "::", "ff02::1", "::ffff:169.254.169.254"}) {
    EXPECT_EQ(KindOf(text), AddressKind::kForbidden) << text;
  }
}

}  // namespace
}  // namespace attune::server
