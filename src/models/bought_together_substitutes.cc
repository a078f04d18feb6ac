#include "models/bought_together_substitutes.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"

namespace attune::models {
namespace {

// A pause this long ends a visit, as in events/.
constexpr int64_t kVisitGapMs = 30 * kMinuteMs;

uint64_t LeafHash(const catalog::Product& product) {
  if (product.categories.empty() || product.categories.front().empty()) return 0;
  uint64_t hash = 1;
  for (const std::string& level : product.categories.front()) hash = MixHash64(hash, StableHash64(level));
  return hash == 0 ? 1 : hash;
}

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

std::vector<uint64_t> TitleWords(std::string_view title) {
  std::vector<uint64_t> words;
  std::string word;
  for (size_t i = 0; i <= title.size(); ++i) {
    if (i < title.size() && IsWordByte(title[i])) {
      const char c = title[i];
      word.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    } else if (!word.empty()) {
      words.push_back(StableHash64(word));
      word.clear();
    }
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

// Members of both sorted ranges.
template <class A, class B>
size_t CountShared(const A& a, const B& b) {
  size_t count = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i < *j) {
      ++i;
    } else if (*j < *i) {
      ++j;
    } else {
      ++count;
      ++i;
      ++j;
    }
  }
  return count;
}

// The latest products of rows [begin, end), each once, as one visit.
void AddVisit(std::span<const Interaction> rows, std::vector<uint32_t>& scratch, Groups& visits) {
  scratch.clear();
  for (size_t i = rows.size(); i-- > 0 && scratch.size() < kVisitProductsMax;) {
    const uint32_t product = rows[i].product.value();
    if (std::find(scratch.begin(), scratch.end(), product) == scratch.end()) scratch.push_back(product);
  }
  if (scratch.size() > 1) visits.AddSet(scratch);
}

Groups VisitsOf(const InteractionLog& log) {
  Groups visits;
  std::vector<uint32_t> scratch;
  std::vector<Interaction> views;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    views.clear();
    for (const Interaction& row : rows) {
      if (row.kind != InteractionKind::kView) continue;
      if (!views.empty() && row.at_ms - views.back().at_ms > kVisitGapMs) {
        AddVisit(views, scratch, visits);
        views.clear();
      }
      views.push_back(row);
    }
    AddVisit(views, scratch, visits);
  });
  visits.Finish(log.product_index_count());
  return visits;
}

}  // namespace

Substitutes::Substitutes(const InteractionLog& log, const catalog::CatalogView* catalog,
                         const BoughtTogetherOptions& options)
    : options_(options) {
  if (catalog == nullptr) return;
  const bool has_views = log.count(InteractionKind::kView) > 0;
  facts_.resize(log.product_index_count());
  for (uint32_t i = 0; i < facts_.size(); ++i) {
    const catalog::Product* product = catalog->Find(ProductIndex(i));
    if (product == nullptr) continue;
    facts_[i].leaf_hash = LeafHash(*product);
    facts_[i].price_minor = product->price.price_minor.value_or(0);
    if (!has_views) facts_[i].title_words = TitleWords(product->title);
  }
  if (has_views) visits_ = VisitsOf(log);
}

bool Substitutes::IsSubstitute(uint32_t a, uint32_t b, double together, double orders_a,
                               double orders_b) const {
  if (a >= facts_.size() || b >= facts_.size()) return false;
  if (facts_[a].leaf_hash == 0 || facts_[a].leaf_hash != facts_[b].leaf_hash) return false;
  if (together > options_.co_purchase_share_max * std::min(orders_a, orders_b)) return false;
  if (visits_.product_count() > 0) return CoViewCosine(a, b) >= options_.co_view_cosine_min;
  return LookAlike(facts_[a], facts_[b]);
}

double Substitutes::CoViewCosine(uint32_t a, uint32_t b) const {
  const auto visits_a = visits_.SetsOf(a);
  const auto visits_b = visits_.SetsOf(b);
  if (visits_a.empty() || visits_b.empty()) return 0;
  const double scale = std::sqrt(static_cast<double>(visits_a.size()) * static_cast<double>(visits_b.size()));
  return static_cast<double>(CountShared(visits_a, visits_b)) / scale;
}

bool Substitutes::LookAlike(const Facts& a, const Facts& b) const {
  if (a.price_minor <= 0 || b.price_minor <= 0) return false;
  const auto price_a = static_cast<double>(a.price_minor);
  const auto price_b = static_cast<double>(b.price_minor);
  if (std::max(price_a, price_b) >= options_.price_ratio_max * std::min(price_a, price_b)) return false;
  const size_t shared = CountShared(a.title_words, b.title_words);
  const size_t all = a.title_words.size() + b.title_words.size() - shared;
  return all > 0 && static_cast<double>(shared) >= options_.title_overlap_min * static_cast<double>(all);
}

}  // namespace attune::models
