// The playground's folder: the page as it ships, and what it must know of the stores, as JSON files beside
// it.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "catalog/import_source.h"
#include "catalog/offer_terms.h"
#include "cli/demo_stores.h"
#include "cli/local_store.h"
#include "events/order_line_import.h"

namespace attune::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kShownShoppersOfEach = 3;
constexpr int kSimulatedShoppersShown = 9;

Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  return file.good() ? Status() : Unavailable("cannot write " + path);
}

// [{"product_id","title","brand","category","price","currency"}]: what the page searches and draws.
std::string ProductList(const server::Store& store) {
  const auto view = store.state().catalog_view();
  JsonWriter json;
  json.BeginArray();
  for (uint32_t i = 0; i < view->index_count(); ++i) {
    const catalog::Product* product = view->Find(ProductIndex(i));
    if (product == nullptr || product->is_hidden || !product->price.price_minor) continue;
    json.BeginObject().Key("product_id").String(product->product_id).Key("title").String(product->title);
    if (!product->brand.empty()) json.Key("brand").String(product->brand);
    if (!product->categories.empty()) {
      json.Key("category").BeginArray();
      for (const auto& level : product->categories.front()) json.String(level);
      json.EndArray();
    }
    json.Key("price").String(FormatMinor(*product->price.price_minor, product->price.currency));
    json.Key("currency").String(product->price.currency.code()).EndObject();
  }
  json.EndArray();
  return json.TakeText();
}

// Some customers with many, some and few orders.
Result<std::vector<std::pair<std::string, int>>> GiftshopCustomers(const DemoFiles& demo) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(demo.files + "/data/giftshop/online_retail.tsv.xz"));
  ASSIGN_OR_RETURN(auto orders, events::OrderLineImport::Open(std::move(source), {}));
  std::map<std::string, int> counts;
  events::IncomingEvent event;
  while (true) {
    ASSIGN_OR_RETURN(const bool is_there, orders->Next(event));
    if (!is_there) break;
    if (event.type == events::EventType::kOrderCompleted && !event.customer_id.empty())
      ++counts[event.customer_id];
  }
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<std::pair<std::string, int>> shown;
  for (const size_t from : {size_t{10}, sorted.size() / 5, sorted.size() / 2}) {
    for (size_t i = from; i < std::min(from + kShownShoppersOfEach, sorted.size()); ++i)
      shown.push_back(sorted[i]);
  }
  return shown;
}

void WriteStore(const char* id, const char* title, const std::string& label, const std::string& about,
                const server::Store& store, JsonWriter& json) {
  json.Key("id").String(id).Key("title").String(title).Key("label").String(label).Key("about").String(about);
  json.Key("currency").String(store.settings().base_currency.code());
  json.Key("products_url").String(std::string(id) + ".products.json").Key("shoppers").BeginArray();
}

}  // namespace

Result<std::string> WritePlayground(const DemoFiles& demo) {
  const std::string folder = demo.data + "/playground.files";
  std::error_code error;
  fs::create_directories(folder, error);
  for (const char* name : {"index.html", "playground.css", "playground.js"}) {
    fs::copy_file(demo.files + "/web/playground/" + name, folder + "/" + name,
                  fs::copy_options::overwrite_existing, error);
    if (error) return Unavailable(std::string("cannot copy web/playground/") + name + ": " + error.message());
  }
  JsonWriter json;
  json.BeginObject().Key("stores").BeginArray();
  {
    ASSIGN_OR_RETURN(auto giftshop, LocalStore::Open(demo.data, kGiftshop, false));
    RETURN_IF_ERROR(WriteText(folder + "/giftshop.products.json", ProductList(**giftshop)));
    json.BeginObject();
    WriteStore(
        kGiftshop, "Giftshop", "",
        "Real orders of a British gift shop, 2010 to 2011 (Online Retail, Daqing Chen, CC BY 4.0), moved by "
        "whole weeks so that the last ones are of these days. Nobody's views are in the data and none are "
        "invented: rows that stand on views say so until you click.",
        **giftshop, json);
    ASSIGN_OR_RETURN(const auto customers, GiftshopCustomers(demo));
    for (const auto& [customer_id, orders] : customers) {
      json.BeginObject().Key("customer_id").String(customer_id);
      json.Key("label")
          .String("Customer " + customer_id + ", " + std::to_string(orders) + " orders")
          .EndObject();
    }
    json.EndArray().EndObject();
  }
  {
    ASSIGN_OR_RETURN(auto electronics, LocalStore::Open(demo.data, kElectronics, false));
    RETURN_IF_ERROR(WriteText(folder + "/electronics.products.json", ProductList(**electronics)));
    json.BeginObject();
    WriteStore(kElectronics, "Electronics", "Simulated shoppers.",
               "Real products (Open Icecat). The shoppers and all that they did are simulated: nothing here "
               "says how "
               "well attune works for a real shop.",
               **electronics, json);
    for (int i = 1; i <= kSimulatedShoppersShown; ++i) {
      const std::string id = "sim-a" + std::to_string(i);
      json.BeginObject().Key("anonymous_id").String(id);
      json.Key("label").String("Simulated visitor " + std::to_string(i)).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  RETURN_IF_ERROR(WriteText(folder + "/config.json", json.TakeText()));
  return folder;
}

}  // namespace attune::cli
