#include "search/plain_bm25.h"

#include <algorithm>
#include <cmath>

namespace attune::search {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.75;
constexpr double kHalf = 0.5;

}  // namespace

void PlainBm25::Add(std::string_view text) {
  const auto document = static_cast<uint32_t>(lengths_.size());
  const std::vector<std::string> words = WordsOf(text);
  for (const std::string& word : words) {
    auto& list = postings_[word];
    if (list.empty() || list.back().first != document) list.emplace_back(document, 0);
    ++list.back().second;
  }
  lengths_.push_back(static_cast<uint32_t>(words.size()));
  total_length_ += words.size();
}

std::vector<uint32_t> PlainBm25::Search(std::string_view query) const {
  std::vector<double> scores(lengths_.size(), 0);
  std::vector<uint32_t> found;
  const auto documents = static_cast<double>(lengths_.size());
  const double mean_length = static_cast<double>(total_length_) / documents;
  for (const std::string& word : WordsOf(query)) {
    const auto list = postings_.find(word);
    if (list == postings_.end()) continue;
    const auto with = static_cast<double>(list->second.size());
    const double idf = std::log(1 + (documents - with + kHalf) / (with + kHalf));
    for (const auto& [document, count] : list->second) {
      if (scores[document] == 0) found.push_back(document);
      const double tf = count;
      scores[document] +=
          idf * tf * (kK1 + 1) / (tf + kK1 * (1 - kB + kB * lengths_[document] / mean_length));
    }
  }
  std::sort(found.begin(), found.end(),
            [&](uint32_t a, uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  return found;
}

std::vector<std::string> PlainBm25::WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && word.back() == 's') word.pop_back();
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (const char letter : text) {
    if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')) {
      word += letter;
    } else if (letter >= 'A' && letter <= 'Z') {
      word += static_cast<char>(letter - 'A' + 'a');
    } else {
      end_word();
    }
  }
  end_word();
  return words;
}

}  // namespace attune::search
