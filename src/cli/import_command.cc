// attune import products | events | orders | customers: files into a store.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/import_files.h"
#include "cli/local_store.h"

namespace attune::cli {

void AddImport(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* import = app.add_subcommand("import", "read products, events, orders or customers from files");
  import->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Status (*run)(const ImportOptions&, LocalStore&)) {
    CLI::App* verb = import->add_subcommand(name, help);
    verb->add_option("--data", options->data, "the data folder")->required();
    verb->add_option("--store", options->store, "the store; made when it does not exist")->required();
    verb->add_option("file", options->file, "the file; .gz and .xz are read directly")->required();
    verb->add_option("--skip-rows", options->skip, "rows that an earlier run has taken");
    verb->add_option("--currency", options->currency, "of amounts that name none; the store's by default");
    verbs.push_back({verb, [options, run] {
                       auto local = LocalStore::Open(options->data, options->store, true);
                       if (!local.ok()) return Fail(local.status());
                       const Status done = run(*options, **local);
                       return done.ok() ? 0 : Fail(done);
                     }});
    return verb;
  };
  CLI::App* products =
      add("products", "NDJSON, CSV, TSV, Google Merchant feed, Shopify CSV", &ImportProducts);
  products->add_option("--map", options->overrides, "column=field; more than once");
  products->add_flag("--decimal-comma", options->decimal_comma, "24,90 is a price");
  products->add_flag("--replace", options->replaces,
                     "the file is the whole catalogue: hide what it does not hold");
  products->add_flag("--force", options->force,
                     "replace also when over 20 % of the products would be hidden");
  products->add_flag("--show-mapping", options->only_mapping, "show what each column would become, and stop");
  add("events", "events as NDJSON, in the form of POST /v1/events", &ImportEvents);
  CLI::App* orders = add("orders", "order lines as CSV or TSV: a row per product of an order", &ImportOrders);
  orders->add_option("--map", options->overrides, "field=column, e.g. order_id=InvoiceNo; more than once");
  orders->add_option("--service-code", options->service_codes, "codes that are no products, * for any text");
  orders->add_option("--shift-latest-to", options->shift_latest_to, "now: move all times by whole weeks")
      ->check(CLI::IsMember({"now"}));
  orders->add_flag("--day-first", options->day_first, "1/12/2010 is the first of December");
  orders->add_flag("--no-products", options->no_products, "do not make products from the lines");
  add("customers", "customers as NDJSON or CSV: customer_id, traits, consent", &ImportCustomers);
}

}  // namespace attune::cli
