#include "search/query_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "search/limits.h"
#include "search/shop_for_tests.h"
#include "text/edit_distance.h"

namespace attune::search {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::shared_ptr<const SearchIndex> IndexOfTitles(const std::vector<std::string>& titles) {
  Documents documents;
  for (uint32_t i = 0; i < titles.size(); ++i) documents[i] = PlainDocument(i, titles[i]);
  return IndexOf(documents);
}

// "kind text" of each alternative of word `i`.
std::vector<std::string> AlternativesOf(const QueryWords& query, size_t i) {
  std::vector<std::string> texts;
  for (const Alternative& alternative : query.words[i].alternatives) {
    texts.push_back(std::string(AlternativeKindName(alternative.kind)) + " " + alternative.text);
  }
  return texts;
}

QueryWords Read(std::string_view text, const SearchIndex& index, QueryOptions options = {}) {
  return ReadQuery(text, PlainTokens(text), index, options);
}

TEST(QueryWords, AWordMeansItsInflections) {
  const auto index = IndexOfTitles({"desk lamp", "two lamps"});
  const QueryWords query = Read("lamps", *index);
  ASSERT_EQ(query.words.size(), 1u);
  EXPECT_THAT(AlternativesOf(query, 0), UnorderedElementsAre("exact lamps"));
  EXPECT_EQ(query.words[0].alternatives[0].documents, 2u);
}

TEST(QueryWords, TheLastWordMayBeAPrefix) {
  const auto index = IndexOfTitles({"lamp", "lampshade", "lampshade", "lamprey gone"});
  EXPECT_THAT(AlternativesOf(Read("lamp", *index), 0), UnorderedElementsAre("exact lamp"));
  EXPECT_THAT(AlternativesOf(Read("lam", *index), 0),
              UnorderedElementsAre("prefix lampshade", "prefix lamp", "prefix lamprey"));
  EXPECT_THAT(AlternativesOf(Read("lamp", *index, {PrefixUse::kAlways, false}), 0),
              UnorderedElementsAre("exact lamp", "prefix lampshade", "prefix lamprey"));
  EXPECT_THAT(AlternativesOf(Read("lam gone", *index, {PrefixUse::kAlways, false}), 0), IsEmpty());
}

TEST(QueryWords, ForgivesTyposByLength) {
  const auto index = IndexOfTitles({"cat", "headphones", "lamp", "tn2110"});
  EXPECT_THAT(AlternativesOf(Read("cxt", *index), 0), IsEmpty());  // Three letters: none.
  EXPECT_THAT(AlternativesOf(Read("lmap", *index), 0), UnorderedElementsAre("typo lamp"));
  EXPECT_THAT(AlternativesOf(Read("lxxp", *index), 0), IsEmpty());  // Two edits in four letters.
  EXPECT_THAT(AlternativesOf(Read("hedphonez", *index), 0), UnorderedElementsAre("typo headphones"));
  EXPECT_THAT(AlternativesOf(Read("tn2111", *index), 0), IsEmpty());  // Never a code.
  EXPECT_THAT(AlternativesOf(Read("lmap", *index, {PrefixUse::kNever, false}), 0), IsEmpty());
}

TEST(QueryWords, AKnownWordIsRightUnlessItIsRare) {
  std::vector<std::string> titles(19, "laptop");
  titles.push_back("labtop");
  EXPECT_THAT(AlternativesOf(Read("labtop", *IndexOfTitles(titles)), 0),
              UnorderedElementsAre("exact labtop"));
  titles.push_back("laptop");
  EXPECT_THAT(AlternativesOf(Read("labtop", *IndexOfTitles(titles)), 0),
              UnorderedElementsAre("exact labtop", "typo laptop"));
  // One idf, that of the frequent one.
  const auto index = IndexOfTitles(titles);
  EXPECT_DOUBLE_EQ(Read("labtop", *index).words[0].idf, Read("laptop", *index).words[0].idf);
}

TEST(QueryWords, JoinsAndSplitsWords) {
  const auto index = IndexOfTitles({"tlight holder", "t light", "phone case"});
  const QueryWords joined = Read("t light", *index);
  EXPECT_THAT(AlternativesOf(joined, 0), UnorderedElementsAre("exact t", "joined tlight"));
  EXPECT_EQ(joined.words[0].alternatives[1].covers, 3u);
  EXPECT_THAT(AlternativesOf(Read("phonecase", *index), 0), UnorderedElementsAre("split phone case"));
  EXPECT_THAT(AlternativesOf(Read("phonecat", *index), 0), IsEmpty());
}

TEST(QueryWords, StopWordsAreAskedForOnlyAlone) {
  const auto index = IndexOfTitles({"a lamp"});
  EXPECT_EQ(Read("a lamp", *index).required(), 2u);
  EXPECT_EQ(Read("a", *index).required(), 1u);
}

TEST(QueryWords, AnIdAmongWordsMeansItsProduct) {
  const auto index = IndexOfTitles({"lamp", "chair"});
  EXPECT_THAT(AlternativesOf(Read("lamp p1", *index), 1), IsEmpty());  // Too short.
  Documents documents;
  documents[12345] = PlainDocument(12345, "lamp");
  EXPECT_THAT(AlternativesOf(Read("lamp p12345", *IndexOf(documents)), 1), UnorderedElementsAre("id p12345"));
}

TEST(QueryWords, LongQueriesAreCut) {
  const auto index = IndexOfTitles({"lamp"});
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "lamp ";
  EXPECT_EQ(Read(text, *index).words.size(), kQueryWordsMax);
  const text::Analyzer analyzer(text::Language::kEnglish);
  EXPECT_LE(ReadQuery(text, analyzer, *index, {}).words.size(), kQueryWordsMax);
  EXPECT_TRUE(ReadQuery("", analyzer, *index, {}).words.empty());
  EXPECT_TRUE(ReadQuery("\xff\xfe ...", analyzer, *index, {}).words.empty());
  EXPECT_TRUE(AlternativesOf(ReadQuery(std::string(5000, 'x'), analyzer, *index, {}), 0).empty());
}

// Every correction, and none else, by comparing with each word.
TEST(QueryWords, CorrectsAsAScanWould) {
  RandomShop shop(5);
  Documents documents;
  for (uint32_t i = 0; i < 150; ++i) documents[i] = shop.MakeDocument(i);
  const auto index = IndexOf(documents);
  size_t corrected = 0;
  for (int round = 0; round < 400; ++round) {
    std::string word = shop.MakeQuery();
    word = word.substr(0, word.find(' '));
    if (KindOf(word) != text::WordKind::kWord || word.size() < kOneTypoLetters) continue;
    if (index->words().Find(word) != Lexicon::kNone) continue;
    const QueryWords query = Read(word, *index, {PrefixUse::kNever, true});
    std::set<std::string> found;
    bool is_known = false;  // Its term is: "xs" of "x"; or it is two words.
    for (const Alternative& alternative : query.words[0].alternatives) {
      is_known = is_known || alternative.kind != AlternativeKind::kTypo;
      found.insert(std::string(index->words().TextOf(alternative.terms[0])));
    }
    if (is_known) continue;
    const int edits_max = word.size() >= kTwoTyposLetters ? 2 : 1;
    int fewest = edits_max + 1;
    size_t word_count = 0;
    std::set<std::string> expected;
    for (uint32_t other = 0; other < index->words().size(); ++other) {
      const std::string text(index->words().TextOf(other));
      if (index->RecordOf(other).documents_with_word == 0 || KindOf(text) != text::WordKind::kWord) continue;
      const int edits = text::EditDistance(word, text, edits_max);
      if (edits == 0 || edits > std::min(fewest, edits_max) || (edits == 2 && text[0] != word[0])) continue;
      if (edits < fewest) {
        expected.clear();
        word_count = 0;
      }
      fewest = edits;
      ++word_count;
      expected.insert(std::string(index->words().TextOf(index->RecordOf(other).term)));
    }
    if (word_count > kTypoWordsMax) continue;
    EXPECT_EQ(found, expected) << word;
    corrected += found.empty() ? 0 : 1;
  }
  EXPECT_GT(corrected, 30u);
}

// The test's words are their own terms, but for the s of plurals; so are those of this analyzer.
Synonyms MakeSynonyms(const std::vector<SynonymRule>& rules) {
  return Synonyms(rules, text::Analyzer(text::Language::kNeutral));
}

TEST(QueryWords, SynonymsAreAlternatives) {
  const auto index = IndexOfTitles({"tv stand", "flat screen stand", "television", "iphone case"});
  const Synonyms synonyms =
      MakeSynonyms({{{"tv", "television", "flat screen"}, {}}, {{"phone"}, {"iphone"}}});
  const QueryOptions options = {PrefixUse::kNever, false, &synonyms};
  EXPECT_THAT(AlternativesOf(Read("tv", *index, options), 0),
              UnorderedElementsAre("exact tv", "synonym television", "synonym flat screen"));
  EXPECT_THAT(AlternativesOf(Read("phone", *index, options), 0), UnorderedElementsAre("synonym iphone"));
  EXPECT_THAT(AlternativesOf(Read("iphone", *index, options), 0), UnorderedElementsAre("exact iphone"));
  EXPECT_THAT(AlternativesOf(Read("phone", *index, {PrefixUse::kNever, false}), 0), IsEmpty());
}

TEST(QueryWords, ASynonymOfSeveralWordsCoversThem) {
  const auto index = IndexOfTitles({"tv stand", "flat screen stand", "flat stone"});
  const Synonyms synonyms = MakeSynonyms({{{"tv", "flat screen"}, {}}});
  const QueryWords query = Read("flat screen stand", *index, {PrefixUse::kNever, false, &synonyms});
  EXPECT_THAT(AlternativesOf(query, 0), UnorderedElementsAre("exact flat", "synonym tv"));
  const MatchResult found = Match(query, *index, {});
  ASSERT_EQ(found.total, 3u);
  EXPECT_EQ(found.hits[2].product, ProductIndex(2));
  EXPECT_EQ(found.hits[0].rung, Rung::kAll);
  EXPECT_EQ(found.hits[1].rung, Rung::kAll);
  EXPECT_NE(found.hits[2].rung, Rung::kAll);
}

TEST(QueryWords, SaysWhatWasMeant) {
  const auto index = IndexOfTitles({"wireless headphones", "wired headphones"});
  EXPECT_EQ(CorrectedText(Read("wireles hedphones", *index)), "wireless headphones");
  EXPECT_EQ(CorrectedText(Read("wireless headphones", *index)), "");
  EXPECT_EQ(CorrectedText(Read("", *index)), "");
}

}  // namespace
}  // namespace attune::search
