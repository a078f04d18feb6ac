#include "xapian_search.h"

#include <unistd.h>
#include <xapian.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace attune::search {
namespace {

class XapianIndex {
 public:
  XapianIndex(const std::vector<std::pair<ProductIndex, std::string>>& texts, bool corrects)
      : folder_(std::filesystem::temp_directory_path() /
                ("attune_xapian_" + std::to_string(getpid()) + (corrects ? "_spelling" : ""))),
        corrects_(corrects) {
    Xapian::WritableDatabase writer(folder_.string(), Xapian::DB_CREATE_OR_OVERWRITE);
    Xapian::TermGenerator terms;
    terms.set_stemmer(stem_);
    terms.set_database(writer);
    if (corrects) terms.set_flags(Xapian::TermGenerator::FLAG_SPELLING);
    for (const auto& [product, text] : texts) {
      Xapian::Document document;
      terms.set_document(document);
      terms.index_text(text);
      writer.add_document(document);
      products_.push_back(product);
    }
    writer.commit();
    database_ = Xapian::Database(folder_.string());
    parser_.set_stemmer(stem_);
    parser_.set_database(database_);
  }
  ~XapianIndex() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  XapianIndex(const XapianIndex&) = delete;
  XapianIndex& operator=(const XapianIndex&) = delete;

  std::vector<ProductIndex> Search(const std::string& text, uint32_t hits) {
    const Xapian::Query query = parser_.parse_query(corrects_ ? Corrected(text) : text);
    Xapian::Enquire enquire(database_);
    enquire.set_query(query);
    const Xapian::MSet found = enquire.get_mset(0, hits);
    std::vector<ProductIndex> products;
    for (auto hit = found.begin(); hit != found.end(); ++hit) products.push_back(products_[*hit - 1]);
    return products;
  }

 private:
  // Words that no text holds, corrected.
  std::string Corrected(const std::string& text) const {
    std::istringstream words(text);
    std::string corrected;
    for (std::string word; words >> word;) {
      std::transform(word.begin(), word.end(), word.begin(),
                     [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
      if (!database_.term_exists(word)) {
        const std::string suggested = database_.get_spelling_suggestion(word);
        if (!suggested.empty()) word = suggested;
      }
      corrected += (corrected.empty() ? "" : " ") + word;
    }
    return corrected;
  }

  const std::filesystem::path folder_;
  const bool corrects_;
  const Xapian::Stem stem_{"en"};
  Xapian::Database database_;
  Xapian::QueryParser parser_;
  std::vector<ProductIndex> products_;  // By document number, from 1.
};

}  // namespace

OtherSearch XapianSearch(bool corrects) {
  return {corrects ? "Xapian with spelling" : "Xapian",
          [corrects](const std::vector<std::pair<ProductIndex, std::string>>& texts) -> MeasuredSearch {
            auto index = std::make_shared<XapianIndex>(texts, corrects);
            return [index](const std::string& query, uint32_t hits) { return index->Search(query, hits); };
          }};
}

}  // namespace attune::search
