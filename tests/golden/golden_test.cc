// Goal: what the server answers is what its scenario files say, and the same requests give the same bytes.
// Method: each file of tests/golden/scenarios is played twice, in fresh folders, through the request handler
// of the listener.  The text must be the file's; all bytes of both plays must be equal, ids among them.
//
// ATTUNE_GOLDEN_UPDATE=1 writes the answers that came into the files, to be read as a diff.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "golden/scenario.h"

namespace attune::golden {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> ScenarioFiles() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(ATTUNE_SOURCE_DIR) / "tests/golden/scenarios")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string NameOf(const ::testing::TestParamInfo<fs::path>& file) { return file.param.stem().string(); }

std::string ReadFile(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class GoldenTest : public ::testing::TestWithParam<fs::path> {
 protected:
  void TearDown() override { fs::remove_all(Folder()); }

  static fs::path Folder() {
    return fs::path(::testing::TempDir()) /
           ("attune-golden-" + GetParam().stem().string() + "-" + std::to_string(getpid()));
  }
  static Result<Play> PlayInFreshFolder(const std::string& scenario) {
    fs::remove_all(Folder());
    GoldenShop shop(Folder().string());
    return PlayScenario(scenario, shop);
  }
};

TEST_P(GoldenTest, AnswersAsWritten) {
  const std::string scenario = ReadFile(GetParam());
  const auto play = PlayInFreshFolder(scenario);
  ASSERT_TRUE(play.ok()) << play.status().message();
  if (std::getenv("ATTUNE_GOLDEN_UPDATE") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(GetParam(), std::ios::binary) << play->text;
    GTEST_SKIP() << "rewritten: " << GetParam();
  }
  EXPECT_EQ(play->text, scenario);
}

TEST_P(GoldenTest, TheSameRequestsGiveTheSameBytes) {
  const std::string scenario = ReadFile(GetParam());
  const auto first = PlayInFreshFolder(scenario);
  const auto second = PlayInFreshFolder(scenario);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE(first->transcript.empty());
  EXPECT_EQ(first->transcript, second->transcript);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, GoldenTest, ::testing::ValuesIn(ScenarioFiles()), NameOf);

TEST(LayOutJson, BreaksWhatIsTooWideAndNothingElse) {
  EXPECT_EQ(LayOutJson(R"({"a":1})"), R"({"a":1})");
  const std::string wide(kAnswerColumns, 'x');
  EXPECT_EQ(LayOutJson(R"({"a\"":[1,2],"b":")" + wide + "\"}"),
            "{\n  \"a\\\"\":[1,2],\n  \"b\":\"" + wide + "\"\n}");
  EXPECT_EQ(LayOutJson("not json"), "not json");
}

}  // namespace
}  // namespace attune::golden
