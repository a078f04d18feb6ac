// What shoppers type and what titles say, language by language: "=" must meet, "≠" must not.
//
// A query meets a text when each of its words that is no stop word is found there: as a stem, as one word
// with its neighbour, or by all its parts.  That is how search reads tokens, without its typing errors and
// synonyms.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "text/analyzer.h"
#include "text/fold.h"

namespace attune::text {
namespace {

constexpr std::string_view kEnglish = R"(
lamp = Table Lamps
lamps = Table lamp
mens shoe = Men's Shoes
mens shoes = MEN’S SHOE
man = for men
womens = Women's running jacket
woman = Clothes for women
kids bike = Kid's Bikes
childrens = Children's books
knife = 6 kitchen knives
shelves = Wall shelf
box = Storage Boxes
dress = Summer dresses
battery = AA batteries
scarf = Wool scarves
mouse = Computer mice
colour = Color: red
jewellery = Jewelry box
grey = Gray sofa
pyjamas = Pajama set
cafe = Café au lait mug
tshirt = Cotton T-Shirt
t-shirt = tshirt
usb-c = USB-C cable
usbc = USB-C cable
wifi 6 = Wi-Fi-6 router
covers = Cover for sofas
1500 w = 1,500 W kettle
lens = Lenses for cameras
the lamp = Lamp
bus = Buses
ski ≠ sky blue
organizer ≠ organ pipe
silicone case ≠ Silicon case
internal drive ≠ International drive
computer ≠ computing
controllers ≠ remote control
computers = Computer
organic ≠ organ
universal ≠ University of Leeds
lens ≠ lentils
cap ≠ Cape
wool ≠ Woolworth
plan ≠ plane
police ≠ policy
lamp ≠ lamb
cook book ≠ cook
)";

constexpr std::string_view kGerman = R"(
kühlschrank = Kühlschränke
kuhlschrank = Kühlschrank
kuehlschrank = Kühlschrank
kühlschrank = KUEHLSCHRANK
haus = Häuser
buch = Bücher für Kinder
strasse = Straße
straße = STRASSE
gross = Große Tasche
rote jacke = Jacken in rot
schwarzer = schwarze
kamera = Kameras
gabel = Gabeln
foto = Fotos
café = Cafés
leder = Lederjacke
jacke = Lederjacken
lederjacke = Jacke aus Leder
lederjacken = Jacke, Leder
kinderlampe = Lampe für Kinder
lampe = Kinderzimmerlampe
kinderzimmer = Kinderzimmerlampen
decke = Wolldecken
wolle = Wolldecke
tasche = Schultasche
schule = Schultaschen
ersatz = Kameraersatz
t-shirt = T-Shirts
kinder fahrrad = Kinder-Fahrräder
kinderfahrrad = Kinder-Fahrrad
1500 = 1.500 W
1.5 l = 1,5 l
blaue = blau
für die küche = Küche
tuer = Tür
gemuese = Gemüse
drucker = Druckern
led lampe ≠ Leder Lampe
toner ≠ Ton
eis ≠ Eisen
schrank ≠ Kühlschrank
kühl ≠ Kühlschrank
haus ≠ Hase
kissen ≠ Küste
druck ≠ Drache
maus ≠ Mais
tasse ≠ Tasche
leder ≠ Leiter
hand ≠ Handschuhe
band ≠ Brand
1,5 ≠ 15
lampe ≠ Lampion
)";

constexpr std::string_view kDutch = R"(
schoen = Schoenen
lampen = Lamp
tas = Tassen
huis = Huizen
glas = Glazen
mes = Messen
jas = Jassen
kussen = Kussens
deken = Dekens
wasmachine = Wasmachines
horloge = Horloges
meisje = Meisjes
auto = Auto's
fotos = Foto's
cafe = Cafés
rood = Rode tas
groot = grote
wit = Witte
elektrisch = Elektrische fiets
fiets = Fietsen
laars = Laarzen
boek = Boeken
kind = Kinderen
ei = eieren
zee = zeeën
bureau = Bureaus
matras = Matrassen
brief = brieven
leer = Leren
tuin = Tuinstoelen
stoel = Tuinstoelen
tuinstoel = Stoel voor tuin
lamp = Bureaulamp
jas = Winterjassen
winterjas = Jas winter
kast ≠ koelkast
tas ≠ taart
bed ≠ bad
pen ≠ pan
kaas ≠ kaars
mes ≠ mos
stoel ≠ stof
)";

constexpr std::string_view kFrench = R"(
chaussure = Chaussures
manteaux = Manteau
cheval = Chevaux
bijou = Bijoux
jeux = Jeu de société
televiseur = Téléviseurs
télévision = television
etagere = Étagères
étagère = ETAGERE
musee = Musées
brode = Brodée
brodés = brodees
imprimé = Imprimées
decore = décorée
blanc = Blanche
blanches = blancs
leger = Légère
longue = Longs
doux = douce
neuf = neuve
sportif = Sportive
active = Actifs
bleu = Bleus
bleue = bleu
huile = L'huile d'olive
l’eau = Eau
oreal = L'Oréal
loreal = L'Oréal
l'oréal = Loreal
lampe de bureau = Lampes pour bureau
refrigerateur = Réfrigérateurs
gris = grise
oeuf = Œufs
vert = Vertes
cle usb = Clé USB
garcon = Garçons
port usb ≠ Porte
portable ≠ porte
verre ≠ vert
robe ≠ robot
chemin ≠ chemise
poisson ≠ poison
lit ≠ litre
matelas ≠ matelot
coussin ≠ cousin
sac ≠ sec
)";

constexpr std::string_view kSpanish = R"(
zapato = Zapatos
camion = Camiones
camión = CAMION
luz = Luces LED
lapiz = Lápices
lapices = lápiz
jardin = Jardines
ingles = Inglesas
inglés = ingleses
mujer = Mujeres
niño = Niños
nino = Niña
rojo = Rojas
azul = Azules
marron = Marrones
cafetera = Cafeteras
habitacion = Habitaciones
television = Televisiones
electrico = Eléctrica
portatil = Portátiles
movil = Móviles
pantalon = Pantalones
sillon = Sillones
reloj = Relojes
papel = Papeles
sofa = Sofás
cojin = Cojines
lampara = Lámparas
camara = Cámaras
mesa = Mesas
1.500 = 1500
1,5 = 1.5
cinturones = Cinturón
color = Colores
cama ≠ Cámara
plata ≠ Plato
puerta ≠ Puerto
camisa ≠ camión
mes ≠ Mesa
pan ≠ pantalón
casa ≠ caso
ratón ≠ rata
silla ≠ sillón
papel ≠ papa
sal ≠ salsa
)";

constexpr std::string_view kItalian = R"(
scarpa = Scarpe
scarpe = Scarpa
libro = Libri
bianco = Bianche
bianca = Bianchi
rosso = Rosse
citta = Città
città = CITTA'
caffe = Caffè
qualita = Qualità
orologio = Orologi
camicia = Camicie
gioco = Giochi
largo = Larghe
bambina = Bambine
uomo = Uomini
donna = Donne
elettrico = Elettriche
portatile = Portatili
divano = Divani
telefono = Telefoni
frigorifero = Frigoriferi
grigio = Grigia
giacca = Giacche
valigia = Valigie
stivale = Stivali
specchio = Specchi
acqua = dell'acqua
l'olio = Olio
orecchini d'oro = Orecchini oro
cuscino = Cuscini
occhiali da sole = Occhiale sole
porta ≠ Porto
pane ≠ panno
carta ≠ carne
letto ≠ latte
tè ≠ tela
penna ≠ panna
sale ≠ salame
mela ≠ miele
)";

constexpr std::string_view kSwedish = R"(
lampa = Lampor
lampan = lamporna
jacka = Jackan
väska = Väskor
vaska = Väskan
stol = Stolar
bordet = Bord
cykel = Cyklar
spegel = Speglar
nyckel = Nycklar
dator = Datorer
röd = Röda
rott = röd
vit = Vitt
blå = blått
stor = Stora
kudde = Kuddar
handskar = Handske
klocka = Klockor
barnen = barn
bok = Böcker
mus = Möss
säng = Sängar
sang = säng
kylskåp = Kylskåpet
kylskap = KYLSKÅP
tröja = Tröjor
malmoe = Malmö
sked = Skedar
hylla = Hyllor
skola = Skolväska
väska = Skolväskor
skolväska = Väska för skola
jacka = Vinterjackor
vinterjacka = Jacka, vinter
skåp ≠ Kylskåp
stol ≠ stolpe
bok ≠ back
kudde ≠ kulle
mus ≠ mat
ring ≠ regn
hund ≠ hand
)";

constexpr std::string_view kPolish = R"(
poduszka = Poduszki
poduszek = poduszkę
poduszce = Poduszka
komputer = Komputery
komputerze = komputerów
kubek = Kubki
kubków = kubka
but = Buty
buty = Butów
czerwony = Czerwona
czerwone = czerwonego
niebieski = Niebieskie
koszula = Koszule
koszul = Koszula
spodnie = Spodniach
sukienka = Sukienek
sukienki = sukience
kurtka = Kurtek
książka = Książki
ksiazka = Książek
stół = Stoły
stol = STÓŁ
krzesło = Krzesła
krzesel = krzesło
łóżko = Łóżka
lozko = Łóżek
lodówka = Lodówki
lodowka = lodówek
zabawka = Zabawki dla dzieci
dziecko = Zabawki dla dzieci
telefon = Telefonów
lustro = Luster
zegarek = Zegarki
mebel = Meble
okno = Okien
męski = Męska
meskie = Męski
duży = Dużych
sweter = Swetry
zapach = Zapachy
samochód = Samochodzie
komplet = Komplecie
ręcznik = Ręczniki
talerz = Talerze
but ≠ Butelka
stół ≠ Stolik
lampa ≠ Lampart
koc ≠ Kocioł
pasek ≠ Piasek
noga ≠ Nogawka
kosz ≠ Koszula
krem ≠ Kram
)";

// What the catalogue of a shop holds, with counts.
constexpr std::string_view kGermanWords =
    "kühlschrank 300 schrank 80 kühl 20 leder 200 jacke 300 jacken 60 lampe 120 lampen 90 kinder 200 zimmer "
    "70 kinderzimmer 15 "
    "wolle 60 decke 90 decken 20 schule 50 tasche 150 kamera 90 ersatz 60 hand 40 schuhe 100 handschuhe 120 "
    "tür 70 bett 60";
constexpr std::string_view kDutchWords =
    "koelkast 200 kast 90 koel 20 tuin 120 stoel 150 stoelen 80 bureau 60 lamp 120 winter 70 jas 90 jassen "
    "60";
constexpr std::string_view kSwedishWords =
    "kylskåp 200 skåp 90 kyl 10 skola 40 väska 90 vinter 60 jacka 90 stol 80";

class Words final : public CompoundVocabulary {
 public:
  // "word count word count ..."
  Words(std::string_view text, Language language) {
    const std::vector<Token> tokens = Analyzer(Language::kNeutral).Analyze(text);
    for (size_t i = 0; i + 1 < tokens.size(); i += 2) {
      const Token& word = tokens[i];
      counts_[Fold(text.substr(word.begin, word.end - word.begin), language)] =
          static_cast<uint32_t>(std::stoul(tokens[i + 1].surface));
    }
  }
  uint32_t CountOf(std::string_view folded) const override {
    const auto found = counts_.find(folded);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, uint32_t, std::less<>> counts_;
};

bool Meets(const std::vector<Token>& query, const std::vector<Token>& text) {
  std::set<std::string> terms;
  for (const Token& token : text) terms.insert(token.term);
  uint32_t joined_end = 0;  // Up to here the query was found as one word.
  for (size_t i = 0; i < query.size();) {
    const Token& whole = query[i];
    bool is_met = whole.is_stop_word || whole.begin < joined_end || terms.contains(whole.term);
    size_t parts = 0;
    size_t met_parts = 0;
    for (; i < query.size() && query[i].position == whole.position; ++i) {
      const bool is_found = terms.contains(query[i].term);
      if (query[i].role == TokenRole::kJoined && is_found) {
        joined_end = query[i].end;
        is_met = true;
      }
      if (query[i].role != TokenRole::kCodePart && query[i].role != TokenRole::kCompoundPart) continue;
      ++parts;
      met_parts += is_found ? 1 : 0;
    }
    if (!is_met && (parts == 0 || met_parts < parts)) return false;
  }
  return true;
}

std::string Printed(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) text += token.surface + "/" + token.term + " ";
  return text;
}

void CheckTable(std::string_view table, Language language, std::string_view words = {}) {
  const Words vocabulary(words, language);
  const Analyzer analyzer(language, &vocabulary);
  size_t cases = 0;
  for (table.remove_prefix(1); !table.empty(); table.remove_prefix(table.find('\n') + 1)) {
    const std::string_view line = table.substr(0, table.find('\n'));
    const bool must_meet = line.find(" = ") != std::string_view::npos;
    const std::string_view sign = must_meet ? " = " : " ≠ ";
    const size_t at = line.find(sign);
    ASSERT_NE(at, std::string_view::npos) << line;
    const std::vector<Token> query = analyzer.Analyze(line.substr(0, at));
    const std::vector<Token> text = analyzer.Analyze(line.substr(at + sign.size()));
    EXPECT_EQ(Meets(query, text), must_meet) << line << "\n  " << Printed(query) << "\n  " << Printed(text);
    ++cases;
  }
  EXPECT_GE(cases, 30u);
}

TEST(LanguagesTest, English) { CheckTable(kEnglish, Language::kEnglish); }
TEST(LanguagesTest, German) { CheckTable(kGerman, Language::kGerman, kGermanWords); }
TEST(LanguagesTest, Dutch) { CheckTable(kDutch, Language::kDutch, kDutchWords); }
TEST(LanguagesTest, French) { CheckTable(kFrench, Language::kFrench); }
TEST(LanguagesTest, Spanish) { CheckTable(kSpanish, Language::kSpanish); }
TEST(LanguagesTest, Italian) { CheckTable(kItalian, Language::kItalian); }
TEST(LanguagesTest, Swedish) { CheckTable(kSwedish, Language::kSwedish, kSwedishWords); }
TEST(LanguagesTest, Polish) { CheckTable(kPolish, Language::kPolish); }

}  // namespace
}  // namespace attune::text
