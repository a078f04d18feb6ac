// GET /v1/trending: which categories and brands rise, and by which products.

#include <vector>

#include "base/json_writer.h"
#include "catalog/offer_terms.h"
#include "server/store.h"

namespace attune::server {
namespace {

constexpr int kScoreDecimals = 3;
// Products named per category or brand; asked for more, since some are sold out.
constexpr size_t kShownProducts = 4;
constexpr size_t kAskedProducts = 20;

// The rising products of a shelf that can be had now.
std::vector<ProductIndex> RisingProducts(const models::CandidateSource& trending, http::TrendKind kind,
                                         const models::TrendingShelf& shelf,
                                         const catalog::CatalogView& catalog, int64_t now_ms) {
  models::SourceQuery query;
  query.now_ms = now_ms;
  query.catalog = &catalog;
  if (kind == http::TrendKind::kBrand) {
    query.brand = shelf.path.front();
  } else {
    query.category = shelf.path;
  }
  std::vector<models::Candidate> candidates;
  trending.Retrieve(query, kAskedProducts, candidates);
  std::vector<ProductIndex> rising;
  for (const models::Candidate& candidate : candidates) {
    if (rising.size() == kShownProducts) break;
    const catalog::Product* const product = catalog.Find(candidate.product);
    if (product == nullptr || product->is_hidden) continue;
    if (catalog::ResolveTerms(*product, {.now_ms = now_ms}).is_available())
      rising.push_back(candidate.product);
  }
  return rising;
}

}  // namespace

void Store::GetTrending(http::TrendKind kind, uint32_t limit, const http::Caller& /*caller*/,
                        http::Done done) {
  Touch();
  const auto directory = models_->published();
  const auto catalog = state_->catalog_view();
  JsonWriter json;
  json.BeginObject().Key("trending").BeginArray();
  const models::CandidateSource* const source = directory->Find(models::PopularityModel::kTrending);
  if (source != nullptr) {
    const models::TrendingShelves& shelves = directory->set()->trending_shelves();
    uint32_t written = 0;
    for (const auto& shelf : kind == http::TrendKind::kBrand ? shelves.brands() : shelves.categories()) {
      if (written == limit) break;
      const auto rising = RisingProducts(*source, kind, shelf, *catalog, services_.clock->NowMs());
      if (rising.empty()) continue;  // Nothing to be had: a link to it would disappoint.
      json.BeginObject();
      if (kind == http::TrendKind::kBrand) {
        json.Key("brand").String(shelf.path.front());
      } else {
        json.Key("category").BeginArray();
        for (const std::string& level : shelf.path) json.String(level);
        json.EndArray();
      }
      json.Key("score").Fixed(static_cast<double>(shelf.score), kScoreDecimals);
      json.Key("product_ids").BeginArray();
      for (const ProductIndex product : rising) json.String(catalog->IdOf(product));
      json.EndArray().EndObject();
      ++written;
    }
  }
  json.EndArray().EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

}  // namespace attune::server
