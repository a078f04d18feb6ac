// A small shop for the tests of this room: products, sources that answer from a list, a view, a profile.
//
//   ShopForTests shop;
//   const ProductIndex lamp = shop.Add("lamp", {"Home", "Lighting"}, "Lumo", 2490);
//   shop.Source("bestsellers", {lamp});
//   Decision decision = shop.Decide("home_trending");
//
// Only for tests.

#ifndef ATTUNE_DECISIONS_SHOP_FOR_TESTS_H_
#define ATTUNE_DECISIONS_SHOP_FOR_TESTS_H_

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog_view.h"
#include "catalog/product_ids.h"
#include "catalog/sale_shelf.h"
#include "decisions/decide.h"
#include "decisions/replay.h"
#include "decisions/retrieve.h"

namespace attune::decisions {

inline constexpr int64_t kTestNowMs = 1'770'000'000'000;

// Answers its list, without the products that speak for the shopper unless the query allows repeats.
class ListedSource final : public models::CandidateSource {
 public:
  ListedSource(std::string name, std::vector<models::Candidate> list)
      : name_(std::move(name)), list_(std::move(list)) {}
  std::string_view name() const override { return name_; }
  void Retrieve(const models::SourceQuery& query, size_t limit,
                std::vector<models::Candidate>& out) const override {
    size_t given = 0;
    for (const models::Candidate& candidate : list_) {
      if (given == limit) return;
      const bool is_seed = std::any_of(query.seeds.begin(), query.seeds.end(),
                                       [&](const models::Seed& s) { return s.product == candidate.product; });
      if (is_seed && !query.may_repeat) continue;
      out.push_back(candidate);
      ++given;
    }
  }

 private:
  const std::string name_;
  const std::vector<models::Candidate> list_;
};

class ListedVectors final : public models::VectorLookup {
 public:
  explicit ListedVectors(std::vector<std::vector<float>> vectors) : vectors_(std::move(vectors)) {}
  std::span<const float> VectorOf(ProductIndex product) const override {
    return product.value() < vectors_.size() ? std::span<const float>(vectors_[product.value()])
                                             : std::span<const float>();
  }

 private:
  const std::vector<std::vector<float>> vectors_;
};

class ListedDirectory final : public SourceDirectory {
 public:
  const models::CandidateSource* Find(std::string_view name) const override {
    const auto found = sources.find(name);
    return found == sources.end() ? nullptr : found->second.get();
  }
  const models::ProductTies& ties() const override { return *product_ties; }
  const models::Ranker* ranker() const override { return learned.get(); }
  std::vector<SourceGeneration> generations() const override {
    std::vector<SourceGeneration> all;
    for (const auto& [name, source] : sources) all.push_back({name, Generation(3)});
    return all;
  }

  const models::ProductTally* tally() const override { return product_tally.get(); }
  const models::QueryClicks* query_clicks() const override { return wanted.get(); }
  const models::VectorLookup* vectors() const override { return product_vectors.get(); }

  std::shared_ptr<const models::ProductTally> product_tally;    // Null: none.
  std::shared_ptr<const models::QueryClicks> wanted;            // Null: none.
  std::shared_ptr<const models::VectorLookup> product_vectors;  // Null: none.
  std::map<std::string, std::shared_ptr<const models::CandidateSource>, std::less<>> sources;
  std::shared_ptr<const models::ProductTies> product_ties = models::ProductTies::Make(nullptr);
  std::shared_ptr<const models::Ranker> learned;
};

class ShopForTests {
 public:
  ShopForTests() {
    view.sequence = Sequence(100);
    view.sources = directory_;
    view.placements = std::make_shared<const PlacementSet>();
    profile.last_sequence = Sequence(90);
    profile.cart_history.settled_at_ms = kTestNowMs - 1;  // So that the cart is not an expired one.
  }

  ProductIndex Add(const std::string& id, std::vector<std::string> category = {},
                   const std::string& brand = {}, int64_t price_minor = 1000) {
    catalog::Product product;
    product.product_id = id;
    product.title = "Title of " + id;
    product.brand = brand;
    if (!category.empty()) product.categories.push_back(std::move(category));
    product.price.price_minor = price_minor;
    product.price.currency = *Currency::Parse("EUR");
    const ProductIndex index(static_cast<uint32_t>(products.size()));
    products.push_back(std::move(product));
    ids_->AddName(index, id);
    ids_->SetHasProduct(index, true);
    return index;
  }
  catalog::Product& At(ProductIndex index) { return products[index.value()]; }

  // Seeds are not named as reasons; see SourceBecause().
  void Source(const std::string& name, const std::vector<ProductIndex>& list) {
    std::vector<models::Candidate> candidates;
    for (const ProductIndex product : list) {
      candidates.push_back({product, 1.0F / static_cast<float>(candidates.size() + 1), {}, false});
    }
    directory_->sources[name] = std::make_shared<const ListedSource>(name, std::move(candidates));
  }
  void SetSource(const std::string& name, std::shared_ptr<const models::CandidateSource> source) {
    directory_->sources[name] = std::move(source);
  }
  void SourceBecause(const std::string& name,
                     const std::vector<std::pair<ProductIndex, ProductIndex>>& list) {
    std::vector<models::Candidate> candidates;
    for (const auto& [product, because] : list) candidates.push_back({product, 1, because, true});
    directory_->sources[name] = std::make_shared<const ListedSource>(name, std::move(candidates));
  }

  void Tally(std::vector<float> popularity, std::vector<models::SlateOutcomes> outcomes) {
    directory_->product_tally =
        std::make_shared<const models::ProductTally>(std::move(popularity), std::move(outcomes));
  }
  void Queries(std::shared_ptr<const models::QueryClicks> wanted) { directory_->wanted = std::move(wanted); }
  void Vectors(std::vector<std::vector<float>> vectors) {
    directory_->product_vectors = std::make_shared<const ListedVectors>(std::move(vectors));
  }

  void Learn(models::RankerParts parts) {
    directory_->learned = std::make_shared<const models::Ranker>(std::move(parts));
  }

  void Put(Placement placement) { view.placements = view.placements->Put(std::move(placement)).value(); }
  Placement Get(std::string_view id) const { return *view.placements->Find(id); }

  std::shared_ptr<const catalog::CatalogView> Catalog() const {
    using catalog::CatalogView;
    std::vector<std::shared_ptr<const CatalogView::Chunk>> chunks;
    for (size_t i = 0; i < products.size(); i += CatalogView::kChunkSize) {
      auto chunk = std::make_shared<CatalogView::Chunk>();
      for (size_t j = i; j < std::min<size_t>(products.size(), i + CatalogView::kChunkSize); ++j) {
        if (!products[j].product_id.empty()) {
          chunk->Put(static_cast<uint32_t>(j - i), std::make_shared<const catalog::Product>(products[j]));
        }
      }
      chunks.push_back(std::move(chunk));
    }
    const auto count = static_cast<uint32_t>(products.size());
    catalog::SaleShelf sales;
    for (uint32_t i = 0; i < count; ++i) sales.Replace(ProductIndex(i), nullptr, &products[i]);
    return std::make_shared<const CatalogView>(Sequence(95), count, count, std::move(chunks), ids_,
                                               sales.Top());
  }

  struct Made {
    Decision decision;
    DecisionTrace trace;
    DecisionRecord record;
    std::shared_ptr<const catalog::CatalogView> catalog;
  };
  Result<Made> TryDecide(const ResolvedRequest& resolved, bool is_personalized = true,
                         uint64_t seed = 7) const {
    Made made;
    made.catalog = Catalog();
    ASSIGN_OR_RETURN(const Placement* const placement, FindPlacement(view, resolved.placement));
    const DecideInput input{resolved,      view,       *placement, is_personalized ? &profile : nullptr,
                            *made.catalog, kTestNowMs, seed};
    ASSIGN_OR_RETURN(made.decision, decisions::Decide(input, DecisionId{1, 2}, &made.trace));
    made.record =
        MakeDecisionRecord(input, made.decision, made.trace, {{ShopperHandle(77)}, profile.last_sequence});
    return made;
  }
  Made Decide(const ResolvedRequest& resolved, bool is_personalized = true) const {
    return TryDecide(resolved, is_personalized).value();
  }
  Made Decide(std::string_view placement) const {
    ResolvedRequest resolved;
    resolved.placement = placement;
    return Decide(resolved);
  }
  WhyNot Why(const ResolvedRequest& resolved, ProductIndex product, bool is_personalized = true) const {
    const auto catalog = Catalog();
    const DecideInput input{resolved,
                            view,
                            *FindPlacement(view, resolved.placement).value(),
                            is_personalized ? &profile : nullptr,
                            *catalog,
                            kTestNowMs,
                            7};
    return ExplainWhyNot(input, product).value();
  }

  std::vector<catalog::Product> products;  // An empty product_id: an index without a product.
  StoreView view;
  features::ShopperProfile profile;

 private:
  std::shared_ptr<ListedDirectory> directory_ = std::make_shared<ListedDirectory>();
  std::shared_ptr<catalog::ProductIds> ids_ = std::make_shared<catalog::ProductIds>();
};

inline std::vector<std::string> IdsOf(const Decision& decision) {
  std::vector<std::string> ids;
  for (const DecidedProduct& product : decision.products) ids.push_back(product.product_id);
  return ids;
}

inline std::vector<std::string> SourcesOf(const Decision& decision) {
  std::vector<std::string> sources;
  for (const DecidedProduct& product : decision.products) sources.push_back(product.source);
  return sources;
}

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SHOP_FOR_TESTS_H_
