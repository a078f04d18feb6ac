#include "text/stop_words.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "text/fold.h"

namespace attune::text {
namespace {

constexpr std::string_view kEnglish =
    "a an and are as at be been but by can do for from had has have he her his how i if in into is it its me "
    "my of on "
    "or our out she so than that the their them then there these they this those to up us was we were what "
    "when where "
    "which who will with would you your";

constexpr std::string_view kGerman =
    "aber alle allem allen aller als also am an auch auf aus bei beim bin bis da damit dann das dass dein "
    "deine dem den "
    "der des die dies diese diesem diesen dieser dieses durch ein eine einem einen einer eines er es etwa "
    "euch euer für "
    "hat habe haben hier ich ihm ihn ihnen ihr ihre im in ins ist ja jede jeden jeder kann können man mein "
    "meine mich "
    "mir mit nach noch nun nur ob oder sein seine sehr sich sie sind so sowie um und uns unser unter vom von "
    "vor war "
    "was weil welche welcher wenn wer werden wie wir wird wo zu zum zur zwischen über";

constexpr std::string_view kDutch =
    "aan al alle als bij dan dat de deze die dit door dus een en er haar had heb heeft het hij hoe hun ik in "
    "is je kan "
    "maar me met mij mijn na naar nog nu of om onder ons ook op over per te ten ter tot uit uw van voor waar "
    "want "
    "was wat we wel werd wie wij wordt ze zich zij zijn zo zou";

constexpr std::string_view kFrench =
    "a ai au aux avec c ce ces cet cette comme d dans de des du elle elles en entre es est et eux il ils j "
    "je jusqu'à jusqu'au jusqu'aux l la le les "
    "leur leurs lui m ma mais me mes mon n nos notre nous on ou où par pour qu que qui s sa se ses son sont "
    "sur t ta "
    "te tes toi ton tu un une vers vos votre vous y à été être";

constexpr std::string_view kSpanish =
    "a al algo ante como con cual cuando de del desde donde e el ella ellas ellos en entre era es esa ese "
    "eso esta "
    "estas este esto estos está están fue ha hasta hay la las le les lo los me mi mis muy más ni nos o para "
    "pero por "
    "porque que qué se ser si sobre son su sus también te tu tus un una unas uno unos y ya yo él";

constexpr std::string_view kItalian =
    "a ad agli ai al alla alle allo anche che chi ci come con cui da dagli dai dal dalla dalle dallo de "
    "degli dei del "
    "della delle dello di e ed era fra gli ha hai hanno ho i il in io l la le lei lo loro lui ma mi mia mio "
    "ne negli nei "
    "nel nella nelle nello noi o per più qual quale quella quelle quelli quello questa queste questi questo "
    "se si "
    "sia sono su sua sugli sui sul sulla sulle sullo suo ti tra tu tua tuo un una uno vi voi è";

constexpr std::string_view kPortuguese =
    "a ao aos as até com como da das de dela dele do dos e ela elas ele eles em entre era essa esse esta "
    "este eu foi há "
    "isso isto já lhe mais mas me mesmo meu minha muito na nas no nos nossa nosso o os ou para pela pelas "
    "pelo pelos "
    "por qual quando que quem se ser seu seus sua suas são só também te tem um uma umas uns você à às é";

constexpr std::string_view kSwedish =
    "alla att av blev bli blir de dem den denna deras det detta dig din du där då efter ej eller en ett från "
    "för ha hade "
    "han hans har hon honom hur här i inom jag kan med mellan men mig min mot mycket ni nu när och om oss på "
    "samt sin sina sitt skall ska som så till upp ut vad var vara vi vid vilken än är åt över";

constexpr std::string_view kDanish =
    "af alle alt at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter "
    "eller en er et "
    "for fra ham han hans har havde hende her hos hun hvad hvis hvor i ind ja jeg jer kan man med meget men "
    "mellem "
    "mig min mit mod ned nogle nu når og også om op os over på samt selv sig sin skal som så til ud under "
    "var ved vi vil "
    "være været";

constexpr std::string_view kNorwegian =
    "alle at av ble bli blir da de dem den denne der deres det dette deg din disse du eller en er et etter "
    "for fra ham "
    "han hans har hadde hun hva hvis hvor hvordan i inn ja jeg kan man med mellom men mer mot mye ned noen "
    "nå når "
    "og også om opp oss over på samt seg selv sin skal som så til ut under var ved vi vil være vært å";

constexpr std::string_view kFinnish =
    "ellei eli että he hän ihan ja jo joka jos jotka kanssa kuin kun me mikä mutta myös ne nyt näin nämä ole "
    "olla oli on ovat se sekä sen siis sitä tai tämä tässä vai vaan voi";

constexpr std::string_view kPolish =
    "a aby albo ale bo by być był była było co czy czyli dla do dlaczego gdy gdyż gdzie go i ich ile im iż "
    "ja jak jako "
    "je jego jej jest jeszcze jeśli już kiedy kto która które który lub ma mi mnie mu na nad nam nas niż o "
    "od "
    "oraz po pod przed przez przy się są ta tak także tam te tego tej ten też to tu twój ty tych tym u w we "
    "wy z za ze że";

constexpr std::string_view kRussian =
    "а более был была были было быть в вам вас весь во вот все всё вы где да для до его ее её если есть еще "
    "ещё же за и "
    "из или им их к как ко когда который кто ли мы на над нам нас него нее них но о об он она они оно от по "
    "под при "
    "с свой со так также там то только том тот ты у уже что чтобы эта эти это этот я";

constexpr std::string_view kHungarian =
    "a abban ahol aki ami amely az azok azt be de el ez ezek ezen ezt és egy fel hogy ha is itt ki le lesz "
    "már meg mely "
    "mert mi míg mint most nagyon ne ő ők pedig s sem van vagy volt által át így úgy";

constexpr std::string_view kRomanian =
    "a ai al ale am ar are au ca care că ce cel cele cei cu da dar de din do ea ei el ele este eu fi fie "
    "fost iar ii il "
    "îi îl în la le li lor lui mai mea meu ne ni o ori pe pentru prin sa sau se și si spre sub sunt să te tu "
    "un una "
    "unei unui vă vor";

constexpr std::string_view kTurkish =
    "acaba ama ancak bazı ben bir biz bu çok çünkü da daha de diye eğer en gibi hem hep her için ile ise "
    "kadar ki mi mı "
    "mu mü ne nasıl niye o olan olarak sen siz şu ve veya ya yani";

constexpr std::string_view kGreek =
    "ο η το οι τα του της των τον την τους τις ένα ένας μια και κι ή να θα με σε από για προς στο στη στην "
    "στον στα στους "
    "στις αλλά αν είναι ήταν που πως ότι όπως αυτό αυτή αυτός";

constexpr std::string_view kCatalan =
    "a al als amb aquest aquesta aquests com d de del dels des el ella ells els en entre era es està hi i l "
    "la les li lo "
    "m més me mi molt n ni nos o on per perquè però pel pels que qui s se ser seu seva si són sobre també t "
    "te tu un "
    "una unes uns va és";

using WordSet = absl::flat_hash_set<std::string>;
using AllWords = std::array<WordSet, kLanguageCount>;

void Add(Language language, std::string_view words, AllWords& all) {
  while (!words.empty()) {
    const size_t end = words.find(' ');
    all[static_cast<size_t>(language)].insert(Fold(words.substr(0, end), language));
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
}

const AllWords& All() {
  static const AllWords* const all = [] {
    auto* made = new AllWords;
    Add(Language::kEnglish, kEnglish, *made);
    Add(Language::kGerman, kGerman, *made);
    Add(Language::kDutch, kDutch, *made);
    Add(Language::kFrench, kFrench, *made);
    Add(Language::kSpanish, kSpanish, *made);
    Add(Language::kItalian, kItalian, *made);
    Add(Language::kPortuguese, kPortuguese, *made);
    Add(Language::kSwedish, kSwedish, *made);
    Add(Language::kDanish, kDanish, *made);
    Add(Language::kNorwegian, kNorwegian, *made);
    Add(Language::kFinnish, kFinnish, *made);
    Add(Language::kPolish, kPolish, *made);
    Add(Language::kRussian, kRussian, *made);
    Add(Language::kHungarian, kHungarian, *made);
    Add(Language::kRomanian, kRomanian, *made);
    Add(Language::kTurkish, kTurkish, *made);
    Add(Language::kGreek, kGreek, *made);
    Add(Language::kCatalan, kCatalan, *made);
    return made;
  }();
  return *all;
}

}  // namespace

bool IsStopWord(std::string_view folded, Language language) {
  return All()[static_cast<size_t>(language)].contains(absl::string_view(folded.data(), folded.size()));
}

}  // namespace attune::text
