// What reading a word costs, by language, on one thread.
//
//   text_bench      (Google Benchmark)
//
// BM_Analyze reads a product text of about 30 words; items are words, so 1 us a word is 1 M items/s.  Budget:
// 20 us a text.  BM_Split is one long German word against a vocabulary of a shop's size.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "text/analyzer.h"
#include "text/compounds.h"
#include "text/edit_distance.h"

namespace attune::text {
namespace {

// Product texts as shops write them, by the code of their language.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kTexts = {
    {{"en",
      "Women's waterproof running jacket with hood, lightweight and breathable, two zipped pockets, "
      "reflective "
      "details for early mornings, sizes XS to XXL, machine washable at 30 degrees, model RJ-2210 in navy "
      "blue"},
     {"de",
      "Wasserdichte Damenlaufjacke mit Kapuze, leicht und atmungsaktiv, zwei Reißverschlusstaschen, "
      "reflektierende "
      "Streifen für frühe Morgenstunden, Größen XS bis XXL, Maschinenwäsche bei 30 Grad, Modell RJ-2210 in "
      "Blau"},
     {"nl",
      "Waterdichte hardloopjas voor dames met capuchon, licht en ademend, twee ritszakken, reflecterende "
      "strepen "
      "voor vroege ochtenden, maten XS tot XXL, machinewasbaar op 30 graden, model RJ-2210 in marineblauw"},
     {"fr",
      "Veste de course imperméable pour femme avec capuche, légère et respirante, deux poches zippées, "
      "détails "
      "réfléchissants pour l'aube, tailles XS à XXL, lavable en machine à 30 degrés, modèle RJ-2210 bleu "
      "marine"},
     {"es",
      "Chaqueta impermeable para correr de mujer con capucha, ligera y transpirable, dos bolsillos con "
      "cremallera, "
      "detalles reflectantes, tallas XS a XXL, lavable a máquina a 30 grados, modelo RJ-2210 en azul marino"},
     {"it",
      "Giacca da corsa impermeabile da donna con cappuccio, leggera e traspirante, due tasche con cerniera, "
      "dettagli riflettenti, taglie dalla XS alla XXL, lavabile in lavatrice a 30 gradi, modello RJ-2210 "
      "blu"},
     {"sv",
      "Vattentät löparjacka för dam med huva, lätt och andningsbar, två fickor med dragkedja, reflekterande "
      "detaljer "
      "för tidiga morgnar, storlekar XS till XXL, maskintvätt i 30 grader, modell RJ-2210 i marinblått"},
     {"pl",
      "Wodoodporna kurtka do biegania damska z kapturem, lekka i oddychająca, dwie kieszenie na zamek, "
      "elementy "
      "odblaskowe, rozmiary od XS do XXL, pranie w pralce w 30 stopniach, model RJ-2210 w kolorze "
      "granatowym"},
     {"ru",
      "Женская водонепроницаемая куртка для бега с капюшоном, лёгкая и дышащая, два кармана на молнии, "
      "отражающие "
      "элементы, размеры от XS до XXL, машинная стирка при 30 градусах, модель RJ-2210 тёмно-синего цвета"},
     {"ja",
      "フード付きレディース防水ランニングジャケット、軽量で通気性があり、ファスナー付きポケット二つ、反射素材"
      "、洗濯機で"
      "洗えます、モデルRJ-2210、ネイビーブルー"}}};

class Words final : public CompoundVocabulary {
 public:
  Words() {
    for (const std::string_view word :
         {"wasser", "dicht",    "damen",  "lauf",  "jacke",  "reissverschluss", "tasche",   "morgen",
          "stunde", "maschine", "wasche", "lampe", "kinder", "zimmer",          "hardloop", "jas",
          "rits",   "zak",      "vatten", "lopar", "jacka",  "maskin",          "tvatt"}) {
      counts_[std::string(word)] = 100;
    }
    // The rest of a shop's dictionary, so that look-ups miss the cache as they would.
    for (uint32_t i = 0; i < 100'000; ++i) counts_["word" + std::to_string(i)] = 1;
  }
  uint32_t CountOf(std::string_view folded) const override {
    const auto found = counts_.find(absl::string_view(folded.data(), folded.size()));
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  absl::flat_hash_map<std::string, uint32_t> counts_;
};

const Words& TheWords() {
  static const Words words;
  return words;
}

void BM_Analyze(benchmark::State& state) {
  const auto& [code, text] = kTexts[static_cast<size_t>(state.range(0))];
  const Analyzer analyzer(LanguageOfLocale(code), &TheWords());
  const auto words = std::count_if(text.begin(), text.end(), [](char c) { return c == ' '; }) + 1;
  for (auto _ : state) benchmark::DoNotOptimize(analyzer.Analyze(text));
  state.SetLabel(std::string(code));
  // Japanese has no spaces: its words are counted as they are found.
  const auto per_text =
      code == "ja" ? static_cast<int64_t>(analyzer.Analyze(text).size()) : static_cast<int64_t>(words);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * per_text);
}
BENCHMARK(BM_Analyze)->DenseRange(0, static_cast<int64_t>(kTexts.size()) - 1);

void BM_Split(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(SplitCompound("kinderzimmerlampen", Language::kGerman, TheWords()));
  }
}
BENCHMARK(BM_Split);

void BM_EditDistance(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(EditDistance("headphones", "hedphoens", 2));
}
BENCHMARK(BM_EditDistance);

}  // namespace
}  // namespace attune::text
