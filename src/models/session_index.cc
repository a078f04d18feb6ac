#include "models/session_index.h"

#include <algorithm>

#include "models/model_file.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

std::span<const uint32_t> Latest(std::span<const uint32_t> products) {
  return products.last(std::min(products.size(), kSessionProductsMax));
}

// Every product of `products` once, ascending, in `distinct`.
void MakeDistinct(std::span<const uint32_t> products, std::vector<uint32_t>& distinct) {
  distinct.assign(products.begin(), products.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
}

uint32_t LargestOf(const std::vector<uint32_t>& counts) {
  return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
}

bool IsOffsets(const std::vector<uint64_t>& offsets, size_t count) {
  return !offsets.empty() && offsets.front() == 0 && offsets.back() == count &&
         std::is_sorted(offsets.begin(), offsets.end());
}

}  // namespace

SessionIndex::SessionIndex(const Sequences& sessions, uint32_t product_count,
                           uint32_t sessions_per_product_max) {
  CHECK(product_count <= kModelProductsMax);
  CHECK(sessions_per_product_max > 0);
  CHECK(sessions.size() <= kSequenceLinesMax);
  trained_session_count_ = sessions.size();
  counts_.assign(product_count, 0);
  // Newest first: a session stays when one of its products has a free place in its list.
  std::vector<uint32_t> distinct;
  std::vector<uint32_t> kept;
  for (size_t session = sessions.size(); session-- > 0;) {
    MakeDistinct(Latest(sessions.Of(session)), distinct);
    bool is_listed = false;
    for (const uint32_t product : distinct) {
      CHECK(product < product_count);
      is_listed = is_listed || counts_[product] < sessions_per_product_max;
      ++counts_[product];
    }
    if (is_listed) kept.push_back(static_cast<uint32_t>(session));
  }
  count_max_ = LargestOf(counts_);
  std::reverse(kept.begin(), kept.end());
  for (const uint32_t session : kept) {
    const auto products = Latest(sessions.Of(session));
    clicks_.insert(clicks_.end(), products.begin(), products.end());
    clicks_of_.push_back(clicks_.size());
  }
  clicks_.shrink_to_fit();
  ListSessions(sessions_per_product_max);
}

void SessionIndex::ListSessions(uint32_t sessions_per_product_max) {
  postings_of_.assign(counts_.size() + 1, 0);
  std::vector<uint32_t> distinct;
  for (uint32_t product = 0; product < product_count(); ++product) {
    postings_of_[product + 1] = postings_of_[product] + std::min(counts_[product], sessions_per_product_max);
  }
  postings_.resize(postings_of_.back());
  std::vector<uint64_t> next(postings_of_.begin(), postings_of_.end() - 1);
  for (uint32_t session = session_count(); session-- > 0;) {
    MakeDistinct(ProductsOf(session), distinct);
    for (const uint32_t product : distinct) {
      if (next[product] < postings_of_[product + 1]) postings_[next[product]++] = session;
    }
  }
}

size_t SessionIndex::memory_bytes() const {
  return (clicks_of_.capacity() + postings_of_.capacity()) * sizeof(uint64_t) +
         (clicks_.capacity() + postings_.capacity() + counts_.capacity()) * sizeof(uint32_t);
}

void SessionIndex::Save(SectionWriter& out) const {
  out.PutU64(trained_session_count_);
  out.PutArray(clicks_of_);
  out.PutArray(clicks_);
  out.PutArray(postings_of_);
  out.PutArray(postings_);
  out.PutArray(counts_);
}

SessionIndex SessionIndex::Load(SectionReader& in) {
  SessionIndex index;
  index.trained_session_count_ = in.TakeU64();
  index.clicks_of_ = in.TakeArray<uint64_t>();
  index.clicks_ = in.TakeArray<uint32_t>();
  index.postings_of_ = in.TakeArray<uint64_t>();
  index.postings_ = in.TakeArray<uint32_t>();
  index.counts_ = in.TakeArray<uint32_t>();
  index.count_max_ = LargestOf(index.counts_);
  if (index.IsSound()) return index;
  in.Require(false);
  return {};
}

bool SessionIndex::IsSound() const {
  if (!IsOffsets(clicks_of_, clicks_.size()) || !IsOffsets(postings_of_, postings_.size())) return false;
  if (counts_.size() > kModelProductsMax || postings_of_.size() != counts_.size() + 1) return false;
  if (clicks_of_.size() - 1 > kSequenceLinesMax || trained_session_count_ < clicks_of_.size() - 1)
    return false;
  for (size_t session = 0; session + 1 < clicks_of_.size(); ++session) {
    if (clicks_of_[session + 1] - clicks_of_[session] > kSessionProductsMax) return false;
  }
  const auto is_product = [this](uint32_t product) { return product < counts_.size(); };
  const auto is_session = [this](uint32_t session) { return session < session_count(); };
  return std::all_of(clicks_.begin(), clicks_.end(), is_product) &&
         std::all_of(postings_.begin(), postings_.end(), is_session);
}

}  // namespace attune::models
