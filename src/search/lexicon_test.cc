#include "search/lexicon.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "text/edit_distance.h"

namespace attune::search {
namespace {

std::string RandomWord(Random& random) {
  std::string word;
  const uint64_t length = 1 + random.NextBelow(9);
  for (uint64_t i = 0; i < length; ++i) {
    word += random.NextBelow(12) == 0 ? std::string("ж") : std::string(1, "abcde"[random.NextBelow(5)]);
  }
  return word;
}

// Texts in several blocks, some merged in between.
Lexicon RandomLexicon(Random& random, std::vector<std::string>& texts) {
  Lexicon lexicon;
  std::set<std::string> known;
  for (int round = 0; round < 40; ++round) {
    LexiconAppender add(lexicon);
    for (uint64_t i = random.NextBelow(30); i > 0; --i) {
      const std::string word = RandomWord(random);
      const uint32_t id = add.IdOf(word, true);
      if (known.insert(word).second) {
        EXPECT_EQ(id, texts.size());
        texts.push_back(word);
      }
      EXPECT_EQ(add.TextOf(id), word);
    }
    lexicon = add.Finish();
    const Lexicon picture = lexicon;
    const size_t from = picture.WorthMergingFrom(1000);
    if (from >= picture.block_count()) continue;
    // Texts that come while a merge is under way.
    LexiconAppender late(lexicon);
    const std::string word = RandomWord(random) + "late" + std::to_string(round);
    EXPECT_EQ(late.IdOf(word, true), texts.size());
    texts.push_back(word);
    known.insert(word);
    lexicon = late.Finish().WithMerged(picture.WithMergedBlocks(from));
  }
  return lexicon;
}

TEST(Lexicon, KeepsTextsAndNumbersThroughMerges) {
  Random random(1);
  std::vector<std::string> texts;
  const Lexicon lexicon = RandomLexicon(random, texts);
  ASSERT_EQ(lexicon.size(), texts.size());
  for (uint32_t id = 0; id < texts.size(); ++id) {
    EXPECT_EQ(lexicon.TextOf(id), texts[id]);
    EXPECT_EQ(lexicon.Find(texts[id]), id);
  }
  EXPECT_EQ(lexicon.Find("nothing"), Lexicon::kNone);
  EXPECT_EQ(lexicon.Find(""), Lexicon::kNone);
  EXPECT_LT(lexicon.block_count(), 12u);
}

TEST(Lexicon, FindsPrefixesAsAScanDoes) {
  Random random(2);
  std::vector<std::string> texts;
  const Lexicon lexicon = RandomLexicon(random, texts);
  for (int round = 0; round < 200; ++round) {
    const std::string prefix = RandomWord(random).substr(0, 1 + random.NextBelow(3));
    std::set<uint32_t> found;
    lexicon.ForEachWithPrefix(prefix, [&](uint32_t id) { return found.insert(id).second; });
    std::set<uint32_t> expected;
    for (uint32_t id = 0; id < texts.size(); ++id) {
      if (texts[id].starts_with(prefix)) expected.insert(id);
    }
    EXPECT_EQ(found, expected) << prefix;
  }
}

TEST(Lexicon, FindsTypingErrorsAsAScanDoes) {
  Random random(3);
  std::vector<std::string> texts;
  const Lexicon lexicon = RandomLexicon(random, texts);
  size_t found_count = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string word = RandomWord(random);
    const int edits_max = 1 + static_cast<int>(random.NextBelow(2));
    std::vector<std::pair<uint32_t, int>> expected;
    for (uint32_t id = 0; id < texts.size(); ++id) {
      const int edits = text::EditDistance(word, texts[id], edits_max);
      const bool same_first = CharactersOf(word).front() == CharactersOf(texts[id]).front();
      if (edits >= 1 && edits <= (same_first ? edits_max : 1)) expected.emplace_back(id, edits);
    }
    std::vector<std::pair<uint32_t, int>> found;
    for (const auto& near : lexicon.FindNear(word, edits_max)) found.emplace_back(near.id, near.edits);
    EXPECT_EQ(found, expected) << word << " within " << edits_max;
    found_count += found.size();
  }
  EXPECT_GT(found_count, 1000u);
}

TEST(Lexicon, DoesNotCorrectToWhatIsNotSpelled) {
  const Lexicon empty;
  LexiconAppender add(empty);
  add.IdOf("tn2110", false);
  const uint32_t lamp = add.IdOf("lamp", true);
  const Lexicon lexicon = add.Finish();
  EXPECT_TRUE(lexicon.FindNear("tn2111", 2).empty());
  EXPECT_TRUE(lexicon.FindNear("n2110", 2).empty());
  ASSERT_EQ(lexicon.FindNear("alamp", 1).size(), 1u);
  EXPECT_EQ(lexicon.FindNear("damp", 1).front().id, lamp);
  EXPECT_TRUE(lexicon.FindNear("lamp", 2).empty());
  EXPECT_TRUE(lexicon.FindNear("", 2).empty());
  EXPECT_TRUE(lexicon.FindNear(std::string(10'000, 'l'), 2).empty());
}

TEST(Spelling, CharactersAreThoseOfTheText) {
  for (const std::string text :
       {"", "abc", "\xc3\xa9t\xc3\xa9", "\xe6\x9d\xb1\xe4\xba\xac", "a\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(TextOfCharacters(CharactersOf(text)), text);
  }
  EXPECT_EQ(CharactersOf("\xff\x80").size(), 2u);
}

}  // namespace
}  // namespace attune::search
