// Names and aliases of products: who wins, what is kept for ever, and reading while the writer adds.

#include "catalog/product_ids.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"

namespace attune::catalog {
namespace {

TEST(ProductIdsTest, AnIndexKeepsItsNameAndAGapHasNone) {
  ProductIds ids;
  EXPECT_EQ(ids.index_count(), 0u);
  ids.AddName(ProductIndex(5), "lamp");
  ids.AddName(ProductIndex(5), "lamp");
  EXPECT_EQ(ids.index_count(), 6u);
  EXPECT_EQ(ids.IdOf(ProductIndex(5)), "lamp");
  EXPECT_EQ(ids.IdOf(ProductIndex(4)), "");
  EXPECT_EQ(ids.IdOf(ProductIndex(0xffffffff)), "");
  EXPECT_EQ(ids.Resolve("lamp"), ProductIndex(5));
  EXPECT_EQ(ids.Resolve("lam"), std::nullopt);
  EXPECT_EQ(ids.Resolve(""), std::nullopt);
}

TEST(ProductIdsTest, AProductWinsOverAnAliasAndAnAliasOverAPlaceholder) {
  ProductIds ids;
  ids.AddName(ProductIndex(0), "L-77");  // An event named a sku.
  ids.AddName(ProductIndex(1), "p1");
  ids.SetHasProduct(ProductIndex(1), true);
  EXPECT_EQ(ids.Resolve("L-77"), ProductIndex(0));
  ids.SetAlias("L-77", ProductIndex(1));
  EXPECT_EQ(ids.Resolve("L-77"), ProductIndex(1));
  ids.SetHasProduct(ProductIndex(0), true);
  EXPECT_EQ(ids.Resolve("L-77"), ProductIndex(0));
  ids.SetHasProduct(ProductIndex(0), false);
  ids.RemoveAlias("L-77");
  EXPECT_EQ(ids.Resolve("L-77"), ProductIndex(0));
}

TEST(ProductIdsTest, NamesOfAllLengthsAndBytesAreKeptApart) {
  ProductIds ids;
  std::map<std::string, uint32_t> reference;
  Random random(7);
  for (uint32_t i = 0; i < 5000; ++i) {
    std::string name;
    const size_t size = 1 + random.NextBelow(i % 50 == 0 ? 300 : 6);
    for (size_t k = 0; k < size; ++k) name += static_cast<char>(random.NextBelow(256));
    if (!reference.emplace(name, i).second) continue;
    ids.AddName(ProductIndex(i), name);
  }
  ASSERT_GT(reference.size(), 3000u);
  for (const auto& [name, index] : reference) {
    EXPECT_EQ(ids.FindName(name), ProductIndex(index));
    EXPECT_EQ(ids.IdOf(ProductIndex(index)), name);
  }
}

TEST(ProductIdsTest, ReadersSeeWholeNamesWhileTheWriterAdds) {
  ProductIds ids;
  constexpr uint32_t kCount = 20000;
  std::atomic<bool> is_done{false};
  std::atomic<uint64_t> seen{0};
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      Random random(static_cast<uint64_t>(r));
      bool last_round = false;
      while (!last_round) {
        last_round = is_done.load();
        const auto index = static_cast<uint32_t>(random.NextBelow(kCount));
        const std::string expected = "product-" + std::to_string(index);
        const std::string_view name = ids.IdOf(ProductIndex(index));
        if (!name.empty()) {
          EXPECT_EQ(name, expected);
          seen.fetch_add(1);
        }
        const auto found = ids.Resolve(expected);
        EXPECT_EQ(found.value_or(ProductIndex(index)), ProductIndex(index));
      }
    });
  }
  for (uint32_t i = 0; i < kCount; ++i) ids.AddName(ProductIndex(i), "product-" + std::to_string(i));
  is_done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(seen.load(), 0u);
  EXPECT_EQ(ids.index_count(), kCount);
}

}  // namespace
}  // namespace attune::catalog
