#include "server/search_facts_keeper.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace attune::server {
namespace {

const search::LocaleFacts* FindFacts(const search::FactsSet& set, const std::string& locale) {
  const auto found = std::find_if(set.locales.begin(), set.locales.end(),
                                  [&](const search::LocaleFacts& one) { return one.locale == locale; });
  return found == set.locales.end() ? nullptr : &*found;
}

}  // namespace

SearchFactsKeeper::SearchFactsKeeper(const Parts& parts)
    : parts_(parts), facts_(std::make_shared<const search::FactsSet>()) {}

SearchFactsKeeper::~SearchFactsKeeper() {
  is_stopping_ = true;
  WaitUntilMade();
}

void SearchFactsKeeper::WaitUntilMade() {
  if (making_.valid()) making_.wait();
}

bool SearchFactsKeeper::IsDue(const search::LocaleFacts* before, const catalog::CatalogView& catalog) const {
  if (before == nullptr) return true;
  if (before->catalog_sequence == catalog.sequence()) return false;
  const bool is_small = catalog.product_count() <= parts_.small_products_max;
  const int64_t age_ms = parts_.clock->NowMs() - before->made_at_ms;
  return age_ms >= (is_small ? kRenewSmallMs : kRenewLargeMs);
}

// Languages that are gone are left out.
void SearchFactsKeeper::Make(const search::IndexSet& indexes) {
  const auto before = facts_.Acquire();
  auto next = std::make_shared<search::FactsSet>();
  for (const search::LocaleIndex& one : indexes.locales) {
    const search::LocaleFacts* const known = FindFacts(*before, one.locale);
    if (!IsDue(known, *indexes.catalog)) {
      next->locales.push_back(*known);
      continue;
    }
    auto facts = search::SearchFacts::Build(*indexes.catalog, one.locale, *one.analyzer, &is_stopping_);
    if (facts == nullptr) return;
    next->locales.push_back(
        {one.locale, std::move(facts), indexes.catalog->sequence(), parts_.clock->NowMs()});
  }
  facts_.Publish(std::move(next));
}

void SearchFactsKeeper::Maintain() {
  if (making_.valid() && making_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  const auto indexes = parts_.indexes->Acquire();
  if (indexes->catalog == nullptr) return;
  const auto facts = facts_.Acquire();
  const bool is_due =
      std::any_of(indexes->locales.begin(), indexes->locales.end(), [&](const search::LocaleIndex& one) {
        return IsDue(FindFacts(*facts, one.locale), *indexes->catalog);
      });
  if (!is_due) return;
  if (indexes->catalog->product_count() <= parts_.small_products_max) return Make(*indexes);
  making_ = std::async(std::launch::async, [this, indexes] { Make(*indexes); });
}

}  // namespace attune::server
