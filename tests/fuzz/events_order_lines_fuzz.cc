// Fuzzes the import of order lines: any file gives events that keep the limits of events, or a refusal.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "events/event_json.h"
#include "events/limits.h"
#include "events/order_line_import.h"
#include "fuzz_target.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
      "536365,85123A,\"HEART, WHITE\",6,2010-12-01 08:26,2.55,17850,United Kingdom\n"
      "536365,71053,LANTERN,2,2010-12-01 08:26,3.39,17850,United Kingdom\n"
      "C536400,71053,LANTERN,-1,2010-12-02 09:00,3.39,17850,United Kingdom\n"
      "536401,POST,POSTAGE,1,2010-12-02 09:00,18,,France\n",
      "order_id\tproduct_id\tquantity\ttime\tprice\tcurrency\n1\ta1\t2\t2026-01-01\t5.00\tEUR\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune;
  using namespace attune::events;
  OrderLineImportOptions options;
  options.base.now_ms = 1'770'000'000'000;
  options.base.default_currency = *Currency::Parse("EUR");
  options.shift_latest_to_now = size % 2 == 0;
  options.day_first = size % 3 == 0;
  auto source = catalog::OpenImportText(std::string(reinterpret_cast<const char*>(data), size));
  if (!source.ok()) return 0;
  auto import = OrderLineImport::Open(std::move(source).value(), options);
  if (!import.ok()) return 0;
  while (true) {
    IncomingEvent event;
    const Result<bool> has_event = (*import)->Next(event);
    if (!has_event.ok() || !*has_event) break;
    ++attune::fuzz::accepted_count;
    for (const IncomingLine& line : event.lines) CHECK(!line.product_id.empty() && line.quantity >= 1);
  }
  (void)(*import)->products();
  (void)(*import)->MappingText();
  return 0;
}
