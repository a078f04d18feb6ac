#include "experiments/bandit_log.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace attune::experiments {
namespace {

using models::CsvTable;

// The named column, or the first of the usual ones that is there.
Result<size_t> ColumnOf(const CsvTable& table, const std::string& name,
                        std::initializer_list<std::string_view> usual) {
  if (!name.empty()) return table.Column(name);
  for (const std::string_view candidate : usual) {
    if (const auto found = table.FindColumn(candidate)) return *found;
  }
  return table.Column(*usual.begin());
}

// Names and numbers of the texts of a column.
Status Number(const CsvTable& table, size_t column, std::vector<std::string>& names,
              std::vector<uint32_t>& numbers) {
  for (size_t row = 0; row < table.row_count(); ++row) {
    if (table.Cell(row, column).empty()) return table.CellError(row, column, "must not be empty");
    names.push_back(table.Cell(row, column));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (size_t row = 0; row < table.row_count(); ++row) {
    const auto place = std::lower_bound(names.begin(), names.end(), table.Cell(row, column));
    numbers.push_back(static_cast<uint32_t>(place - names.begin()));
  }
  return {};
}

}  // namespace

Result<BanditLog> ReadBanditLog(const CsvTable& table, const BanditColumns& columns) {
  ASSIGN_OR_RETURN(const size_t action, ColumnOf(table, columns.action, {"action", "item_id"}));
  ASSIGN_OR_RETURN(const size_t reward, ColumnOf(table, columns.reward, {"reward", "click"}));
  ASSIGN_OR_RETURN(const size_t propensity,
                   ColumnOf(table, columns.propensity, {"propensity", "propensity_score"}));
  ASSIGN_OR_RETURN(const size_t position, ColumnOf(table, columns.position, {"position"}));
  BanditLog log;
  RETURN_IF_ERROR(Number(table, action, log.actions, log.action));
  RETURN_IF_ERROR(Number(table, position, log.positions, log.position));
  for (size_t row = 0; row < table.row_count(); ++row) {
    ASSIGN_OR_RETURN(log.reward.emplace_back(), table.Number(row, reward));
    ASSIGN_OR_RETURN(const double chance, table.Number(row, propensity));
    if (!(chance > 0 && chance <= 1)) {
      return table.CellError(row, propensity, "must be above 0 and at most 1");
    }
    log.propensity.push_back(chance);
  }
  return log;
}

}  // namespace attune::experiments
