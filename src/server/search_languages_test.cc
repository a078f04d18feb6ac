// Goal: a shopper finds what is meant in each of eight languages, whatever the inflection, the accents and
// the words written as one, and does not find what only looks alike. Method: a file of tests/languages for
// each, with blocks that begin with their name and end with an empty line:
//
//   locale     the store's own
//   words      products of one word each that the shop sells as well: "lampe*3" is three of them
//   products   "id: title | brand | description"; brand and description may be missing
//   cases      "query = ids that must be found ≠ ids that must not be"; either may be missing
//
// Every case is a search by the handler of POST /v1/search.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "server/store_for_tests.h"

namespace attune::server {
namespace {

constexpr size_t kCasesMin = 30;

std::string_view TakeUntil(std::string_view& text, std::string_view sign) {
  const size_t at = text.find(sign);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + sign.size());
  return taken;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = TakeUntil(text, "\n");
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = text.find_first_of(" \n");
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

// Blocks by their names.
std::map<std::string, std::vector<std::string>> ReadBlocks(const std::string& language) {
  std::ifstream file(ATTUNE_SOURCE_DIR "/tests/languages/" + language + ".txt", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string_view rest = text;
  std::map<std::string, std::vector<std::string>> blocks;
  while (!rest.empty()) {
    std::vector<std::string> lines = Lines(TakeUntil(rest, "\n\n"));
    if (lines.empty() || lines[0].starts_with('#')) continue;
    blocks[lines[0]].assign(lines.begin() + 1, lines.end());
  }
  return blocks;
}

class SearchLanguagesTest : public StoreTest, public ::testing::WithParamInterface<const char*> {
 protected:
  SearchLanguagesTest() : blocks_(ReadBlocks(GetParam())) {
    const std::string settings = R"({"default_locale":")" + blocks_["locale"].at(0) + "\"}";
    const auto set =
        Wait([&](http::Done done) { store_->PatchStoreSettings(settings, {}, Secret(), std::move(done)); });
    EXPECT_TRUE(set.ok()) << set.status().message();
    for (const std::string& line : blocks_["words"]) AddWords(line);
    for (const std::string& line : blocks_["products"]) AddProduct(line);
    const auto put = Wait([&](http::Done done) {
      store_->UpsertProducts(products_, http::BatchFormat::kNdjson, http::BatchMode::kPut, Secret(),
                             std::move(done));
    });
    EXPECT_TRUE(put.ok()) << put.status().message();
  }

  void AddWords(const std::string& line) {
    for (const std::string& word : Words(line)) {
      const size_t star = word.find('*');
      for (int i = 0; i < std::stoi(word.substr(star + 1)); ++i) {
        AddText("other" + std::to_string(others_++), word.substr(0, star), {}, {});
      }
    }
  }
  void AddProduct(const std::string& line) {
    std::string_view rest = line;
    const std::string_view id = TakeUntil(rest, ": ");
    const std::string_view title = TakeUntil(rest, " | ");
    const std::string_view brand = TakeUntil(rest, " | ");
    AddText(std::string(id), title, brand, rest);
    ids_.emplace(id);
  }

  void AddText(const std::string& id, std::string_view title, std::string_view brand,
               std::string_view description) {
    JsonWriter json;
    json.BeginObject().Key("product_id").String(id).Key("title").String(title).Key("price").Uint(5);
    if (!brand.empty()) json.Key("brand").String(brand);
    if (!description.empty()) json.Key("description").String(description);
    products_ += json.EndObject().TakeText() + "\n";
  }

  std::string Search(std::string_view query) {
    JsonWriter json;
    json.BeginObject()
        .Key("query")
        .String(query)
        .Key("limit")
        .Uint(200)
        .Key("fill_empty")
        .Bool(false)
        .EndObject();
    const std::string body = json.TakeText();
    const auto answer = Wait([&](http::Done done) { store_->Search(body, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : std::string(answer.status().message());
  }

  std::string Titles(const std::string& answer) const {
    std::string found;
    for (const std::string& id : ids_) found += IsIn(answer, id) ? id + " " : "";
    return found;
  }
  static bool IsIn(const std::string& answer, std::string_view id) {
    return answer.find(R"("product_id":")" + std::string(id) + "\"") != std::string::npos;
  }

  // "query = found ≠ not found"
  void Check(const std::string& line) {
    std::string_view rest = line;
    std::string_view not_found;
    if (const size_t at = rest.find(" ≠ "); at != std::string_view::npos) {
      not_found = rest.substr(at + std::string_view(" ≠ ").size());
      rest = rest.substr(0, at);
    }
    const std::string_view query = TakeUntil(rest, " = ");
    const std::string answer = Search(query);
    for (const std::string& id : Words(rest)) {
      ASSERT_TRUE(ids_.contains(id)) << line;
      EXPECT_TRUE(IsIn(answer, id)) << line << "\n  does not find " << id << " but " << Titles(answer);
    }
    for (const std::string& id : Words(not_found)) {
      ASSERT_TRUE(ids_.contains(id)) << line;
      EXPECT_FALSE(IsIn(answer, id)) << line << "\n  finds " << id << " among " << Titles(answer);
    }
  }

  std::map<std::string, std::vector<std::string>> blocks_;
  std::set<std::string> ids_;
  std::string products_;  // As they are sent, a line each.
  int others_ = 0;
};

TEST_P(SearchLanguagesTest, FindsWhatIsMeant) {
  EXPECT_GE(blocks_["cases"].size(), kCasesMin);
  for (const std::string& line : blocks_["cases"]) Check(line);
}

INSTANTIATE_TEST_SUITE_P(Languages, SearchLanguagesTest,
                         ::testing::Values("en", "de", "nl", "fr", "es", "it", "sv", "pl"),
                         [](const ::testing::TestParamInfo<const char*>& test) {
                           return std::string(test.param);
                         });

}  // namespace
}  // namespace attune::server
