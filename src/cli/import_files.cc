#include "cli/import_files.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/json_writer.h"
#include "catalog/product_import.h"
#include "catalog/product_json.h"
#include "events/import_stream.h"
#include "events/order_line_import.h"

namespace attune::cli {
namespace {

Result<Currency> CurrencyOf(const ImportOptions& options, ImportTarget& target) {
  if (options.currency.empty()) return target.BaseCurrency();
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

// Where the next run goes on.
Status Stopped(const Status& status, uint64_t durable) {
  std::fprintf(stderr, "stopped; go on with --skip-rows %llu\n", static_cast<unsigned long long>(durable));
  return status;
}

Result<uint64_t> WriteEvents(events::EventStream& stream, const ImportOptions& options,
                             ImportTarget& target) {
  const int64_t started_micros = target.clock().SteadyMicros();
  Status done = events::RunEventImport(
      stream, target.clock(), kImportBatchMax,
      [&target](std::vector<events::IncomingEvent> batch, uint64_t rows) {
        return target.AddEvents(std::move(batch), rows);
      },
      [](const events::ImportProgress& progress) {
        PrintProgress("events", progress.events, progress.stored_position, progress.stored_size,
                      progress.events_per_second);
      });
  if (done.ok()) done = target.Flush();
  const double seconds = static_cast<double>(target.clock().SteadyMicros() - started_micros) / 1e6;
  std::fprintf(stderr, "\n%s\n", stream.tally().ToText(seconds).c_str());
  if (!done.ok()) return Stopped(done, std::max(target.durable(), options.skip));
  return stream.tally().rows_left_out() + target.refused();
}

Result<events::EventImportOptions> EventOptions(const ImportOptions& options, ImportTarget& target) {
  ASSIGN_OR_RETURN(const Currency currency, CurrencyOf(options, target));
  return events::EventImportOptions{
      .now_ms = target.clock().NowMs(), .default_currency = currency, .skip = options.skip};
}

Result<ImportedProduct> DerivedProduct(const events::DerivedProduct& derived, int64_t now_ms) {
  JsonWriter json;
  json.BeginObject().Key("product_id").String(derived.product_id).Key("title").String(derived.title);
  json.Key("price").String(FormatMinor(derived.price_minor, derived.currency));
  json.Key("currency").String(derived.currency.code()).EndObject();
  ASSIGN_OR_RETURN(catalog::ProductChange change,
                   catalog::ParseProductChange(json.text(), {.kind = catalog::ProductChange::Kind::kMerge,
                                                             .product_id = {},
                                                             .default_currency = derived.currency,
                                                             .now_ms = now_ms}));
  return ImportedProduct{std::move(change), json.TakeText()};
}

Status WriteDerivedProducts(const events::OrderLineImport& orders, ImportTarget& target) {
  std::vector<ImportedProduct> batch;
  const std::vector<events::DerivedProduct> products = orders.products();
  for (const events::DerivedProduct& derived : products) {
    ASSIGN_OR_RETURN(ImportedProduct product, DerivedProduct(derived, target.clock().NowMs()));
    batch.push_back(std::move(product));
    if (batch.size() == kImportBatchMax) RETURN_IF_ERROR(target.AddProducts(std::exchange(batch, {}), 0));
  }
  if (!batch.empty()) RETURN_IF_ERROR(target.AddProducts(std::move(batch), 0));
  RETURN_IF_ERROR(target.Flush());
  std::fprintf(stderr, "%zu products made from the order lines\n", products.size());
  return Status();
}

}  // namespace

Result<uint64_t> ImportProducts(const ImportOptions& options, ImportTarget& target) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  catalog::ProductImportOptions import_options;
  import_options.overrides = options.overrides;
  import_options.decimal_comma = options.decimal_comma;
  import_options.says_currency = !options.url.empty();
  import_options.feed_time_ms = target.clock().NowMs();
  import_options.skip_rows = options.skip;
  ASSIGN_OR_RETURN(import_options.default_currency, CurrencyOf(options, target));
  ASSIGN_OR_RETURN(auto import, catalog::ProductImport::Open(std::move(source), import_options));
  std::fprintf(stderr, "%s\n", import->mapping().ToText().c_str());
  if (options.only_mapping) return 0;
  std::vector<ImportedProduct> batch;
  const int64_t started_micros = target.clock().SteadyMicros();
  Status done = catalog::RunProductImport(
      *import, target.clock(),
      [&](catalog::ProductChange change) -> Status {
        batch.push_back({std::move(change), options.url.empty() ? std::string() : import->last_json()});
        if (options.replaces || batch.size() < kImportBatchMax) return Status();
        return target.AddProducts(std::exchange(batch, {}), import->rows_done());
      },
      [](const catalog::ImportProgress& progress) {
        PrintProgress("rows", progress.rows_read, progress.stored_position, progress.stored_size,
                      progress.rows_per_second);
      });
  if (done.ok() && !options.replaces && !batch.empty()) {
    done = target.AddProducts(std::exchange(batch, {}), import->rows_done());
  }
  if (done.ok()) done = target.Flush();
  const double seconds = static_cast<double>(target.clock().SteadyMicros() - started_micros) / 1e6;
  std::fprintf(stderr, "\n%s\n", import->report().ToText(seconds).c_str());
  if (!done.ok()) return Stopped(done, std::max(target.durable(), options.skip));
  if (options.replaces) {
    RETURN_IF_ERROR(target.Replace(std::move(batch), import_options.feed_time_ms, options.force));
  }
  return import->report().rows_rejected + target.refused();
}

Result<uint64_t> ImportEvents(const ImportOptions& options, ImportTarget& target) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  ASSIGN_OR_RETURN(const auto event_options, EventOptions(options, target));
  ASSIGN_OR_RETURN(auto stream, events::OpenEventImport(std::move(source), event_options));
  return WriteEvents(*stream, options, target);
}

Result<uint64_t> ImportCustomers(const ImportOptions& options, ImportTarget& target) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  ASSIGN_OR_RETURN(const auto event_options, EventOptions(options, target));
  ASSIGN_OR_RETURN(auto stream, events::OpenCustomerImport(std::move(source), event_options));
  return WriteEvents(*stream, options, target);
}

Result<uint64_t> ImportOrders(const ImportOptions& options, ImportTarget& target) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(options.file));
  events::OrderLineImportOptions order_options;
  ASSIGN_OR_RETURN(order_options.base, EventOptions(options, target));
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
  if (!options.no_products) RETURN_IF_ERROR(WriteDerivedProducts(*orders, target));
  return WriteEvents(*orders, options, target);
}

}  // namespace attune::cli
