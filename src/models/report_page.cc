#include "models/report_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/time_text.h"

namespace attune::models {
namespace {

// Pixels.
constexpr int kWidth = 760;
constexpr int kLabelWidth = 210;
constexpr int kValueWidth = 70;
constexpr int kBarHeight = 16;
constexpr int kLineHeight = 22;
constexpr int kGroupHead = 34;
constexpr int kTitleHeight = 44;
constexpr int kMargin = 16;
constexpr int kBarWidthMax = kWidth - 2 * kMargin - kLabelWidth - kValueWidth;

// Grey text and mid-tones read on white and on black.
constexpr std::string_view kStyle =
    "<style>text{font-family:ui-sans-serif,system-ui,'Segoe "
    "UI',Roboto,sans-serif;font-size:12px;fill:#6b7280}"
    ".t{font-size:16px;font-weight:600;fill:#4b5563}.g{font-weight:600}.n{text-anchor:end}"
    ".o{fill:#2563eb}.b{fill:#9ca3af}"
    "@media(prefers-color-scheme:dark){text{fill:#9ca3af}.t{fill:#d1d5db}.o{fill:#60a5fa}.b{fill:#6b7280}}"
    "</style>";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void AppendText(std::string& out, int x, int y, const char* kind, std::string_view text) {
  out += "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" class=\"" + kind + "\">" +
         Escaped(text) + "</text>\n";
}

std::string Number(double value, int decimals) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

double Finite(double value) { return std::isfinite(value) ? std::max(value, 0.0) : 0; }

void AppendBar(const Bar& bar, double largest, int y, std::string& out) {
  const double value = Finite(bar.value);
  const int width =
      largest > 0 ? std::max(static_cast<int>(std::lround(kBarWidthMax * value / largest)), 1) : 1;
  const int left = kMargin + kLabelWidth;
  AppendText(out, left - 8, y + kBarHeight - 4, "n", bar.label);
  out += "<rect x=\"" + std::to_string(left) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
         std::to_string(width) + "\" height=\"" + std::to_string(kBarHeight) + "\" rx=\"3\" class=\"" +
         (bar.is_ours ? "o" : "b") + "\"/>\n";
  AppendText(out, left + width + 6, y + kBarHeight - 4, "v", Number(value, 4));
}

bool IsOurs(const ReportedRanking& ranking) { return ranking.name == "home_for_you"; }

}  // namespace

std::string BarChartSvg(std::string_view title, const std::vector<BarGroup>& groups) {
  double largest = 0;
  int height = kTitleHeight + kMargin;
  for (const BarGroup& group : groups) {
    height += kGroupHead + static_cast<int>(group.bars.size()) * kLineHeight;
    for (const Bar& bar : group.bars) largest = std::max(largest, Finite(bar.value));
  }
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(kWidth) +
                    " " + std::to_string(height) + "\" width=\"" + std::to_string(kWidth) + "\" height=\"" +
                    std::to_string(height) + "\" role=\"img\">\n<title>" + Escaped(title) + "</title>\n";
  out += kStyle;
  out += '\n';
  AppendText(out, kMargin, kTitleHeight - 16, "t", title);
  int y = kTitleHeight;
  for (const BarGroup& group : groups) {
    AppendText(out, kMargin, y + kGroupHead - 14, "g", group.title);
    y += kGroupHead;
    for (const Bar& bar : group.bars) {
      AppendBar(bar, largest, y, out);
      y += kLineHeight;
    }
  }
  return out + "</svg>\n";
}

std::string StoreReportChart(const StoreReport& report) {
  std::vector<BarGroup> groups;
  BarGroup all{.title = "all shoppers (" + std::to_string(report.cases) + ")", .bars = {}};
  for (const ReportedRanking& ranking : report.rankings) {
    all.bars.push_back({ranking.name, ranking.recall_at_20, IsOurs(ranking)});
  }
  groups.push_back(std::move(all));
  // By history only what a shop would compare: the whole, and what it had before.
  for (size_t i = 0; i < kHistoryGroups; ++i) {
    if (report.cases_by_history[i] == 0) continue;
    BarGroup group{.title = std::string(kHistoryGroupNames[i]) + " orders before (" +
                            std::to_string(report.cases_by_history[i]) + ")",
                   .bars = {}};
    for (const ReportedRanking& ranking : report.rankings) {
      if (!IsOurs(ranking) && ranking.name != "bestsellers_7_days") continue;
      group.bars.push_back({ranking.name, ranking.recall_by_history[i], IsOurs(ranking)});
    }
    groups.push_back(std::move(group));
  }
  return BarChartSvg("recall@20 of what shoppers bought after the cut", groups);
}

std::string StoreReportPage(const StoreReport& report, std::string_view command, std::string_view picture) {
  std::string page = "# What the models find\n\n";
  page += "Everything before " + FormatTime(report.cut_ms) + " was learned from; to be found is what " +
          std::to_string(report.cases) + " shoppers bought after it.\n\n    " + std::string(command) + "\n\n";
  page += "![recall@20 by model and by history](" + std::string(picture) + ")\n\n";
  page +=
      "| | recall@20 | NDCG@20 | 0 orders before | 1 | 2-4 | 5+ | coverage | diversity | novelty | "
      "popularity "
      "|\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const ReportedRanking& ranking : report.rankings) {
    const std::string name = IsOurs(ranking) ? "**" + ranking.name + "**" : ranking.name;
    page += "| " + name + " | " + Number(ranking.recall_at_20, 4) + " | " + Number(ranking.ndcg_at_20, 4);
    for (const double recall : ranking.recall_by_history) page += " | " + Number(recall, 4);
    page += " | " + Number(ranking.coverage, 3) + " | " + Number(ranking.diversity, 3) + " | " +
            Number(ranking.novelty, 2) + " | " + Number(ranking.popularity, 2) + " |\n";
  }
  page += "| shoppers | " + std::to_string(report.cases) + " | ";
  for (const uint64_t count : report.cases_by_history) page += " | " + std::to_string(count);
  page += " | | | | |\n\n";
  page +=
      "Coverage: distinct products shown, of those bought before. Diversity: one minus the mean likeness of "
      "two "
      "products of a list, by their texts. Novelty: bits; 0 is what everybody has bought. Popularity: 1 is "
      "as "
      "popular as what people buy.\n\n";
  page += "| trainer | form | seconds | expected | why |\n|---|---|--:|--:|---|\n";
  for (const TrainerReport& trainer : report.training.trainers) {
    page += "| " + trainer.name + " | " + std::string(TrainingFormName(trainer.form)) + " | " +
            Number(trainer.seconds, 2) + " | " + Number(trainer.estimate.seconds, 2) + " | " +
            trainer.reason + " |\n";
  }
  return page;
}

}  // namespace attune::models
