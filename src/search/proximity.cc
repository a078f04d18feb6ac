#include "search/proximity.h"

#include <algorithm>
#include <array>
#include <limits>

#include "search/document_words.h"
#include "search/limits.h"

namespace attune::search {
namespace {

constexpr uint32_t kNowhere = std::numeric_limits<uint32_t>::max();

struct Place {
  uint32_t position = 0;
  uint32_t words = 0;  // Bit of each query word that stands there.
};

float BoostOfGap(uint32_t gap) {
  const auto distance = static_cast<float>(1 + gap);
  return 1 / (distance * distance);
}

// The best of each pair within one field.
void TakeField(const std::vector<Place>& places, size_t word_count, std::array<float, kQueryWordsMax>& best) {
  std::array<uint32_t, kQueryWordsMax> last;
  last.fill(kNowhere);
  for (const Place& place : places) {
    for (uint32_t word = 0; word < word_count; ++word) {
      if ((place.words >> word & 1) == 0) continue;
      if (word > 0 && last[word - 1] != kNowhere && last[word - 1] < place.position) {
        best[word - 1] = std::max(best[word - 1], BoostOfGap(place.position - last[word - 1] - 1));
      }
      if (word + 1 < word_count && last[word + 1] != kNowhere && last[word + 1] < place.position) {
        best[word] = std::max(best[word], BoostOfGap(place.position - last[word + 1]));
      }
    }
    for (uint32_t word = 0; word < word_count; ++word) {
      if ((place.words >> word & 1) != 0) last[word] = place.position;
    }
  }
}

}  // namespace

Proximity::Proximity(const QueryWords& query, const SearchIndex& index) : index_(index) {
  for (size_t i = 0; i < query.words.size(); ++i) {
    for (const Alternative& alternative : query.words[i].alternatives) {
      for (const uint32_t term : alternative.terms) terms_.emplace_back(term, alternative.covers);
    }
    const bool has_next = i + 1 < query.words.size();
    pairs_.push_back(has_next ? static_cast<float>(std::min(query.words[i].idf, query.words[i + 1].idf)) : 0);
  }
  std::sort(terms_.begin(), terms_.end());
  size_t kept = 0;
  for (const auto& entry : terms_) {
    if (kept > 0 && terms_[kept - 1].first == entry.first) {
      terms_[kept - 1].second |= entry.second;
    } else {
      terms_[kept++] = entry;
    }
  }
  terms_.resize(kept);
}

float Proximity::Of(std::string_view document_words) const {
  std::array<float, kQueryWordsMax> best = {};
  std::vector<Place> places;
  SearchField field_before = SearchField::kTitle;
  ForEachDocumentWord(document_words, [&](SearchField field, uint32_t word, uint32_t position) {
    if (field != field_before) {
      TakeField(places, pairs_.size(), best);
      places.clear();
      field_before = field;
    }
    if (field > SearchField::kTags) return false;
    const uint32_t term = index_.RecordOf(word).term;
    const auto found = std::lower_bound(terms_.begin(), terms_.end(), std::pair(term, uint32_t{0}));
    if (found == terms_.end() || found->first != term) return true;
    if (!places.empty() && places.back().position == position) {
      places.back().words |= found->second;
    } else {
      places.push_back({position, found->second});
    }
    return true;
  });
  if (field_before <= SearchField::kTags) TakeField(places, pairs_.size(), best);
  float boost = 0;
  for (size_t i = 0; i < pairs_.size(); ++i) boost += pairs_[i] * best[i];
  return boost;
}

}  // namespace attune::search
