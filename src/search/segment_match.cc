#include "search/segment_match.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "search/limits.h"

namespace attune::search {

bool SegmentMatch::CanFindAll(const QueryWords& query) {
  for (size_t i = 0; i < query.words.size(); ++i) {
    for (const Alternative& alternative : query.words[i].alternatives) {
      if (alternative.covers != 1u << i) return false;
    }
  }
  return true;
}

void SegmentMatch::Run(const QueryWords& query, const Segment& segment, const Scoring& scoring,
                       Wanted wanted) {
  Clear(segment.document_count());
  // Optional words last: they find nothing by themselves where all others are needed.
  std::array<uint32_t, kQueryWordsMax> order{};
  const auto count = static_cast<uint32_t>(query.words.size());
  std::iota(order.begin(), order.begin() + count, 0u);
  std::sort(order.begin(), order.begin() + count, [&](uint32_t a, uint32_t b) {
    return std::tuple(query.words[a].is_optional, -query.words[a].idf, a) <
           std::tuple(query.words[b].is_optional, -query.words[b].idf, b);
  });
  needed_ = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const QueryWord& word = query.words[order[i]];
    for (const Alternative& alternative : word.alternatives) {
      if (alternative.kind == AlternativeKind::kId) {
        segment.ForEachNamed(alternative.name, [&](uint32_t document) {
          Take(document, alternative.weight * scoring.best(), alternative.covers);
        });
      } else if (alternative.terms.size() == 1) {
        WalkTerm(alternative, segment, scoring);
      } else {
        WalkTogether(alternative, segment, scoring);
      }
    }
    const auto idf = static_cast<float>(word.idf);
    for (const uint32_t document : of_word_) {
      scores_[document] += idf * best_[document];
      best_[document] = 0;
    }
    of_word_.clear();
    if (wanted == Wanted::kAllWords && !word.is_optional) needed_ |= 1u << order[i];
  }
}

void SegmentMatch::Clear(uint32_t document_count) {
  for (const uint32_t document : documents_) {
    scores_[document] = 0;
    words_[document] = 0;
  }
  documents_.clear();
  if (scores_.size() >= document_count) return;
  scores_.resize(document_count, 0);
  words_.resize(document_count, 0);
  best_.resize(document_count, 0);
}

void SegmentMatch::WalkTerm(const Alternative& alternative, const Segment& segment, const Scoring& scoring) {
  auto [count, postings] = segment.PostingsOf(alternative.terms.front());
  for (Posting posting; postings.Next(posting);) {
    if ((words_[posting.document] & needed_) != needed_) continue;
    const float value = scoring.Of(posting, segment.LengthsOf(posting.document));
    Take(posting.document, alternative.weight * value, alternative.covers);
  }
}

void SegmentMatch::WalkTogether(const Alternative& alternative, const Segment& segment,
                                const Scoring& scoring) {
  std::vector<std::pair<uint32_t, float>>
      held;  // Documents with all terms so far, and the least of their values.
  bool is_first = true;
  for (const uint32_t term : alternative.terms) {
    auto [count, postings] = segment.PostingsOf(term);
    size_t kept = 0;
    size_t at = 0;
    for (Posting posting; postings.Next(posting);) {
      const float value = scoring.Of(posting, segment.LengthsOf(posting.document));
      if (is_first) {
        held.emplace_back(posting.document, value);
        continue;
      }
      while (at < held.size() && held[at].first < posting.document) ++at;
      if (at == held.size()) break;
      if (held[at].first == posting.document) {
        held[kept++] = {posting.document, std::min(value, held[at].second)};
        ++at;
      }
    }
    if (!is_first) held.resize(kept);
    is_first = false;
  }
  for (const auto& [document, value] : held) Take(document, alternative.weight * value, alternative.covers);
}

}  // namespace attune::search
