#include "models/uplift_data.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace attune::models {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// "segment=Womens E-Mail", or "treated" alone.
struct ArmColumn {
  size_t column = 0;
  std::optional<std::string> value;
};

Result<ArmColumn> ParseArm(const CsvTable& table, std::string_view text) {
  ArmColumn arm;
  // A column may have "=" in its name; then it stands alone.
  if (const std::optional<size_t> whole = table.FindColumn(text)) {
    arm.column = *whole;
    return arm;
  }
  const size_t equals = text.find('=');
  ASSIGN_OR_RETURN(arm.column, table.Column(text.substr(0, equals)));
  if (equals != std::string_view::npos) arm.value = text.substr(equals + 1);
  return arm;
}

Result<bool> IsInArm(const CsvTable& table, size_t row, const ArmColumn& arm) {
  const std::string& cell = table.Cell(row, arm.column);
  if (arm.value) return cell == *arm.value;
  const std::optional<double> number = NumberOf(cell);
  if (!number || (*number != 0 && *number != 1)) {
    return table.CellError(row, arm.column, "must be 0 or 1 when no =VALUE is given");
  }
  return *number == 1;
}

// Makes the features of one column out of the rows that take part.
class FeatureColumn {
 public:
  FeatureColumn(const CsvTable& table, const std::vector<size_t>& rows, size_t column)
      : table_(table), column_(column) {
    is_number_ = std::all_of(rows.begin(), rows.end(), [&](size_t row) {
      return table.Cell(row, column).empty() || NumberOf(table.Cell(row, column)).has_value();
    });
    if (!is_number_) ChooseLevels(rows);
  }

  void AddNames(std::vector<std::string>& names) const {
    const std::string& name = table_.columns()[column_];
    if (is_number_) {
      names.push_back(name);
      return;
    }
    for (const auto& level : levels_) names.push_back(name + "=" + level);
    if (has_others_) names.push_back(name + "=(other)");
  }

  void AddValues(size_t row, std::vector<float>& values) const {
    const std::string& cell = table_.Cell(row, column_);
    if (is_number_) {
      const std::optional<double> number = NumberOf(cell);
      values.push_back(number ? static_cast<float>(*number) : kMissing);
      return;
    }
    bool is_other = true;
    for (const auto& level : levels_) {
      values.push_back(cell == level ? 1.0f : 0.0f);
      if (cell == level) is_other = false;
    }
    if (has_others_) values.push_back(is_other ? 1.0f : 0.0f);
  }

 private:
  void ChooseLevels(const std::vector<size_t>& rows) {
    std::map<std::string_view, size_t> counts;
    for (const size_t row : rows) ++counts[table_.Cell(row, column_)];
    std::vector<std::pair<std::string_view, size_t>> common(counts.begin(), counts.end());
    std::sort(common.begin(), common.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    has_others_ = common.size() > kUpliftLevelsMax;
    common.resize(std::min(common.size(), kUpliftLevelsMax));
    for (const auto& [level, count] : common) levels_.emplace_back(level);
  }

  const CsvTable& table_;
  const size_t column_;
  bool is_number_ = false;
  bool has_others_ = false;
  std::vector<std::string> levels_;
};

struct Parsed {
  ArmColumn treatment;
  std::optional<ArmColumn> control;
  size_t outcome = 0;
  std::vector<size_t> features;
};

Result<Parsed> ParseColumns(const CsvTable& table, const UpliftColumns& columns) {
  Parsed parsed;
  ASSIGN_OR_RETURN(parsed.treatment, ParseArm(table, columns.treatment));
  if (!columns.control.empty()) {
    ASSIGN_OR_RETURN(parsed.control, ParseArm(table, columns.control));
    if (!parsed.control->value) return InvalidArgument("--control must be COL=VALUE", "control");
  }
  ASSIGN_OR_RETURN(parsed.outcome, table.Column(columns.outcome));
  std::vector<uint8_t> is_used(table.columns().size(), 0);
  is_used[parsed.treatment.column] = 1;
  if (parsed.control) is_used[parsed.control->column] = 1;
  if (is_used[parsed.outcome] != 0) {
    return InvalidArgument("the outcome cannot be the treatment too: " + columns.outcome, columns.outcome);
  }
  is_used[parsed.outcome] = 1;
  for (const std::string& name : columns.ignore) {
    ASSIGN_OR_RETURN(const size_t column, table.Column(name));
    is_used[column] = 1;
  }
  for (size_t column = 0; column < is_used.size(); ++column) {
    if (is_used[column] == 0) parsed.features.push_back(column);
  }
  if (parsed.features.empty()) return InvalidArgument("no column is left to be a feature", "ignore");
  return parsed;
}

}  // namespace

Result<UpliftData> ReadUpliftData(const CsvTable& table, const UpliftColumns& columns) {
  ASSIGN_OR_RETURN(const Parsed parsed, ParseColumns(table, columns));
  UpliftData data;
  std::vector<size_t> taken;
  size_t treated = 0;
  for (size_t row = 0; row < table.row_count(); ++row) {
    ASSIGN_OR_RETURN(const bool is_treated, IsInArm(table, row, parsed.treatment));
    bool is_control = !is_treated;
    if (parsed.control) {
      ASSIGN_OR_RETURN(is_control, IsInArm(table, row, *parsed.control));
      if (is_control && is_treated) {
        return table.CellError(row, parsed.treatment.column, "puts the row into both arms");
      }
    }
    if (!is_treated && !is_control) {
      ++data.rows_left_out;
      continue;
    }
    ASSIGN_OR_RETURN(const double outcome, table.Number(row, parsed.outcome));
    taken.push_back(row);
    treated += is_treated ? 1 : 0;
    data.rows.is_treated.push_back(is_treated ? 1 : 0);
    data.rows.outcome.push_back(outcome);
  }
  if (treated == 0) {
    return InvalidArgument("no row is treated: " + columns.treatment,
                           table.columns()[parsed.treatment.column]);
  }
  if (treated == taken.size()) {
    const ArmColumn& arm = parsed.control ? *parsed.control : parsed.treatment;
    return InvalidArgument(
        "no row is untreated: " + (columns.control.empty() ? columns.treatment : columns.control),
        table.columns()[arm.column]);
  }
  std::vector<FeatureColumn> makers;
  for (const size_t column : parsed.features) makers.emplace_back(table, taken, column);
  for (const FeatureColumn& maker : makers) maker.AddNames(data.feature_names);
  data.features.reserve(taken.size() * data.feature_count());
  for (const size_t row : taken) {
    for (const FeatureColumn& maker : makers) maker.AddValues(row, data.features);
  }
  return data;
}

}  // namespace attune::models
