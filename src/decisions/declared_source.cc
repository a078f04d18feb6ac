#include "decisions/declared_source.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "decisions/limits.h"
#include "decisions/source_names.h"
#include "decisions/taste.h"
#include "features/affinities.h"
#include "features/preferences.h"

namespace attune::decisions {
namespace {

using Kind = features::Affinity::Kind;
using Scores =
    absl::flat_hash_map<ProductIndex, double>;  // Looked up and copied out, never walked for output.

constexpr double kListOffset = 10;

// Adds the bestsellers and the newest of the query's shelf.
void AddShelf(const DecideInput& input, const models::SourceQuery& query, size_t limit, double weight,
              Scores& scores) {
  std::vector<models::Candidate> shelf;
  for (const std::string_view name : {kBestsellers, kNewest}) {
    if (const models::CandidateSource* const source = input.view.sources->Find(name)) {
      source->Retrieve(query, limit, shelf);
    }
  }
  absl::flat_hash_map<ProductIndex, bool> is_seen;
  size_t rank = 0;
  for (const models::Candidate& candidate : shelf) {
    if (!is_seen.emplace(candidate.product, true).second) continue;
    scores[candidate.product] += weight / (kListOffset + static_cast<double>(++rank));
  }
}

void WeighAttributes(const DecideInput& input, const std::vector<features::PreferenceStrength>& said,
                     bool must_match, Scores& scores) {
  for (auto entry = scores.begin(); entry != scores.end();) {
    const catalog::Product* const product = input.catalog.Find(entry->first);
    bool has_any = false;
    for (const features::PreferenceStrength& preference : said) {
      if (preference.kind != Kind::kAttribute || product == nullptr) continue;
      if (!Matches(preference.kind, preference.value, *product)) continue;
      has_any = true;
      entry->second *= 1 + preference.weight / features::kPreferenceWeight;
    }
    const auto next = std::next(entry);
    if (product == nullptr || (must_match && !has_any)) scores.erase(entry);
    entry = next;
  }
}

}  // namespace

void AddDeclared(const DecideInput& input, const models::SourceQuery& query, size_t limit,
                 std::vector<models::Candidate>& out) {
  if (input.profile == nullptr || input.profile->preferences.empty()) return;
  const auto said =
      features::StrongestPreferences(input.profile->preferences, input.now_ms, input.view.settings.features);
  if (said.empty()) return;
  Scores scores;
  size_t shelf_count = 0;
  for (const features::PreferenceStrength& preference : said) {
    if (preference.kind == Kind::kAttribute || shelf_count == kDeclaredShelvesMax) continue;
    ++shelf_count;
    models::SourceQuery shelf = query;
    std::vector<std::string> path;
    if (preference.kind == Kind::kCategory) {
      path = features::SplitCategory(preference.value);
      shelf.category = path;
      shelf.brand = {};
    } else {
      shelf.brand = preference.value;
    }
    AddShelf(input, shelf, limit, preference.weight, scores);
  }
  const bool has_attributes_only = shelf_count == 0;
  if (has_attributes_only) AddShelf(input, query, kSourceAskMax, 1, scores);
  WeighAttributes(input, said, has_attributes_only, scores);
  std::vector<std::pair<double, ProductIndex>> ranked;
  ranked.reserve(scores.size());
  for (const auto& [product, score] : scores) ranked.emplace_back(score, product);
  const models::ProductTies& ties = input.view.sources->ties();
  std::sort(ranked.begin(), ranked.end(), [&ties](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : ties.IsBefore(a.second.value(), b.second.value());
  });
  for (size_t i = 0; i < std::min(limit, ranked.size()); ++i) {
    out.push_back({ranked[i].second, static_cast<float>(ranked[i].first), {}, false});
  }
}

std::string DeclaredNameOf(const DecideInput& input, const catalog::Product& product) {
  if (input.profile == nullptr) return {};
  for (const features::PreferenceStrength& said : features::StrongestPreferences(
           input.profile->preferences, input.now_ms, input.view.settings.features)) {
    if (!Matches(said.kind, said.value, product)) continue;
    if (said.kind == Kind::kCategory) return features::SplitCategory(said.value).back();
    if (said.kind == Kind::kBrand) return std::string(said.value);
    return std::string(said.value.substr(said.value.find('=') + 1));
  }
  return {};
}

}  // namespace attune::decisions
