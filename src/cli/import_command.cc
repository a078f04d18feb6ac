// attune import products | events | orders | customers: files into a store.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/import_files.h"
#include "cli/import_target.h"
#include "cli/local_store.h"

namespace attune::cli {

namespace {

using Import = Result<uint64_t> (*)(const ImportOptions&, ImportTarget&);

constexpr int kExitSomeRefused = 3;

int ExitCode(const Result<uint64_t>& refused) {
  if (!refused.ok()) return Fail(refused.status());
  return *refused == 0 ? 0 : kExitSomeRefused;
}

int Run(const ImportOptions& options, Import import) {
  if (!options.url.empty()) {
    if (!options.data.empty())
      return Fail(InvalidArgument("goes to a server or to a folder, not both", "url"));
    return ExitCode(import(options, *MakeRemoteTarget(options.url, options.key, options.store)));
  }
  if (options.data.empty())
    return Fail(InvalidArgument("where to: --data DIR --store NAME, or --url URL --key KEY"));
  auto local = LocalStore::Open(options.data, options.store, true);
  if (!local.ok() && local.status().code() == StatusCode::kConflict) {
    return Fail(Conflict(local.status().message() +
                         "; a running server takes the file with --url http://HOST:PORT --key KEY"));
  }
  if (!local.ok()) return Fail(local.status());
  return ExitCode(import(options, *MakeLocalTarget(local->get())));
}

}  // namespace

void AddImport(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* import = app.add_subcommand("import", "read products, events, orders or customers from files");
  import->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Import run) {
    CLI::App* verb = import->add_subcommand(name, help);
    verb->add_option("--data", options->data, "the data folder; its server must not run");
    verb->add_option("--store", options->store, "the store; made in the folder when it does not exist");
    verb->add_option("--url", options->url, "a running server instead of the folder: http://HOST:PORT");
    verb->add_option("--key", options->key, "a secret key of its store, with the scopes read and write");
    verb->footer("exit code: 0 all rows were taken, 3 some were not (the report says which), 1 it failed");
    verb->add_option("file", options->file, "the file; .gz and .xz are read directly")->required();
    verb->add_option("--skip-rows", options->skip, "rows that an earlier run has taken");
    verb->add_option("--currency", options->currency, "of amounts that name none; the store's by default");
    verbs.push_back({verb, [options, run] { return Run(*options, run); }});
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
