// An evaluation as a page: Markdown with a picture beside it, which any forge and any editor shows.
//
//   report.md    title, the command, a table, and ![](report.svg)
//   report.svg   horizontal bars, one per line of the table, the best of each group marked; light and dark
//                backgrounds
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_REPORT_PAGE_H_
#define ATTUNE_MODELS_REPORT_PAGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "models/store_report.h"

namespace attune::models {

struct Bar {
  std::string label;
  double value = 0;
  bool is_ours = false;  // Drawn in the strong colour.
};

struct BarGroup {
  std::string title;
  std::vector<Bar> bars;
};

// Bars of all groups share one scale, from 0 to the largest value.  Values that are not finite count as 0.
std::string BarChartSvg(std::string_view title, const std::vector<BarGroup>& groups);

// The page of a report; `picture` is the file name of the SVG, `command` how to repeat it.
std::string StoreReportPage(const StoreReport& report, std::string_view command, std::string_view picture);
std::string StoreReportChart(const StoreReport& report);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_REPORT_PAGE_H_
