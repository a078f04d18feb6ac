// What every model of a store must hold, whatever it learns.  A source that ModelSet lists is picked up here
// by itself: a new model needs no line in this file, unless it learns by random steps (see
// AllowedDifference).
//
//   threads, order of rows      the same bytes
//   relabelled products         the same answers under the new numbers
//   relabelled shoppers         the same answers
//   empty, one product, one shopper, duplicates, absurd counts: sound answers, nothing that is not a number
//   save and load               the same answers, and the same bytes again

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/model_set.h"

namespace attune::models {
namespace {

constexpr int64_t kNow = 1'000 * kDayMs;
constexpr uint64_t kSeed = 20'240;

// What somebody did, in names that no relabelling touches.
struct Act {
  uint32_t shopper = 0;
  uint32_t product = 0;
  InteractionKind kind = InteractionKind::kView;
  float quantity = 1;
  int64_t at_ms = 0;
  uint32_t order = 0;  // 0: none.
};

// How names became numbers.
struct Labels {
  std::vector<uint32_t> products;  // Name -> index.
  std::vector<uint64_t> shoppers;  // Name -> handle.
};

struct Shop {
  uint32_t product_count = 0;
  uint32_t shopper_count = 0;
  std::vector<Act> acts;
};

Labels PlainLabels(const Shop& shop) {
  Labels labels;
  labels.products.resize(shop.product_count);
  std::iota(labels.products.begin(), labels.products.end(), 0u);
  for (uint64_t shopper = 0; shopper < shop.shopper_count; ++shopper) labels.shoppers.push_back(shopper + 1);
  return labels;
}

template <class T>
void Shuffle(std::vector<T>& values, uint64_t seed) {
  Random random(seed);
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.NextBelow(i)]);
}

std::shared_ptr<const catalog::CatalogView> CatalogOf(const Shop& shop, const Labels& labels) {
  std::vector<catalog::Product> products(shop.product_count);
  for (uint32_t name = 0; name < shop.product_count; ++name) {
    catalog::Product& product = products[labels.products[name]];
    product.product_id = "p" + std::to_string(name);
    product.title = (name % 2 == 0 ? "green lamp no " : "blue cup no ") + std::to_string(name);
    product.categories = {{name % 2 == 0 ? "Lighting" : "Kitchen", "Leaf" + std::to_string(name % 6)}};
    product.brand = name % 4 < 2 ? "Lumo" : "Orto";
    product.created_at_ms = kNow - name * kDayMs;
    for (uint32_t k = 0; k < 24; ++k) {
      product.image_vector.push_back(static_cast<float>((name * 37 + k * k * 11) % 61) - 30);
    }
    product.price.price_minor = 500 + 37 * name;
  }
  return CatalogOfProducts(std::move(products));
}

InteractionLog LogOf(const Shop& shop, const Labels& labels) {
  InteractionLog log;
  for (const Act& act : shop.acts) {
    log.Add({ShopperHandle(labels.shoppers[act.shopper]), ProductIndex(labels.products[act.product]),
             act.kind, act.quantity, act.at_ms,
             act.order == 0 ? 0 : OrderHash("o" + std::to_string(act.order))});
  }
  return log;
}

// Shoppers who look at, put into the cart and buy products of their own colour, mostly; some come back.
Shop SomeShop(uint32_t shopper_count = 150) {
  Shop shop{60, shopper_count, {}};
  Random random(kSeed);
  uint32_t order = 0;
  for (uint32_t shopper = 0; shopper < shop.shopper_count; ++shopper) {
    for (uint64_t visit = 2 + random.NextBelow(3); visit > 0; --visit) {
      const int64_t start = kNow - static_cast<int64_t>(1 + random.NextBelow(90 * kDayMs));
      std::set<uint32_t> products;
      while (products.size() < 4) {
        const auto taste =
            static_cast<uint32_t>(random.NextBelow(8) == 0 ? random.NextBelow(2) : shopper % 2);
        // The square makes some products popular; names are not in the order of popularity.
        const double unit = random.NextUnit();
        products.insert((static_cast<uint32_t>(unit * unit * 30) * 7 % 30) * 2 + taste);
      }
      int64_t at_ms = start;
      const bool buys = random.NextBelow(3) > 0;
      if (buys) ++order;
      for (const uint32_t product : products) {
        // Different everywhere, so that only what is equal in fact is a tie.
        at_ms += 1'000 + static_cast<int64_t>(random.NextBelow(60'000));
        shop.acts.push_back({shopper, product, InteractionKind::kView, 1, at_ms, 0});
        if (!buys || random.NextBelow(4) == 0) continue;
        shop.acts.push_back({shopper, product, InteractionKind::kCart, 1, at_ms + 500, 0});
        shop.acts.push_back({shopper, product, InteractionKind::kPurchase,
                             static_cast<float>(1 + random.NextBelow(3)), start + kHourMs, order});
      }
    }
  }
  // One product that everybody looks at since this morning: something trends.
  for (uint32_t shopper = 0; shopper < 40; ++shopper) {
    shop.acts.push_back({shopper, 10, InteractionKind::kView, 1, kNow - (shopper + 1) * 7 * kMinuteMs, 0});
  }
  return shop;
}

std::shared_ptr<const ModelSet> TrainOn(const InteractionLog& log, const catalog::CatalogView* catalog,
                                        int threads = 1) {
  TrainingControl control;
  control.thread_count = threads;
  auto set = TrainModelSet(log, catalog, {Generation(1), Sequence(7), kNow}, {}, control);
  CHECK(set.ok());
  return *set;
}

std::shared_ptr<const ModelSet> TrainOn(const Shop& shop, const Labels& labels) {
  return TrainOn(LogOf(shop, labels), CatalogOf(shop, labels).get());
}

// One question in names.
struct Question {
  std::vector<uint32_t> seeds;
  std::vector<uint32_t> purchases;
  bool may_repeat = false;
};

const std::vector<Question>& Questions() {
  static const std::vector<Question> questions = {{{2, 6, 11}, {}, false},    {{0}, {}, false},
                                                  {{5, 9}, {14, 2}, false},   {{}, {3, 7, 8}, true},
                                                  {{2, 6, 11}, {2, 8}, true}, {{}, {}, false}};
  return questions;
}

std::vector<Candidate> Ask(const CandidateSource& source, const Question& question, const Labels& labels,
                           const catalog::CatalogView* catalog, size_t limit) {
  std::vector<Seed> seeds;
  std::vector<Seed> purchases;
  const auto index_of = [&](uint32_t name) {
    return ProductIndex(name < labels.products.size() ? labels.products[name] : name);
  };
  for (const uint32_t name : question.seeds) {
    const auto place = static_cast<int64_t>(seeds.size());
    seeds.push_back({index_of(name), place == 0 ? 1 : 0.5f, kNow - (place + 1) * kHourMs, 0});
  }
  for (const uint32_t name : question.purchases) {
    const auto place = static_cast<int64_t>(purchases.size());
    purchases.push_back({index_of(name), 2, kNow - (20 + place) * kDayMs, kNow - (60 + 2 * place) * kDayMs});
  }
  SourceQuery query;
  query.seeds = seeds;
  query.purchases = purchases;
  query.now_ms = kNow;
  query.may_repeat = question.may_repeat;
  query.catalog = catalog;
  std::vector<Candidate> out;
  source.Retrieve(query, limit, out);
  return out;
}

// The rules of CandidateSource, for every source and question.
void ExpectSoundAnswers(const ModelSet& set, const Shop& shop, const Labels& labels,
                        const catalog::CatalogView* catalog) {
  for (const std::string_view name : set.source_names()) {
    SCOPED_TRACE(std::string(name));
    const CandidateSource& source = *set.Source(name);
    EXPECT_EQ(source.name(), name);
    for (const Question& question : Questions()) {
      const auto all = Ask(source, question, labels, catalog, 1'000);
      std::set<uint32_t> seen;
      for (size_t i = 0; i < all.size(); ++i) {
        EXPECT_TRUE(seen.insert(all[i].product.value()).second) << "answered twice";
        EXPECT_LT(all[i].product.value(), std::max(shop.product_count, 1u) + 20);
        EXPECT_TRUE(std::isfinite(all[i].score));
        if (i == 0) continue;
        EXPECT_GE(all[i - 1].score, all[i].score);
        // own_frequency puts the latest purchase first.
        if (all[i - 1].score != all[i].score || name == "own_frequency") continue;
        EXPECT_TRUE(set.ties()->IsBefore(all[i - 1].product.value(), all[i].product.value()))
            << "equal scores stand in the order of the hashes of external ids, at " << i;
      }
      for (const uint32_t seed : question.seeds) {
        const bool was_bought = std::count(question.purchases.begin(), question.purchases.end(), seed) > 0;
        if (question.may_repeat || was_bought || seed >= shop.product_count) continue;
        EXPECT_FALSE(seen.contains(labels.products[seed])) << "a seed was answered";
      }
      const auto few = Ask(source, question, labels, catalog, 3);
      ASSERT_EQ(few.size(), std::min<size_t>(3, all.size()));
      for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].product, all[i].product);
      EXPECT_TRUE(Ask(source, question, labels, catalog, 0).empty());
    }
  }
}

// How far two scores may be apart, as a share of the answer's largest, when shoppers or products come in
// another order: sums of floats are rounded otherwise then.  Counts are exact.
double AllowedDifference(std::string_view source) { return source == AlsModel::kName ? 2e-3 : 1e-5; }

// In names, so that it does not show how products are numbered.
std::map<uint32_t, double> ScoresByName(const CandidateSource& source, const Question& question,
                                        const Labels& labels, const catalog::CatalogView* catalog) {
  std::vector<uint32_t> names(labels.products.size());
  for (uint32_t name = 0; name < names.size(); ++name) names[labels.products[name]] = name;
  std::map<uint32_t, double> scores;
  for (const Candidate& candidate : Ask(source, question, labels, catalog, 1'000)) {
    scores[names[candidate.product.value()]] = static_cast<double>(candidate.score);
  }
  return scores;
}

void ExpectSameAnswersByName(const Shop& shop, const Labels& labels_a, const Labels& labels_b) {
  const auto catalog_a = CatalogOf(shop, labels_a);
  const auto catalog_b = CatalogOf(shop, labels_b);
  const auto a = TrainOn(LogOf(shop, labels_a), catalog_a.get());
  const auto b = TrainOn(LogOf(shop, labels_b), catalog_b.get());
  ASSERT_EQ(a->source_names(), b->source_names());
  for (const std::string_view name : a->source_names()) {
    SCOPED_TRACE(std::string(name));
    for (const Question& question : Questions()) {
      auto first = ScoresByName(*a->Source(name), question, labels_a, catalog_a.get());
      auto second = ScoresByName(*b->Source(name), question, labels_b, catalog_b.get());
      double largest = 0;
      for (const auto& [product, score] : first) largest = std::max(largest, std::abs(score));
      const double allowed = AllowedDifference(name) * largest;
      // A product with a score near zero may be answered by one and not by the other.
      for (const auto& [product, score] : first) second.try_emplace(product, 0);
      for (const auto& [product, score] : second) {
        EXPECT_NEAR(first[product], score, allowed) << "product " << product;
      }
    }
  }
}

void ExpectSameBytesAfterLoading(const ModelSet& set, const Labels& labels,
                                 const catalog::CatalogView* catalog) {
  const std::string bytes = set.Save();
  const auto loaded = ModelSet::Load(bytes);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->Save(), bytes);
  ASSERT_EQ((*loaded)->source_names(), set.source_names());
  for (const std::string_view name : set.source_names()) {
    SCOPED_TRACE(std::string(name));
    for (const Question& question : Questions()) {
      const auto expected = Ask(*set.Source(name), question, labels, catalog, 50);
      const auto actual = Ask(*(*loaded)->Source(name), question, labels, catalog, 50);
      ASSERT_EQ(actual.size(), expected.size());
      for (size_t i = 0; i < actual.size(); ++i) {
        EXPECT_EQ(actual[i].product, expected[i].product);
        EXPECT_EQ(actual[i].score, expected[i].score);
        EXPECT_EQ(actual[i].has_because, expected[i].has_because);
        if (actual[i].has_because) {
          EXPECT_EQ(actual[i].because, expected[i].because);
        }
      }
    }
  }
}

// Everything a set must hold on its own.
void ExpectConforms(const Shop& shop, bool with_catalog = true) {
  const Labels labels = PlainLabels(shop);
  const auto catalog = with_catalog ? CatalogOf(shop, labels) : nullptr;
  const auto set = TrainOn(LogOf(shop, labels), catalog.get());
  ExpectSoundAnswers(*set, shop, labels, catalog.get());
  ExpectSameBytesAfterLoading(*set, labels, catalog.get());
  EXPECT_EQ(TrainOn(LogOf(shop, labels), catalog.get(), 3)->Save(), set->Save());
}

TEST(ModelConformanceTest, AnOrdinaryShop) {
  const Shop shop = SomeShop();
  ExpectConforms(shop);
  ExpectConforms(shop, false);
  // Every source has something to say to some question, so that no test here passes for want of answers.
  const Labels labels = PlainLabels(shop);
  const auto catalog = CatalogOf(shop, labels);
  const auto set = TrainOn(shop, labels);
  for (const std::string_view name : set->source_names()) {
    if (name == "new_for_you") continue;  // This shop has no product without shoppers.
    size_t answers = 0;
    for (const Question& question : Questions()) {
      answers += Ask(*set->Source(name), question, labels, catalog.get(), 20).size();
    }
    EXPECT_GT(answers, 0u) << name;
  }
}

TEST(ModelConformanceTest, AShopWithEnoughPurchasesToChooseTheMethodOfAlsoBought) {
  const Shop shop = SomeShop(700);
  ASSERT_GE(CountForTraining(LogOf(shop, PlainLabels(shop)), nullptr).purchase_lists, kMethodChoiceListsMin);
  ExpectConforms(shop);
}

TEST(ModelConformanceTest, ThreadsAndTheOrderOfRowsChangeNoByte) {
  Shop shop = SomeShop();
  const Labels labels = PlainLabels(shop);
  const auto catalog = CatalogOf(shop, labels);
  const std::string bytes = TrainOn(LogOf(shop, labels), catalog.get())->Save();
  for (const int threads : {2, 5}) {
    EXPECT_EQ(TrainOn(LogOf(shop, labels), catalog.get(), threads)->Save(), bytes) << threads;
  }
  Shuffle(shop.acts, kSeed + 1);
  EXPECT_EQ(TrainOn(LogOf(shop, labels), catalog.get())->Save(), bytes);
}

TEST(ModelConformanceTest, RelabelledProductsGiveTheSameAnswersRelabelled) {
  const Shop shop = SomeShop();
  const Labels plain = PlainLabels(shop);
  Labels other = plain;
  Shuffle(other.products, kSeed + 2);
  ExpectSameAnswersByName(shop, plain, other);
}

TEST(ModelConformanceTest, RelabelledShoppersGiveTheSameAnswers) {
  const Shop shop = SomeShop();
  const Labels plain = PlainLabels(shop);
  Labels other = plain;
  Shuffle(other.shoppers, kSeed + 3);
  ExpectSameAnswersByName(shop, plain, other);
}

TEST(ModelConformanceTest, AnEmptyLog) {
  ExpectConforms({0, 0, {}}, false);
  ExpectConforms({0, 0, {}});
  ExpectConforms({20, 0, {}});
}

TEST(ModelConformanceTest, OneProduct) {
  Shop shop{1, 30, {}};
  for (uint32_t shopper = 0; shopper < shop.shopper_count; ++shopper) {
    const int64_t at_ms = kNow - (shopper + 1) * kHourMs;
    shop.acts.push_back({shopper, 0, InteractionKind::kView, 1, at_ms, 0});
    shop.acts.push_back({shopper, 0, InteractionKind::kPurchase, 1, at_ms + kMinuteMs, shopper + 1});
  }
  ExpectConforms(shop);
  ExpectConforms(shop, false);
}

TEST(ModelConformanceTest, OneShopper) {
  Shop shop{30, 1, {}};
  for (uint32_t product = 0; product < shop.product_count; ++product) {
    const int64_t at_ms = kNow - (product + 1) * kHourMs;
    shop.acts.push_back({0, product, InteractionKind::kView, 1, at_ms, 0});
    shop.acts.push_back({0, product, InteractionKind::kPurchase, 1, at_ms + kMinuteMs, product / 3 + 1});
  }
  ExpectConforms(shop);
  ExpectConforms(shop, false);
}

TEST(ModelConformanceTest, DuplicateEvents) {
  const Shop shop = SomeShop();
  Shop twice = shop;
  twice.acts.insert(twice.acts.end(), shop.acts.begin(), shop.acts.end());
  ExpectConforms(twice);
  // The same click a thousand times over.
  Shop often = shop;
  for (int i = 0; i < 1'000; ++i) often.acts.push_back(shop.acts[static_cast<size_t>(i % 3)]);
  ExpectConforms(often);
}

TEST(ModelConformanceTest, CountsAndTimesThatOverflow) {
  const Shop shop = SomeShop();
  for (const float quantity : {1e9f, std::numeric_limits<float>::max(), 0.0f, -3.0f}) {
    SCOPED_TRACE(quantity);
    Shop absurd = shop;
    for (size_t i = 0; i < absurd.acts.size(); i += 5) absurd.acts[i].quantity = quantity;
    ExpectConforms(absurd);
  }
  for (const int64_t at_ms : {int64_t{0}, int64_t{-1}, kNow + 10 * kDayMs, int64_t{4'000'000'000'000}}) {
    SCOPED_TRACE(at_ms);
    Shop absurd = shop;
    for (size_t i = 0; i < absurd.acts.size(); i += 5) absurd.acts[i].at_ms = at_ms;
    ExpectConforms(absurd);
  }
}

}  // namespace
}  // namespace attune::models
