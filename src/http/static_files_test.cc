#include "http/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace attune::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("attune_static_" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "site/assets");
    Write("site/index.html", "<p>home</p>");
    Write("site/assets/app.1f2e.js", "let a = 1;");
    Write("site/.hidden", "hidden");
    Write("secret.txt", "secret");
    fs::create_symlink(root_ / "secret.txt", root_ / "site/link.txt");
    auto loaded = StaticFiles::Load((root_ / "site").string());
    ASSERT_TRUE(loaded.ok());
    files_ = std::move(*loaded);
  }
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }

  fs::path root_;
  StaticFiles files_;
  Request request_;
};

TEST_F(StaticFilesTest, ServesWithTypesAndCacheRules) {
  Response page = files_.Serve("", request_);
  EXPECT_EQ(page.body, "<p>home</p>");
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.Header("cache-control"), "no-cache");
  EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
  Response script = files_.Serve("assets/app.1f2e.js", request_);
  EXPECT_EQ(script.Header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_NE(script.Header("cache-control").find("immutable"), std::string::npos);
}

TEST_F(StaticFilesTest, UnchangedFilesAreNotSentAgain) {
  request_.headers.push_back(
      {"if-none-match", std::string(files_.Serve("index.html", request_).Header("etag"))});
  const Response again = files_.Serve("index.html", request_);
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
}

TEST_F(StaticFilesTest, NothingOutsideTheFolderIsReached) {
  for (const char* name :
       {"../secret.txt", "..", "../", "assets/../../secret.txt", "/etc/passwd", "./index.html", "link.txt",
        ".hidden", "assets/../index.html", "..%2fsecret.txt", "assets\\..\\..\\secret.txt"}) {
    EXPECT_EQ(files_.Serve(name, request_).status, 404) << name;
  }
  EXPECT_EQ(files_.file_count(), 2u);
}

TEST_F(StaticFilesTest, MissingFolderIsAnError) {
  EXPECT_EQ(StaticFiles::Load("/nonexistent/attune").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(StaticFiles().Serve("", request_).status, 404);
}

}  // namespace
}  // namespace attune::http
