// Goal: suggestions are what a look at every text would find, in the same order; queries are told apart and
// kept private as the headers say.

#include "search/suggestions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "search/personal_text.h"
#include "search/query_text.h"
#include "text/edit_distance.h"

namespace attune::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Suggestion Text(const std::string& text, double weight, const std::string& language = "en") {
  return {text, NormalQuery(text), language, weight};
}

std::vector<std::string> Find(const Suggestions& suggestions, const std::string& typed, size_t limit = 8,
                              const std::string& language = "en") {
  std::vector<std::string> found;
  for (const Suggestion* one : suggestions.Find(NormalQuery(typed), language, limit))
    found.push_back(one->text);
  return found;
}

TEST(QueryText, OneSpellingForCaseAccentsAndSpaces) {
  EXPECT_EQ(NormalQuery("  Desk \t LAMP "), "desk lamp");
  EXPECT_EQ(NormalQuery("Café"), NormalQuery("cafe"));
  EXPECT_EQ(TidyQuery("  Desk \t LAMP "), "Desk LAMP");
  EXPECT_EQ(NormalQuery(" \n"), "");
  EXPECT_LE(NormalQuery(std::string(5000, 'a')).size(), 96U);
}

TEST(QueryText, MailAddressesAndLongNumbersArePersonal) {
  for (const char* personal : {"a@b.c", "0170 1234567", "+49 (170) 12-34-567", "order 12345678"}) {
    EXPECT_TRUE(LooksPersonal(personal)) << personal;
  }
  for (const char* general : {"iphone 15 128", "lamp 2700 k", "12 x 15 cm", "led 1000"}) {
    EXPECT_FALSE(LooksPersonal(general)) << general;
  }
}

TEST(Suggestions, APrefixOfTheWholeOrOfAnyWordTheBestFirst) {
  const Suggestions some({Text("Desk lamp", 5), Text("Standing desk", 8), Text("Desk", 1), Text("Mug", 50)});
  EXPECT_THAT(Find(some, "des"), ElementsAre("Desk lamp", "Standing desk", "Desk"));
  EXPECT_THAT(Find(some, "desk l"), ElementsAre("Desk lamp"));
  EXPECT_THAT(Find(some, "LA"), ElementsAre("Desk lamp"));
  EXPECT_THAT(Find(some, "", 2), ElementsAre("Mug", "Standing desk"));
  EXPECT_THAT(Find(some, "esk"), IsEmpty());
  EXPECT_THAT(Find(some, "des", 1), ElementsAre("Desk lamp"));
}

TEST(Suggestions, TypingErrorsComeBehindAndNotInThreeLetters) {
  const Suggestions some({Text("Desk lamp", 5), Text("Deck chair", 9)});
  EXPECT_THAT(Find(some, "dekc"), ElementsAre("Deck chair"));
  EXPECT_THAT(Find(some, "desk"), ElementsAre("Desk lamp", "Deck chair"));
  EXPECT_THAT(Find(some, "dsk"), IsEmpty());
  EXPECT_THAT(Find(some, "desk lmp"), ElementsAre("Desk lamp"));
}

TEST(Suggestions, OfTheLanguageAskedForOrOfNone) {
  const Suggestions some({Text("chaise", 5, "fr"), Text("chair", 4), Text("Chanel", 3, "")});
  EXPECT_THAT(Find(some, "cha", 8, "en"), ElementsAre("chair", "Chanel"));
  EXPECT_THAT(Find(some, "cha", 8, "fr"), ElementsAre("chaise", "Chanel"));
  EXPECT_THAT(Find(some, "cha", 8, ""), ElementsAre("chaise", "chair", "Chanel"));
}

TEST(Suggestions, AreWhatALookAtEveryTextFinds) {
  Random random(5);
  const auto word = [&] {
    std::string made;
    for (uint64_t letters = 2 + random.NextBelow(4); letters > 0; --letters)
      made += "abc"[random.NextBelow(3)];
    return made;
  };
  std::vector<Suggestion> texts;
  for (int i = 0; i < 300; ++i) {
    std::string text = word();
    for (uint64_t more = random.NextBelow(3); more > 0; --more) text += " " + word();
    const bool is_there =
        std::any_of(texts.begin(), texts.end(), [&](const auto& one) { return one.text == text; });
    if (!is_there) texts.push_back(Text(text, static_cast<double>(random.NextBelow(40))));
  }
  const Suggestions all(texts);
  for (int i = 0; i < 500; ++i) {
    std::string typed = word();
    if (random.NextBelow(2) == 0) typed += " " + word();
    std::vector<std::tuple<int, double, double, std::string>> fits;  // Ascending: the best first.
    for (const Suggestion& one : texts) {
      int edits = 9;
      double worth = 0;
      for (size_t at = 0; at < one.normal.size(); ++at) {
        if (at > 0 && one.normal[at - 1] != ' ') continue;
        const std::string from = one.normal.substr(at);
        const double here = at == 0 ? 2 * one.weight : one.weight;
        int edits_here = from.starts_with(typed) ? 0 : 9;
        const int allowed = typed.size() < 4 ? 0 : typed.size() < 8 ? 1 : 2;
        if (edits_here != 0 && allowed > 0 && from[0] == typed[0]) {
          const int distance = text::PrefixEditDistance(typed, from, allowed);
          if (distance > 0 && distance <= allowed) edits_here = distance;
        }
        if (edits_here < edits || (edits_here == edits && here > worth)) worth = here;
        edits = std::min(edits, edits_here);
      }
      if (edits < 9) fits.emplace_back(edits, -worth, -one.weight, one.text);
    }
    std::sort(fits.begin(), fits.end());
    std::vector<std::string> expected;
    for (const auto& fit : fits) {
      if (expected.size() < 5) expected.push_back(std::get<3>(fit));
    }
    EXPECT_EQ(Find(all, typed, 5), expected) << typed;
  }
}

TEST(Suggestions, WhatWasTypedIsMarkedAndTheRestEscaped) {
  EXPECT_EQ(MarkTyped("Desk <b> lamp", "la des"), "<em>Des</em>k &lt;b&gt; <em>la</em>mp");
  EXPECT_EQ(MarkTyped("Café", "caf"), "<em>Caf</em>é");
  EXPECT_EQ(MarkTyped("Café", "cafe"), "<em>Café</em>");
  EXPECT_EQ(MarkTyped("R&D", ""), "R&amp;D");
}

}  // namespace
}  // namespace attune::search
