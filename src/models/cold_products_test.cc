// A new product is shown to those who like what it is like, against a reference that reads like the formula.

#include "models/cold_products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/item_knn.h"
#include "models/sequence_file.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 40;  // Of these the last four are new.

std::shared_ptr<const catalog::CatalogView> Shop() {
  std::vector<catalog::Product> products(kProducts);
  for (uint32_t i = 0; i < kProducts; ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].title =
        std::string(i % 2 == 0 ? "green lamp" : "blue cup") + " model" + std::to_string(i / 4);
  }
  return CatalogOfProducts(std::move(products));
}

InteractionLog Activity() {
  InteractionLog log;
  Random random(5);
  for (uint64_t shopper = 1; shopper <= 240; ++shopper) {
    for (int i = 0; i < 4; ++i) {
      const auto product = static_cast<uint32_t>(random.NextBelow(18) * 2 + shopper % 2);
      log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kView, 1, 1000 + i, 0});
    }
  }
  return log;
}

std::shared_ptr<const ContentModel> Content() {
  auto content = ContentModel::Train(*Shop(), nullptr, ProductTies::Make(Shop().get()), {}, {});
  CHECK(content.ok());
  return *content;
}

SparseRows TrainOrDie(const InteractionLog& log, const ContentModel& content, int threads = 1,
                      const ColdProductOptions& options = {}) {
  TrainingControl control;
  control.thread_count = threads;
  auto rows = TrainColdProducts(log, content, options, control);
  CHECK(rows.ok());
  return std::move(rows).value();
}

TEST(ColdProductsTest, RowsAreThoseOfTheFormula) {
  const InteractionLog log = Activity();
  const auto content = Content();
  std::vector<std::set<uint32_t>> touched(kProducts);
  Sequences baskets;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    std::set<uint32_t> products;
    for (const Interaction& row : rows) products.insert(row.product.value());
    for (const uint32_t product : products) {
      touched[product].insert(static_cast<uint32_t>(rows.front().shopper.value()));
    }
    if (products.size() > 1) baskets.Add(std::vector<uint32_t>(products.begin(), products.end()));
  });
  const auto alike = TrainItemKnn(baskets, kProducts, CosineOptions());
  ASSERT_TRUE(alike.ok());
  const ColdProductOptions options;
  std::map<std::pair<uint32_t, uint32_t>, double> expected;
  for (uint32_t cold = 0; cold < kProducts; ++cold) {
    if (touched[cold].size() > options.support_max) continue;
    for (const Neighbour& like : content->rows().Of(cold)) {
      if (like.product != cold) expected[{like.product, cold}] += like.weight;
      for (uint32_t seed = 0; seed < kProducts; ++seed) {
        for (const Neighbour& to : alike->Of(seed)) {
          if (to.product == like.product && seed != cold)
            expected[{seed, cold}] += like.weight * options.collaboration * to.weight;
        }
      }
    }
  }
  ASSERT_FALSE(expected.empty());
  const SparseRows rows = TrainOrDie(log, *content);
  size_t cells = 0;
  for (uint32_t seed = 0; seed < kProducts; ++seed) {
    for (const Neighbour& cell : rows.Of(seed)) {
      const auto found = expected.find({seed, cell.product});
      ASSERT_NE(found, expected.end()) << seed << " -> " << cell.product;
      EXPECT_NEAR(cell.weight, found->second, 1e-4 * found->second);
      ++cells;
    }
  }
  EXPECT_EQ(cells, expected.size());
}

TEST(ColdProductsTest, NewProductsGoToThoseWhoLikeTheirKindAndKnownOnesToNobody) {
  const SparseRows rows = TrainOrDie(Activity(), *Content());
  for (uint32_t seed = 0; seed < 36; ++seed) {
    for (const Neighbour& cell : rows.Of(seed)) EXPECT_GE(cell.product, 36u) << seed;
    // Lamps (even) have new lamps first.
    if (!rows.Of(seed).empty()) {
      EXPECT_EQ(rows.Of(seed)[0].product % 2, seed % 2) << seed;
    }
  }
}

TEST(ColdProductsTest, ThreadsDoNotChangeABitAndLimitsHold) {
  const InteractionLog log = Activity();
  const auto content = Content();
  EXPECT_EQ(TrainOrDie(log, *content, 1), TrainOrDie(log, *content, 4));
  ColdProductOptions options;
  options.row_cells_max = 1;
  const SparseRows rows = TrainOrDie(log, *content, 1, options);
  for (uint32_t seed = 0; seed < kProducts; ++seed) EXPECT_LE(rows.Of(seed).size(), 1u);
}

TEST(ColdProductsTest, NoEventsNoProductsAndWrongOptions) {
  const auto content = Content();
  const SparseRows likeness = TrainOrDie(InteractionLog(), *content);  // All are new: likeness alone.
  EXPECT_EQ(likeness.Of(0).size(), content->rows().Of(0).size());
  const auto empty = ContentModel::Train(*CatalogOfProducts({}), nullptr, ProductTies::Make(nullptr), {}, {});
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(TrainOrDie(Activity(), **empty).neighbour_count(), 0u);
  const auto field_of = [&](const ColdProductOptions& options) {
    return TrainColdProducts(Activity(), *content, options, {}).status().field();
  };
  EXPECT_EQ(field_of({.collaboration = -1}), "collaboration");
  EXPECT_EQ(field_of({.collaboration = NAN}), "collaboration");
  EXPECT_EQ(field_of({.shopper_products_max = 0}), "shopper_products_max");
  EXPECT_EQ(field_of({.row_cells_max = 0}), "row_cells_max");
}

}  // namespace
}  // namespace attune::models
