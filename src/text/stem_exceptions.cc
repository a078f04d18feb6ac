#include "text/stem_exceptions.h"

#include <array>
#include <cstddef>

#include "absl/container/flat_hash_map.h"

namespace attune::text {
namespace {

// "stem form form ...", one stem a line.  Forms are folded; a stem stands for itself only where it is named
// again.
constexpr std::string_view kEnglish = R"(
child children childrens
color colour colours coloured colors colored
fiber fibre fibres fibers fiber
foot feet
gray grey greys
jewelri jewellery
knife knives
leaf leaves
lens lens lenses
liter litre litres
man men mens
meter metre metres
mous mice
organ organ organs
organic organic organics
organizer organizer organizers organiser organisers
pajama pajamas pyjama pyjamas
scarf scarves
shelf shelves
ski skis
thief thieves
tire tyre tyres tires
tooth teeth
univers universe
universal universal
university university universities
wolf wolves
woman women womens
aluminum aluminium
bus bus buses busses
computer computer computers
consumer consumer consumers
controller controller controllers
converter converter converters
edition edition editions
extender extender extenders
finisher finisher finishers
generator generator generators
internal internal
international international
metallic metallic
original original originals
presenter presenter presenters
productivity productivity
receiver receiver receivers
recorder recorder recorders
silicone silicone silicones
terminator terminator terminators
transformer transformer transformers
)";

constexpr std::string_view kGerman = R"(
drucker drucker druckern druckers
eisen eisen eisens
halter halter haltern halters
leder leder leders
leiter leiter leitern
messer messer messern messers
mixer mixer mixern mixers
poster poster postern posters
roller roller rollern rollers
router router routern routers
scanner scanner scannern scanners
stander stander standern standers
toner toner tonern toners
)";

constexpr std::string_view kDutch = R"(
ei eieren
kind kinderen
kleed kleden kleed
)";

constexpr std::string_view kFrench = R"(
blanc blanc blancs blanche blanches
beau beau beaux bel belle belles
doux doux douce douces
frais frais fraiche fraiches
jeu jeu jeux
cheveu cheveu cheveux
feu feu feux
long long longs longue longues
neuf neuf neufs neuve neuves
nouveau nouveau nouveaux nouvel nouvelle nouvelles
oeil oeil yeux
sec sec secs seche seches
vieux vieux vieil vieille vieilles
gri gris grise grises
porte porte portes
portable portable portables
)";

constexpr std::string_view kSpanish = R"(
camara camara camaras
lampara lampara lamparas
caso caso casos
mes mes meses
mesa mesa mesas
plato plato platos
puerto puerto puertos
)";

constexpr std::string_view kItalian = R"(
uom uomo uomini
caso caso casi
porta porta porte
porto porto porti
)";

constexpr std::string_view kSwedish = R"(
bla bla blatt blaa
bok bok boken bocker bockerna
gra gra gratt graa
mus mus musen moss
rod rod roda rott
stor stor stora stort
vit vit vita vitt
man man mannen man
fot fot foten fotter
)";

constexpr std::string_view kDanish = R"(
bla bla blat
rod rod rode rodt
hvid hvid hvide hvidt
gra gra grat
stor stor store stort
barn barn born bornene barnet
)";

constexpr std::string_view kNorwegian = R"(
bla bla blatt
rod rod rode rodt
hvit hvit hvite hvitt
gra gra gratt
stor stor store stort
)";

constexpr std::string_view kPolish = R"(
dzieck dziecko dziecka dziecku dzieckiem dzieci dzieciom dziecmi dzieciach
okn okno okna oknu oknem oknie okien oknom oknami oknach
rek reka reki rece rak rekami rekach
)";

using Exceptions = absl::flat_hash_map<std::string_view, std::string_view>;

std::string_view TakeWord(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

void Add(std::string_view lines, Exceptions& exceptions) {
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    std::string_view line = lines.substr(0, end);
    const std::string_view stem = TakeWord(line);
    while (!line.empty()) exceptions.emplace(TakeWord(line), stem);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
}

using AllExceptions = std::array<Exceptions, kLanguageCount>;

const AllExceptions& All() {
  static const AllExceptions* const all = [] {
    auto* made = new AllExceptions;
    const auto add = [made](Language language, std::string_view lines) {
      Add(lines, (*made)[static_cast<size_t>(language)]);
    };
    add(Language::kEnglish, kEnglish);
    add(Language::kGerman, kGerman);
    add(Language::kDutch, kDutch);
    add(Language::kFrench, kFrench);
    add(Language::kSpanish, kSpanish);
    add(Language::kItalian, kItalian);
    add(Language::kSwedish, kSwedish);
    add(Language::kDanish, kDanish);
    add(Language::kNorwegian, kNorwegian);
    add(Language::kPolish, kPolish);
    return made;
  }();
  return *all;
}

}  // namespace

void ForEachStemException(Language language,
                          const std::function<void(std::string_view form, std::string_view stem)>& visit) {
  for (const auto& [form, stem] : All()[static_cast<size_t>(language)]) visit(form, stem);
}

std::string_view StemException(std::string_view folded, Language language) {
  const Exceptions& exceptions = All()[static_cast<size_t>(language)];
  const auto found = exceptions.find(folded);
  return found == exceptions.end() ? std::string_view() : found->second;
}

}  // namespace attune::text
