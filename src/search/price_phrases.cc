#include "search/price_phrases.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "search/measures.h"

namespace attune::search {
namespace {

using text::Language;

constexpr size_t kWordsMax = 32;

enum class Sense : uint8_t { kMax, kMin, kCheap, kDear, kBetween };

struct Phrase {
  Language language;
  Sense sense;
  std::string_view words;  // Before the number; for kCheap and kDear alone; for kBetween "first|second".
};

// Folded.  Longer phrases before those that they begin or end with.
constexpr Phrase kPhrases[] = {
    {Language::kEnglish, Sense::kMax, "no more than"},
    {Language::kEnglish, Sense::kMax, "not more than"},
    {Language::kEnglish, Sense::kMax, "less than"},
    {Language::kEnglish, Sense::kMax, "cheaper than"},
    {Language::kEnglish, Sense::kMax, "up to"},
    {Language::kEnglish, Sense::kMax, "at most"},
    {Language::kEnglish, Sense::kMax, "under"},
    {Language::kEnglish, Sense::kMax, "below"},
    {Language::kEnglish, Sense::kMax, "max"},
    {Language::kEnglish, Sense::kMax, "maximum"},
    {Language::kEnglish, Sense::kMin, "more than"},
    {Language::kEnglish, Sense::kMin, "at least"},
    {Language::kEnglish, Sense::kMin, "over"},
    {Language::kEnglish, Sense::kMin, "above"},
    {Language::kEnglish, Sense::kMin, "from"},
    {Language::kEnglish, Sense::kBetween, "between|and"},
    {Language::kEnglish, Sense::kBetween, "from|to"},
    {Language::kEnglish, Sense::kCheap, "cheap"},
    {Language::kEnglish, Sense::kCheap, "cheapest"},
    {Language::kEnglish, Sense::kCheap, "inexpensive"},
    {Language::kEnglish, Sense::kCheap, "affordable"},
    {Language::kEnglish, Sense::kCheap, "budget"},
    {Language::kEnglish, Sense::kDear, "expensive"},
    {Language::kEnglish, Sense::kDear, "luxury"},
    {Language::kGerman, Sense::kMax, "weniger als"},
    {Language::kGerman, Sense::kMax, "nicht mehr als"},
    {Language::kGerman, Sense::kMax, "gunstiger als"},
    {Language::kGerman, Sense::kMax, "bis zu"},
    {Language::kGerman, Sense::kMax, "bis"},
    {Language::kGerman, Sense::kMax, "unter"},
    {Language::kGerman, Sense::kMax, "hochstens"},
    {Language::kGerman, Sense::kMax, "maximal"},
    {Language::kGerman, Sense::kMax, "max"},
    {Language::kGerman, Sense::kMin, "mehr als"},
    {Language::kGerman, Sense::kMin, "mindestens"},
    {Language::kGerman, Sense::kMin, "uber"},
    {Language::kGerman, Sense::kMin, "ab"},
    {Language::kGerman, Sense::kBetween, "zwischen|und"},
    {Language::kGerman, Sense::kBetween, "von|bis"},
    {Language::kGerman, Sense::kCheap, "gunstig"},
    {Language::kGerman, Sense::kCheap, "gunstige"},
    {Language::kGerman, Sense::kCheap, "gunstiger"},
    {Language::kGerman, Sense::kCheap, "gunstiges"},
    {Language::kGerman, Sense::kCheap, "billig"},
    {Language::kGerman, Sense::kCheap, "billige"},
    {Language::kGerman, Sense::kCheap, "billiger"},
    {Language::kGerman, Sense::kCheap, "preiswert"},
    {Language::kGerman, Sense::kCheap, "preiswerte"},
    {Language::kGerman, Sense::kDear, "teuer"},
    {Language::kGerman, Sense::kDear, "teure"},
    {Language::kGerman, Sense::kDear, "hochwertig"},
    {Language::kFrench, Sense::kMax, "moins de"},
    {Language::kFrench, Sense::kMax, "pas plus de"},
    {Language::kFrench, Sense::kMax, "jusqu a"},
    {Language::kFrench, Sense::kMax, "jusqua"},
    {Language::kFrench, Sense::kMax, "au maximum"},
    {Language::kFrench, Sense::kMax, "maximum"},
    {Language::kFrench, Sense::kMax, "max"},
    {Language::kFrench, Sense::kMax, "sous"},
    {Language::kFrench, Sense::kMin, "plus de"},
    {Language::kFrench, Sense::kMin, "a partir de"},
    {Language::kFrench, Sense::kMin, "au moins"},
    {Language::kFrench, Sense::kBetween, "entre|et"},
    {Language::kFrench, Sense::kBetween, "de|a"},
    {Language::kFrench, Sense::kCheap, "pas cher"},
    {Language::kFrench, Sense::kCheap, "pas chere"},
    {Language::kFrench, Sense::kCheap, "bon marche"},
    {Language::kFrench, Sense::kCheap, "abordable"},
    {Language::kFrench, Sense::kDear, "haut de gamme"},
    {Language::kFrench, Sense::kDear, "luxe"},
    {Language::kDutch, Sense::kMax, "minder dan"},
    {Language::kDutch, Sense::kMax, "niet meer dan"},
    {Language::kDutch, Sense::kMax, "goedkoper dan"},
    {Language::kDutch, Sense::kMax, "hoogstens"},
    {Language::kDutch, Sense::kMax, "maximaal"},
    {Language::kDutch, Sense::kMax, "onder"},
    {Language::kDutch, Sense::kMax, "tot"},
    {Language::kDutch, Sense::kMax, "max"},
    {Language::kDutch, Sense::kMin, "meer dan"},
    {Language::kDutch, Sense::kMin, "minstens"},
    {Language::kDutch, Sense::kMin, "boven"},
    {Language::kDutch, Sense::kMin, "vanaf"},
    {Language::kDutch, Sense::kBetween, "tussen|en"},
    {Language::kDutch, Sense::kBetween, "van|tot"},
    {Language::kDutch, Sense::kCheap, "goedkoop"},
    {Language::kDutch, Sense::kCheap, "goedkope"},
    {Language::kDutch, Sense::kCheap, "voordelig"},
    {Language::kDutch, Sense::kCheap, "voordelige"},
    {Language::kDutch, Sense::kDear, "dure"},
    {Language::kDutch, Sense::kDear, "luxe"},
    {Language::kSpanish, Sense::kMax, "menos de"},
    {Language::kSpanish, Sense::kMax, "no mas de"},
    {Language::kSpanish, Sense::kMax, "por debajo de"},
    {Language::kSpanish, Sense::kMax, "hasta"},
    {Language::kSpanish, Sense::kMax, "maximo"},
    {Language::kSpanish, Sense::kMax, "max"},
    {Language::kSpanish, Sense::kMin, "mas de"},
    {Language::kSpanish, Sense::kMin, "a partir de"},
    {Language::kSpanish, Sense::kMin, "desde"},
    {Language::kSpanish, Sense::kBetween, "entre|y"},
    {Language::kSpanish, Sense::kBetween, "de|a"},
    {Language::kSpanish, Sense::kCheap, "barato"},
    {Language::kSpanish, Sense::kCheap, "barata"},
    {Language::kSpanish, Sense::kCheap, "baratos"},
    {Language::kSpanish, Sense::kCheap, "baratas"},
    {Language::kSpanish, Sense::kCheap, "economico"},
    {Language::kSpanish, Sense::kCheap, "economica"},
    {Language::kSpanish, Sense::kDear, "caro"},
    {Language::kSpanish, Sense::kDear, "lujo"},
    {Language::kItalian, Sense::kMax, "meno di"},
    {Language::kItalian, Sense::kMax, "non piu di"},
    {Language::kItalian, Sense::kMax, "al di sotto di"},
    {Language::kItalian, Sense::kMax, "fino a"},
    {Language::kItalian, Sense::kMax, "sotto i"},
    {Language::kItalian, Sense::kMax, "sotto"},
    {Language::kItalian, Sense::kMax, "massimo"},
    {Language::kItalian, Sense::kMax, "max"},
    {Language::kItalian, Sense::kMin, "piu di"},
    {Language::kItalian, Sense::kMin, "almeno"},
    {Language::kItalian, Sense::kMin, "sopra i"},
    {Language::kItalian, Sense::kMin, "sopra"},
    {Language::kItalian, Sense::kMin, "da"},
    {Language::kItalian, Sense::kBetween, "tra|e"},
    {Language::kItalian, Sense::kBetween, "fra|e"},
    {Language::kItalian, Sense::kBetween, "da|a"},
    {Language::kItalian, Sense::kCheap, "economico"},
    {Language::kItalian, Sense::kCheap, "economica"},
    {Language::kItalian, Sense::kCheap, "economici"},
    {Language::kItalian, Sense::kCheap, "economiche"},
    {Language::kItalian, Sense::kDear, "lusso"},
    {Language::kSwedish, Sense::kMax, "mindre an"},
    {Language::kSwedish, Sense::kMax, "billigare an"},
    {Language::kSwedish, Sense::kMax, "hogst"},
    {Language::kSwedish, Sense::kMax, "under"},
    {Language::kSwedish, Sense::kMax, "upp till"},
    {Language::kSwedish, Sense::kMax, "max"},
    {Language::kSwedish, Sense::kMin, "mer an"},
    {Language::kSwedish, Sense::kMin, "minst"},
    {Language::kSwedish, Sense::kMin, "over"},
    {Language::kSwedish, Sense::kMin, "fran"},
    {Language::kSwedish, Sense::kBetween, "mellan|och"},
    {Language::kSwedish, Sense::kBetween, "fran|till"},
    {Language::kSwedish, Sense::kCheap, "billig"},
    {Language::kSwedish, Sense::kCheap, "billiga"},
    {Language::kSwedish, Sense::kCheap, "billigt"},
    {Language::kSwedish, Sense::kCheap, "prisvard"},
    {Language::kSwedish, Sense::kDear, "dyr"},
    {Language::kSwedish, Sense::kDear, "lyx"},
    {Language::kPolish, Sense::kMax, "nie wiecej niz"},
    {Language::kPolish, Sense::kMax, "mniej niz"},
    {Language::kPolish, Sense::kMax, "ponizej"},
    {Language::kPolish, Sense::kMax, "maksymalnie"},
    {Language::kPolish, Sense::kMax, "max"},
    {Language::kPolish, Sense::kMax, "do"},
    {Language::kPolish, Sense::kMin, "wiecej niz"},
    {Language::kPolish, Sense::kMin, "powyzej"},
    {Language::kPolish, Sense::kMin, "od"},
    {Language::kPolish, Sense::kBetween, "miedzy|a"},
    {Language::kPolish, Sense::kBetween, "od|do"},
    {Language::kPolish, Sense::kCheap, "tani"},
    {Language::kPolish, Sense::kCheap, "tania"},
    {Language::kPolish, Sense::kCheap, "tanie"},
    {Language::kPolish, Sense::kCheap, "niedrogi"},
    {Language::kPolish, Sense::kCheap, "niedrogie"},
    {Language::kPolish, Sense::kDear, "drogi"},
    {Language::kPolish, Sense::kDear, "drogie"},
};

constexpr std::array<std::string_view, 26> kCurrencies = {
    "euro",   "euros", "eur",     "dollar", "dollars", "usd",  "bucks",  "pound",   "pounds",
    "gbp",    "quid",  "franken", "chf",    "pln",     "zl",   "zloty",  "zlotych", "kr",
    "kronor", "sek",   "nok",     "dkk",    "krona",   "evro", "libras", "dolares"};

bool IsCurrency(std::string_view word) {
  return std::find(kCurrencies.begin(), kCurrencies.end(), word) != kCurrencies.end();
}

class PriceReading {
 public:
  PriceReading(const std::vector<text::Token>& wholes, Language language)
      : wholes_(wholes), count_(std::min(wholes.size(), kWordsMax)), language_(language) {}

  PricePhrase Read() {
    ReadRanges();
    if (!phrase_.min && !phrase_.max) ReadLimits();
    ReadWishes();
    return phrase_;
  }

 private:
  // The number at a place that may be a price: it has no unit.
  std::optional<double> NumberAt(size_t at) const {
    if (at >= count_ || wholes_[at].kind != text::WordKind::kNumber) return std::nullopt;
    if (at + 1 < count_ && FindUnit(wholes_[at + 1].surface) != nullptr) return std::nullopt;
    return std::strtod(wholes_[at].surface.c_str(), nullptr);
  }

  // How many words of `words` stand at `at`; 0 unless all do.
  size_t LengthAt(std::string_view words, size_t at) const {
    size_t length = 0;
    while (!words.empty()) {
      const size_t end = std::min(words.find(' '), words.size());
      if (at + length >= count_ || wholes_[at + length].surface != words.substr(0, end)) return 0;
      words.remove_prefix(std::min(end + 1, words.size()));
      ++length;
    }
    return length;
  }

  void Take(size_t from, size_t length) {
    for (size_t i = from; i < std::min(from + length, count_); ++i) phrase_.words |= 1u << i;
  }
  void TakeCurrency(size_t at) {
    if (at < count_ && IsCurrency(wholes_[at].surface)) Take(at, 1);
  }

  void ReadRanges() {
    for (const Phrase& phrase : kPhrases) {
      if (phrase.language != language_ || phrase.sense != Sense::kBetween) continue;
      const size_t bar = phrase.words.find('|');
      for (size_t at = 0; at + 3 < count_; ++at) {
        if (wholes_[at].surface != phrase.words.substr(0, bar)) continue;
        size_t middle = at + 2;
        if (IsCurrency(wholes_[middle].surface)) ++middle;
        if (middle + 1 >= count_ || wholes_[middle].surface != phrase.words.substr(bar + 1)) continue;
        const std::optional<double> low = NumberAt(at + 1);
        const std::optional<double> high = NumberAt(middle + 1);
        if (!low || !high || *low > *high) continue;
        phrase_.min = low;
        phrase_.max = high;
        Take(at, middle + 2 - at);
        TakeCurrency(middle + 2);
        return;
      }
    }
  }

  void ReadLimits() {
    for (size_t at = 0; at < count_; ++at) {
      const std::optional<double> number = NumberAt(at);
      if (number && !ReadLimitBefore(at, *number)) ReadLimitAfter(at, *number);
    }
  }

  bool ReadLimitBefore(size_t at, double number) {
    for (const Phrase& phrase : kPhrases) {
      if (phrase.language != language_ || (phrase.sense != Sense::kMax && phrase.sense != Sense::kMin))
        continue;
      const auto length = 1 + static_cast<size_t>(std::count(phrase.words.begin(), phrase.words.end(), ' '));
      if (length > at || LengthAt(phrase.words, at - length) == 0) continue;
      (phrase.sense == Sense::kMax ? phrase_.max : phrase_.min) = number;
      Take(at - length, length + 1);
      TakeCurrency(at + 1);
      return true;
    }
    return false;
  }

  // "50 euro", "50 max", "50 euro max".
  void ReadLimitAfter(size_t at, double number) {
    size_t next = at + 1;
    const bool has_currency = next < count_ && IsCurrency(wholes_[next].surface);
    if (has_currency) ++next;
    const bool has_max =
        next < count_ && (wholes_[next].surface == "max" || wholes_[next].surface == "maximum");
    if (has_max) ++next;
    if (!has_currency && !has_max) return;
    phrase_.max = number;
    Take(at, next - at);
  }

  void ReadWishes() {
    for (const Phrase& phrase : kPhrases) {
      if (phrase.language != language_ || (phrase.sense != Sense::kCheap && phrase.sense != Sense::kDear))
        continue;
      for (size_t at = 0; at < count_; ++at) {
        const size_t length = LengthAt(phrase.words, at);
        if (length == 0) continue;
        phrase_.wish = phrase.sense == Sense::kCheap ? PriceWish::kCheap : PriceWish::kDear;
        Take(at, length);
        return;
      }
    }
  }

  const std::vector<text::Token>& wholes_;
  const size_t count_;
  const Language language_;
  PricePhrase phrase_;
};

}  // namespace

PricePhrase ReadPrice(const std::vector<text::Token>& wholes, Language language) {
  return PriceReading(wholes, language).Read();
}

}  // namespace attune::search
