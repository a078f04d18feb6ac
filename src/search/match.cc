#include "search/match.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "search/limits.h"
#include "search/proximity.h"
#include "search/segment_match.h"

namespace attune::search {
namespace {

// That are gone down for more.
constexpr std::array kRungs = {Rung::kAll, Rung::kMost, Rung::kAny};
constexpr size_t kRungCount = 4;

struct Candidate {
  float score = 0;
  float proximity = 0;
  ExactMatch exact = ExactMatch::kNone;
  Rung rung = Rung::kAll;
  uint32_t words = 0;
  bool is_named = false;
  uint32_t part = 0;
  uint32_t document = 0;
  uint64_t tie = 0;
};

// A strict order, best first: ids differ, so their hashes do.
bool IsBetter(const Candidate& a, const Candidate& b) {
  return std::tuple(a.exact, b.rung, a.score, b.tie) > std::tuple(b.exact, a.rung, b.score, a.tie);
}

// The best `limit` of many; half of what is held is thrown away when there are twice as many.
class BestCandidates {
 public:
  explicit BestCandidates(size_t limit) : limit_(limit) {}

  void Add(const Candidate& candidate) {
    if (has_bar_ && !IsBetter(candidate, bar_)) return;
    held_.push_back(candidate);
    if (held_.size() >= 2 * limit_) Cut();
  }

  std::vector<Candidate> Take() {
    if (held_.size() > limit_) Cut();
    std::sort(held_.begin(), held_.end(), IsBetter);
    return std::move(held_);
  }

 private:
  void Cut() {
    const auto last = held_.begin() + static_cast<ptrdiff_t>(limit_) - 1;
    std::nth_element(held_.begin(), last, held_.end(), IsBetter);
    bar_ = *last;
    has_bar_ = true;
    held_.resize(limit_);
  }

  const size_t limit_;
  std::vector<Candidate> held_;
  Candidate bar_;  // What is not better than this is not among the best.
  bool has_bar_ = false;
};

uint32_t CountBits(uint32_t bits) { return static_cast<uint32_t>(__builtin_popcount(bits)); }

// Words that must be found of `required` ones.
uint32_t WordsOfRung(Rung rung, uint32_t required) {
  switch (rung) {
    case Rung::kAll:
      return required;
    case Rung::kMost:
      return (2 * required + 2) / 3;
    case Rung::kAny:
      return std::min(required, 1u);
    case Rung::kNamed:
    case Rung::kChosen:
    case Rung::kPopular:
      return 0;
  }
  return required;
}

class Matching {
 public:
  Matching(const QueryWords& query, const SearchIndex& index, const MatchOptions& options)
      : query_(query),
        index_(index),
        options_(options),
        selections_(options.selections, options.outside, index),
        required_(query.required()) {
    for (const ProductIndex product : options.named) {
      const auto place = index.PlaceOf(product);
      if (place) named_[{place->part, place->document}] = false;
    }
  }

  MatchResult Run() {
    CHECK(options_.hits_max <= kHitsMax);
    if (!TakeAllWords()) TakeRungs();
    RankHits();
    return std::move(result_);
  }

 private:
  // Most queries end on the first rung, and to find what is there takes a part of the work.
  bool TakeAllWords() {
    if (options_.first_rung != Rung::kAll || required_ == 0 || !SegmentMatch::CanFindAll(query_))
      return false;
    if (options_.last_rung != Rung::kAll && MostWithAllWords() < options_.enough) return false;
    Gather(SegmentMatch::Wanted::kAllWords);
    return TakeRung(Rung::kAll) || options_.last_rung == Rung::kAll;
  }

  // No more products than this hold every word.
  uint64_t MostWithAllWords() const {
    uint64_t most = std::numeric_limits<uint64_t>::max();
    for (size_t i = 0; i < query_.words.size(); ++i) {
      uint64_t documents = 0;
      for (const Alternative& alternative : query_.words[i].alternatives) documents += alternative.documents;
      if ((required_ >> i & 1) != 0) most = std::min(most, documents);
    }
    return most;
  }

  void TakeRungs() {
    Gather(SegmentMatch::Wanted::kAnyWord);
    for (const Rung rung : kRungs) {
      if (rung < options_.first_rung) continue;
      if (TakeRung(rung) || rung >= options_.last_rung) break;
    }
  }

  // Every living document that holds what is wanted, or is called so.
  void Gather(SegmentMatch::Wanted wanted) {
    candidates_.clear();
    for (auto& [place, is_there] : named_) is_there = false;
    thread_local SegmentMatch found;
    const Scoring scoring(options_.scoring, index_);
    for (uint32_t p = 0; p < index_.parts().size(); ++p) {
      const SearchIndex::Part& part = index_.parts()[p];
      const auto exact = NamedIn(part);
      if (query_.words.empty()) {
        for (uint32_t document = 0; document < part.segment->document_count(); ++document) {
          AddCandidate(p, document, 0, 0, exact);
        }
        continue;
      }
      found.Run(query_, *part.segment, scoring, wanted);
      for (const uint32_t document : found.documents()) {
        AddCandidate(p, document, found.ScoreOf(document), found.WordsOf(document), exact);
      }
      for (const auto& [document, kind] : exact) {
        if (found.WordsOf(document) == 0) AddCandidate(p, document, 0, 0, exact);
      }
    }
    for (const auto& [place, is_there] : named_) {
      if (!is_there) AddCandidate(place.first, place.second, 0, 0, {});
    }
  }

  using Exact = absl::flat_hash_map<uint32_t, ExactMatch>;
  Exact NamedIn(const SearchIndex::Part& part) const {
    Exact exact;
    if (!options_.puts_exact_first) return exact;
    const auto take = [&](uint64_t name, ExactMatch kind) {
      if (name != 0) part.segment->ForEachNamed(name, [&](uint32_t document) { exact[document] = kind; });
    };
    take(query_.brand_name, ExactMatch::kBrand);
    take(query_.title_name, ExactMatch::kTitle);
    take(query_.id_name, ExactMatch::kId);
    return exact;
  }

  void AddCandidate(uint32_t p, uint32_t document, float score, uint32_t words, const Exact& exact) {
    if (!index_.parts()[p].Lives(document)) return;
    Candidate candidate = {score, 0, ExactMatch::kNone, Rung::kAll, words, false, p, document, 0};
    if (const auto named = named_.find({p, document}); named != named_.end()) {
      candidate.is_named = true;
      named->second = true;
    }
    if (!exact.empty()) {
      const auto found = exact.find(document);
      // What is called so has all the words.
      if (found != exact.end()) {
        candidate.exact = found->second;
        candidate.words |= required_;
      }
    }
    candidates_.push_back(candidate);
  }

  // False when there is not enough down to this rung.
  bool TakeRung(Rung rung) {
    result_.rung = rung;
    result_.total = 0;
    result_.matched.clear();
    result_.matched_but_for.assign(selections_.size(), {});
    for (const SearchIndex::Part& part : index_.parts()) {
      const uint32_t count = part.segment->document_count();
      result_.matched.emplace_back(count);
      for (auto& sets : result_.matched_but_for) sets.emplace_back(count);
    }
    BestCandidates best(std::max(options_.hits_max, kProximityWindow));
    std::array<uint32_t, kRungCount> words_min = {};
    for (const Rung each : kRungs) {
      words_min[static_cast<size_t>(each)] = WordsOfRung(each, CountBits(required_));
    }
    uint64_t by_words = 0;
    for (Candidate& candidate : candidates_) {
      const uint32_t words = CountBits(candidate.words & required_);
      const bool is_found = words >= words_min[static_cast<size_t>(rung)];
      if ((!is_found && !candidate.is_named) || !Passes(candidate)) continue;
      // On the first rung that is looked at, or that its words reach.
      candidate.rung = is_found ? options_.first_rung : Rung::kNamed;
      while (words < words_min[static_cast<size_t>(candidate.rung)]) {
        candidate.rung = static_cast<Rung>(static_cast<uint8_t>(candidate.rung) + 1);
      }
      by_words += is_found ? 1 : 0;
      candidate.tie = index_.parts()[candidate.part].segment->TieOf(candidate.document);
      result_.matched[candidate.part].Add(candidate.document);
      ++result_.total;
      best.Add(candidate);
    }
    ranked_ = best.Take();
    return by_words >= std::max<uint64_t>(options_.enough, 1);
  }

  // Filters, then selections; remembers what misses one of those.
  bool Passes(const Candidate& candidate) {
    const Segment& segment = *index_.parts()[candidate.part].segment;
    if (options_.allows && !options_.allows(segment.ProductOf(candidate.document))) return false;
    if (selections_.size() == 0) return true;
    const uint64_t misses = selections_.Misses(segment, candidate.document);
    if (misses != 0 && (misses & (misses - 1)) == 0) {
      const auto selection = static_cast<size_t>(__builtin_ctzll(misses));
      result_.matched_but_for[selection][candidate.part].Add(candidate.document);
    }
    return misses == 0;
  }

  void RankHits() {
    const Proximity proximity(query_, index_);
    if (options_.proximity > 0 && proximity.is_useful()) {
      const size_t window = std::min<size_t>(ranked_.size(), kProximityWindow);
      for (size_t i = 0; i < window; ++i) {
        Candidate& candidate = ranked_[i];
        const Segment& segment = *index_.parts()[candidate.part].segment;
        candidate.proximity =
            static_cast<float>(options_.proximity) * proximity.Of(segment.WordsOf(candidate.document));
        candidate.score += candidate.proximity;
      }
      std::sort(ranked_.begin(), ranked_.begin() + static_cast<ptrdiff_t>(window), IsBetter);
    }
    if (ranked_.size() > options_.hits_max) ranked_.resize(options_.hits_max);
    for (const Candidate& candidate : ranked_) {
      const Segment& segment = *index_.parts()[candidate.part].segment;
      result_.hits.push_back({segment.ProductOf(candidate.document), candidate.exact, candidate.score,
                              candidate.proximity, candidate.words, candidate.rung});
    }
  }

  const QueryWords& query_;
  const SearchIndex& index_;
  const MatchOptions& options_;
  const SelectionCheck selections_;
  const uint32_t required_;
  // Where the named products are, by part and document; whether they are among the candidates.
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, bool> named_;
  std::vector<Candidate> candidates_;
  std::vector<Candidate> ranked_;
  MatchResult result_;
};

}  // namespace

std::string_view RungName(Rung rung) {
  switch (rung) {
    case Rung::kAll:
      return "all_words";
    case Rung::kMost:
      return "most_words";
    case Rung::kAny:
      return "any_word";
    case Rung::kNamed:
      return "rule";
    case Rung::kChosen:
      return "chosen";
    case Rung::kPopular:
      return "popular";
  }
  return "";
}

MatchResult Match(const QueryWords& query, const SearchIndex& index, const MatchOptions& options) {
  return Matching(query, index, options).Run();
}

}  // namespace attune::search
