#include "search/judged_queries.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "models/csv_table.h"

namespace attune::search {
namespace {

constexpr double kGradeMax = 3;

double DiscountOf(size_t place) { return 1 / std::log2(static_cast<double>(place) + 2); }

}  // namespace

std::optional<int> JudgedQuery::GradeOf(ProductIndex product) const {
  const auto place = std::lower_bound(grades.begin(), grades.end(), std::pair(product, kUnjudged));
  if (place == grades.end() || place->first != product) {
    return others_are_unwanted ? std::optional(0) : std::nullopt;
  }
  return place->second == kUnjudged ? std::nullopt : std::optional(place->second);
}

Result<std::vector<JudgedQuery>> ReadJudgements(std::istream& in, const catalog::CatalogView& catalog) {
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  ASSIGN_OR_RETURN(const models::CsvTable table, models::CsvTable::Read(text));
  ASSIGN_OR_RETURN(const size_t query, table.Column("query"));
  ASSIGN_OR_RETURN(const size_t product, table.Column("product_id"));
  ASSIGN_OR_RETURN(const size_t grade, table.Column("grade"));
  std::map<std::string, std::map<std::string, int>> judgements;
  for (size_t row = 0; row < table.row_count(); ++row) {
    ASSIGN_OR_RETURN(const double value, table.Number(row, grade));
    if (value < 0 || value > kGradeMax || value != std::floor(value)) {
      return table.CellError(row, grade, "be 0, 1, 2 or 3");
    }
    judgements[table.Cell(row, query)][table.Cell(row, product)] = static_cast<int>(value);
  }
  std::vector<JudgedQuery> queries;
  for (const auto& [words, grades] : judgements) {
    JudgedQuery& judged = queries.emplace_back();
    judged.text = words;
    for (const auto& [id, value] : grades) {
      const std::optional<ProductIndex> index = catalog.Resolve(id);
      if (index && catalog.IdOf(*index) == id) {
        judged.grades.emplace_back(*index, value);
      } else {
        judged.grades_outside.push_back(value);
      }
    }
    std::sort(judged.grades.begin(), judged.grades.end());
  }
  return queries;
}

double GainOf(int grade) { return std::exp2(grade) - 1; }

double IdealGain(const JudgedQuery& query) {
  std::vector<int> grades = query.grades_outside;
  for (const auto& [product, grade] : query.grades) grades.push_back(std::max(grade, 0));
  std::sort(grades.rbegin(), grades.rend());
  double gain = 0;
  for (size_t i = 0; i < std::min(kJudgedPlaces, grades.size()); ++i) {
    gain += GainOf(grades[i]) * DiscountOf(i);
  }
  return gain;
}

ListQuality QualityOf(const JudgedQuery& query, const std::vector<ProductIndex>& found) {
  ListQuality quality;
  size_t condensed_place = 0;
  for (size_t place = 0; place < found.size(); ++place) {
    if (place >= kJudgedPlaces && condensed_place >= kJudgedPlaces) break;
    const std::optional<int> grade = query.GradeOf(found[place]);
    if (!grade) continue;
    const double gain = GainOf(*grade);
    if (place < kJudgedPlaces) {
      quality.ndcg += gain * DiscountOf(place);
      quality.judged += 1.0 / kJudgedPlaces;
    }
    if (condensed_place < kJudgedPlaces) quality.condensed += gain * DiscountOf(condensed_place++);
  }
  const double ideal = IdealGain(query);
  quality.ndcg /= ideal;
  quality.condensed /= ideal;
  return quality;
}

}  // namespace attune::search
