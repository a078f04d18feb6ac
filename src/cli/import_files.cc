#include "cli/import_files.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "base/time_text.h"
#include "catalog/feed_stage.h"
#include "catalog/product_import.h"
#include "events/import_stream.h"
#include "events/order_line_import.h"

namespace attune::cli {
namespace {

// Changes and events of one commit: large enough for the disk, small enough for the strand.
constexpr size_t kBatchMax = 1000;

Result<Currency> CurrencyOf(const ImportOptions& options, LocalStore& store) {
  if (options.currency.empty()) return store->settings().base_currency;
  const auto currency = Currency::Parse(options.currency);
  if (!currency) return InvalidArgument("must be a currency code of three letters", "currency");
  return *currency;
}

void PrintProgress(const char* what, uint64_t count, uint64_t position, uint64_t size, double per_second) {
  if (size > 0) {
    const double percent = 100.0 * static_cast<double>(position) / static_cast<double>(size);
    std::fprintf(stderr, "\r  %llu %s, %.0f %% of the file, %.0f/s   ",
                 static_cast<unsigned long long>(count), what, percent, per_second);
  } else {
    std::fprintf(stderr, "\r  %llu %s, %.0f/s   ", static_cast<unsigned long long>(count), what, per_second);
  }
}

// Writes changes in batches; what the store refuses is counted and the first few are shown.
class ProductWriter {
 public:
  explicit ProductWriter(LocalStore& store) : store_(store) {}

  Status Add(catalog::ProductChange change) {
    batch_.push_back(std::move(change));
    return batch_.size() < kBatchMax ? Status() : Flush();
  }

  Status Flush() {
    if (batch_.empty()) return Status();
    ASSIGN_OR_RETURN(const server::ProductsResult result, store_->Change(std::exchange(batch_, {})));
    for (const Status& status : result.statuses) {
      if (!status.ok() && ++refused_ <= 5)
        std::fprintf(stderr, "\n  refused: %s\n", status.message().c_str());
    }
    return Status();
  }

 private:
  LocalStore& store_;
  std::vector<catalog::ProductChange> batch_;
  uint64_t refused_ = 0;
};

Status WriteEvents(events::EventStream& stream, LocalStore& store) {
  const int64_t started_micros = store.clock().SteadyMicros();
  const Status done = events::RunEventImport(
      stream, store.clock(), kBatchMax,
      [&store](std::vector<events::IncomingEvent> batch, uint64_t /*done*/) -> Status {
        events::EventBody body;
        for (uint32_t i = 0; i < batch.size(); ++i) body.indices.push_back(i);
        body.events = std::move(batch);
        ASSIGN_OR_RETURN(const server::IngestResult result, store->Ingest(std::move(body)));
        if (!result.rejected.empty()) return Unavailable(result.rejected.front().message);
        return Status();
      },
      [](const events::ImportProgress& progress) {
        PrintProgress("events", progress.events, progress.stored_position, progress.stored_size,
                      progress.events_per_second);
      });
  const double seconds = static_cast<double>(store.clock().SteadyMicros() - started_micros) / 1e6;
  std::fprintf(stderr, "\n%s\n", stream.tally().ToText(seconds).c_str());
  if (!done.ok()) {
    std::fprintf(stderr, "stopped; go on with --skip-rows %llu\n",
                 static_cast<unsigned long long>(stream.done()));
  }
  return done;
}

Result<events::EventImportOptions> EventOptions(const ImportOptions& options, LocalStore& store) {
  ASSIGN_OR_RETURN(const Currency currency, CurrencyOf(options, store));
  return events::EventImportOptions{
      .now_ms = store.clock().NowMs(), .default_currency = currency, .skip = options.skip};
}

Status WriteDerivedProducts(const events::OrderLineImport& orders, LocalStore& store) {
  ProductWriter writer(store);
  const std::vector<events::DerivedProduct> products = orders.products();
  for (const events::DerivedProduct& derived : products) {
    catalog::ProductChange change;
    change.kind = catalog::ProductChange::Kind::kMerge;
    change.product_id = derived.product_id;
    change.updated_at_ms = store.clock().NowMs();
    change.values.title = derived.title;
    change.values.price.price_minor = derived.price_minor;
    change.values.price.currency = derived.currency;
    change.amounts_currency = derived.currency;
    change.fields.Add(catalog::ProductField::kTitle);
    change.fields.Add(catalog::ProductField::kPrice);
    RETURN_IF_ERROR(writer.Add(std::move(change)));
  }
  RETURN_IF_ERROR(writer.Flush());
  std::fprintf(stderr, "%zu products made from the order lines\n", products.size());
  return Status();
}

}  // namespace

Status ImportProducts(const ImportOptions& options, LocalStore& store) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  catalog::ProductImportOptions import_options;
  import_options.overrides = options.overrides;
  import_options.decimal_comma = options.decimal_comma;
  import_options.feed_time_ms = store.clock().NowMs();
  import_options.skip_rows = options.skip;
  ASSIGN_OR_RETURN(import_options.default_currency, CurrencyOf(options, store));
  ASSIGN_OR_RETURN(auto import, catalog::ProductImport::Open(std::move(source), import_options));
  std::fprintf(stderr, "%s\n", import->mapping().ToText().c_str());
  if (options.only_mapping) return Status();
  ProductWriter writer(store);
  catalog::FeedStage stage(import_options.feed_time_ms);
  const int64_t started_micros = store.clock().SteadyMicros();
  Status done = catalog::RunProductImport(
      *import, store.clock(),
      [&](catalog::ProductChange change) {
        if (!options.replaces) return writer.Add(std::move(change));
        stage.Add(std::move(change));
        return Status();
      },
      [](const catalog::ImportProgress& progress) {
        PrintProgress("rows", progress.rows_read, progress.stored_position, progress.stored_size,
                      progress.rows_per_second);
      });
  if (done.ok()) done = writer.Flush();
  const double seconds = static_cast<double>(store.clock().SteadyMicros() - started_micros) / 1e6;
  std::fprintf(stderr, "\n%s\n", import->report().ToText(seconds).c_str());
  if (!done.ok()) {
    std::fprintf(stderr, "stopped; go on with --skip-rows %llu\n",
                 static_cast<unsigned long long>(import->rows_done()));
    return done;
  }
  if (!options.replaces) return Status();
  ASSIGN_OR_RETURN(catalog::FeedSwap swap, stage.Swap(*store->state().catalog_view(), options.force));
  std::fprintf(stderr, "%zu products written, %zu unchanged, %zu hidden\n", swap.upserted_count,
               swap.unchanged_count, swap.hidden_count);
  return store->Swap(std::move(swap));
}

Status ImportEvents(const ImportOptions& options, LocalStore& store) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  ASSIGN_OR_RETURN(const auto event_options, EventOptions(options, store));
  ASSIGN_OR_RETURN(auto stream, events::OpenEventImport(std::move(source), event_options));
  return WriteEvents(*stream, store);
}

Status ImportCustomers(const ImportOptions& options, LocalStore& store) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  ASSIGN_OR_RETURN(const auto event_options, EventOptions(options, store));
  ASSIGN_OR_RETURN(auto stream, events::OpenCustomerImport(std::move(source), event_options));
  return WriteEvents(*stream, store);
}

Status ImportOrders(const ImportOptions& options, LocalStore& store) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  events::OrderLineImportOptions order_options;
  ASSIGN_OR_RETURN(order_options.base, EventOptions(options, store));
  order_options.overrides = options.overrides;
  order_options.day_first = options.day_first;
  order_options.shift_latest_to_now = options.shift_latest_to == "now";
  if (!options.service_codes.empty()) order_options.service_codes = options.service_codes;
  ASSIGN_OR_RETURN(auto orders, events::OrderLineImport::Open(std::move(source), order_options));
  std::fprintf(stderr, "%s\n", orders->MappingText().c_str());
  if (orders->shift_ms() != 0) {
    std::fprintf(stderr, "all times are moved by %lld weeks\n",
                 static_cast<long long>(orders->shift_ms() / (7 * kDayMs)));
  }
  if (!options.no_products) RETURN_IF_ERROR(WriteDerivedProducts(*orders, store));
  return WriteEvents(*orders, store);
}

}  // namespace attune::cli
