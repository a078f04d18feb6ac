// Searching and indexing held against Xapian, on the same made-up products and queries in one run.
//
//   build/release/bench/xapian/search_speed --products 100000 --queries 4000
//
// Both: titles, brands, categories and texts of bench/made_up_shop.h; queries of two or three words of a
// title, one word in four with a typing error, which both forgive; the first 24 hits; exact counts of brand,
// category and price (attune counts both levels of a category and the range of the price; Xapian the lower
// level and the price in hundreds).
//
//   alone       times of one query after the other
//   saturated   queries a second of as many threads as there are processors
//   bytes       attune: of its index, in memory; Xapian: of its database, on disk, read through the cache
//   indexed     products a second, on one thread, until everything is searchable; attune merged into one
//               segment, Xapian committed
//
// attune asks for all the words, and for fewer where no product has them; Xapian for any, as its query parser
// does by default, and for all of them with --all-words.

#include <unistd.h>
#include <xapian.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "made_up_shop.h"
#include "search/document.h"
#include "search/facets.h"
#include "search/match.h"
#include "search/query_words.h"
#include "search/search_index.h"

namespace attune::search {
namespace {

constexpr uint32_t kHits = 24;
constexpr uint32_t kBatch = 1'000;
constexpr uint64_t kTypoEvery = 4;
constexpr double kMicrosPerSecond = 1e6;
enum Slot : Xapian::valueno { kBrandSlot, kCategorySlot, kPriceSlot };

struct Arguments {
  uint32_t products = 100'000;
  uint32_t queries = 4'000;
  uint64_t seed = 1;
  bool all_words = false;
};

// Answers with how many products it saw.
using OneSearch = std::function<uint64_t(const std::string& query)>;

struct Engine {
  std::string name;
  double index_seconds = 0;
  double bytes = 0;
  std::function<OneSearch()> make;  // A search of its own for each thread.
};

const std::vector<std::string>& Facets() {
  static const std::vector<std::string> fields = {"brand", "category", "price"};
  return fields;
}

double SecondsOf(const std::function<void()>& work) {
  const SystemClock clock;
  const int64_t started = clock.SteadyMicros();
  work();
  return static_cast<double>(clock.SteadyMicros() - started) / kMicrosPerSecond;
}

Engine MakeAttune(const std::vector<catalog::Product>& products) {
  const auto analyzer = std::make_shared<const text::Analyzer>(text::Language::kEnglish);
  auto index = SearchIndex::Empty(Facets());
  Engine engine{"attune", 0, 0, {}};
  engine.index_seconds = SecondsOf([&] {
    std::vector<DocumentChange> changes;
    for (uint32_t i = 0; i < products.size(); ++i) {
      changes.push_back(
          {ProductIndex(i), MakeDocument(ProductIndex(i), products[i], "en", *analyzer, Facets())});
      if (changes.size() < kBatch && i + 1 < products.size()) continue;
      index = index->With(changes);
      changes.clear();
      while (const auto plan = SearchIndex::PickMerge(index)) {
        index = index->WithMerged(*plan, SearchIndex::Merge(*plan));
      }
    }
    const auto plan = SearchIndex::MergeAll(index);
    index = index->WithMerged(plan, SearchIndex::Merge(plan));
  });
  engine.bytes = static_cast<double>(index->memory().total());
  engine.make = [index, analyzer] {
    return [index, analyzer](const std::string& text) {
      MatchOptions options;
      options.enough = 1;
      options.hits_max = kHits;
      const QueryWords query = ReadQuery(text, *analyzer, *index, {});
      const MatchResult found = Match(query, *index, options);
      uint64_t counted = found.total;
      for (const std::string& field : Facets()) {
        counted += CountFacet({.field = field}, *index, options, found).value_count;
      }
      return counted;
    };
  };
  return engine;
}

class XapianFolder {
 public:
  XapianFolder()
      : path_(std::filesystem::temp_directory_path() / ("attune_speed_" + std::to_string(getpid()))) {}
  ~XapianFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  XapianFolder(const XapianFolder&) = delete;
  XapianFolder& operator=(const XapianFolder&) = delete;
  std::string path() const { return path_.string(); }
  double bytes() const {
    double bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      bytes += static_cast<double>(file.file_size());
    }
    return bytes;
  }

 private:
  const std::filesystem::path path_;
};

void IndexWithXapian(const std::vector<catalog::Product>& products, const std::string& path) {
  Xapian::WritableDatabase writer(path, Xapian::DB_CREATE_OR_OVERWRITE);
  Xapian::TermGenerator terms;
  terms.set_stemmer(Xapian::Stem("en"));
  terms.set_database(writer);
  terms.set_flags(Xapian::TermGenerator::FLAG_SPELLING);
  for (const catalog::Product& product : products) {
    Xapian::Document document;
    terms.set_document(document);
    for (const std::string& text :
         {product.title, product.brand, product.categories[0].back(), product.description}) {
      terms.index_text(text);
      terms.increase_termpos();
    }
    document.add_value(kBrandSlot, product.brand);
    document.add_value(kCategorySlot, product.categories[0].back());
    document.add_value(kPriceSlot, std::to_string(*product.price.price_minor / 10'000));
    writer.add_document(document);
  }
  writer.commit();
}

OneSearch MakeXapianSearch(const std::string& path, bool all_words) {
  struct State {
    explicit State(const std::string& folder) : database(folder) {}
    Xapian::Database database;
    Xapian::QueryParser parser;
  };
  auto state = std::make_shared<State>(path);
  state->parser.set_stemmer(Xapian::Stem("en"));
  state->parser.set_database(state->database);
  if (all_words) state->parser.set_default_op(Xapian::Query::OP_AND);
  return [state](const std::string& text) {
    constexpr unsigned kFlags =
        Xapian::QueryParser::FLAG_DEFAULT | Xapian::QueryParser::FLAG_SPELLING_CORRECTION;
    Xapian::Query query = state->parser.parse_query(text, kFlags);
    const std::string corrected = state->parser.get_corrected_query_string();
    if (!corrected.empty()) query = state->parser.parse_query(corrected, kFlags);
    Xapian::Enquire enquire(state->database);
    enquire.set_query(query);
    Xapian::ValueCountMatchSpy brands(kBrandSlot);
    Xapian::ValueCountMatchSpy categories(kCategorySlot);
    Xapian::ValueCountMatchSpy prices(kPriceSlot);
    for (Xapian::MatchSpy* spy : {&brands, &categories, &prices}) enquire.add_matchspy(spy);
    const Xapian::MSet found = enquire.get_mset(0, kHits, state->database.get_doccount());
    uint64_t counted = found.get_matches_estimated();
    for (const Xapian::ValueCountMatchSpy* spy : {&brands, &categories, &prices}) counted += spy->get_total();
    return counted;
  };
}

void Measure(const Engine& engine, const std::vector<std::string>& queries, size_t products) {
  const SystemClock clock;
  std::vector<double> micros;
  uint64_t counted = 0;
  const OneSearch search = engine.make();
  for (const std::string& query : queries) {
    const int64_t started = clock.SteadyMicros();
    counted += search(query);
    micros.push_back(static_cast<double>(clock.SteadyMicros() - started));
  }
  std::sort(micros.begin(), micros.end());
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<size_t> next{0};
  const double seconds = SecondsOf([&] {
    std::vector<std::thread> running;
    for (unsigned i = 0; i < threads; ++i) {
      running.emplace_back([&] {
        const OneSearch own = engine.make();
        for (size_t at = next++; at < queries.size(); at = next++) own(queries[at]);
      });
    }
    for (std::thread& thread : running) thread.join();
  });
  std::printf("%-8s %9.0f %12.0f %10.3f %10.3f %12.0f %14.0f\n", engine.name.c_str(),
              static_cast<double>(products) / engine.index_seconds,
              engine.bytes / static_cast<double>(products), micros[micros.size() / 2] / 1e3,
              micros[micros.size() * 99 / 100] / 1e3, static_cast<double>(queries.size()) / seconds,
              static_cast<double>(counted) / static_cast<double>(queries.size()));
  std::fflush(stdout);
}

void Run(const Arguments& arguments) {
  Random random(arguments.seed);
  const bench::MadeUpWords words(random);
  const std::vector<catalog::Product> products = bench::MakeUpProducts(words, arguments.products, random);
  std::vector<std::string> queries;
  for (uint32_t i = 0; i < arguments.queries; ++i) {
    queries.push_back(bench::MakeUpQuery(products, random, kTypoEvery));
  }
  std::printf("%u products, %u queries, three facets\n", arguments.products, arguments.queries);
  std::printf("%-8s %9s %12s %10s %10s %12s %14s\n", "", "indexed/s", "bytes/prod.", "p50 ms", "p99 ms",
              "saturated/s", "counted/query");
  Measure(MakeAttune(products), queries, products.size());
  const XapianFolder folder;
  Engine xapian{"Xapian", SecondsOf([&] { IndexWithXapian(products, folder.path()); }), 0, {}};
  xapian.bytes = folder.bytes();
  xapian.make = [&] { return MakeXapianSearch(folder.path(), arguments.all_words); };
  Measure(xapian, queries, products.size());
}

}  // namespace
}  // namespace attune::search

int main(int argc, char** argv) {
  attune::search::Arguments arguments;
  CLI::App app("Searching and indexing held against Xapian, on made-up products.");
  app.add_option("--products", arguments.products)->check(CLI::Range(1'000u, 10'000'000u));
  app.add_option("--queries", arguments.queries)->check(CLI::Range(100u, 1'000'000u));
  app.add_option("--seed", arguments.seed, "of products and queries");
  app.add_flag("--all-words", arguments.all_words, "Xapian asks for all words, too");
  CLI11_PARSE(app, argc, argv);
  attune::search::Run(arguments);
}
