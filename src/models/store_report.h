// How good is every model of a store on the store's own log?  (`attune evaluate store --report`)
//
// The log is cut at one moment, the same for all shoppers: a generation is trained on what came before, as
// the server trains it, and asked at that moment for every shopper who bought something afterwards, also for
// those whom nobody had seen before.  To be found is what they bought after the cut.
//
//   home_for_you        the recipe that serves, fused, filled up with bestsellers as a placement's ladder
//   does each source         alone, not filled up bestsellers_7_days  what a shop shows without attune:
//   products by orders of the last seven days
//
// Beside recall@20 and NDCG@20, over all and by the number of orders that a shopper had before:
//
//   coverage     distinct products in all lists / products that were bought before the cut
//   diversity    1 - mean cosine of the text vectors of two products of one list; 0 where there are no texts
//   novelty      mean of -log2(share of the shoppers who had bought the product): 0 is what all have (Zhou et
//                al. 2010)
//   popularity   mean buyers of the products shown / mean buyers of the products bought after: 1 is as
//   popular
//                as what people buy, 3 is a bestseller list
//
// Thread safety: pure function; training starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_STORE_REPORT_H_
#define ATTUNE_MODELS_STORE_REPORT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/for_you.h"
#include "models/fusion.h"
#include "models/interaction_log.h"
#include "models/model_set.h"

namespace attune::models {

struct StoreReportOptions {
  // Of the purchases, those before the cut.
  double history_share = 0.8;
  FusionRecipe recipe = ForYouRecipe();
  SignalOptions signals;
  ModelSetOptions models;
  int threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

// Shoppers by orders before the cut: 0, 1, 2 to 4, 5 and more.
inline constexpr size_t kHistoryGroups = 4;
inline constexpr std::array<std::string_view, kHistoryGroups> kHistoryGroupNames = {"0", "1", "2-4", "5+"};

struct ReportedRanking {
  std::string name;
  double recall_at_20 = 0;
  double ndcg_at_20 = 0;
  std::array<double, kHistoryGroups> recall_by_history{};
  double coverage = 0;
  double diversity = 0;
  double novelty = 0;
  double popularity = 0;
};

struct StoreReport {
  int64_t cut_ms = 0;
  uint64_t rows_before = 0, rows_after = 0, products = 0, cases = 0;
  std::array<uint64_t, kHistoryGroups> cases_by_history{};
  std::vector<ReportedRanking> rankings;  // home_for_you, bestsellers_7_days, then the sources.
  TrainingReport training;
};

// Null `catalog`: no texts.  Fails as TrainModelSet does, and with kInvalidArgument when nobody bought
// anything after the cut.
Result<StoreReport> MakeStoreReport(const InteractionLog& log, const catalog::CatalogView* catalog,
                                    const Clock& clock, const StoreReportOptions& options);

std::string FormatStoreReport(const StoreReport& report);
void WriteStoreReportJson(const StoreReport& report, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_STORE_REPORT_H_
