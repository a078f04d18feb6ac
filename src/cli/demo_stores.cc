#include "cli/demo_stores.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

#include "cli/import_files.h"
#include "cli/local_store.h"
#include "server/store_registry.h"

namespace attune::cli {
namespace {

namespace fs = std::filesystem;

// Written last, so that a store without it was not finished.
std::string MarkOf(const DemoFiles& demo, const std::string& name) {
  return demo.data + "/" + name + ".made";
}

Status WriteMark(const DemoFiles& demo, const std::string& name) {
  std::ofstream file(MarkOf(demo, name));
  file << "made\n";
  return file.good() ? Status() : Unavailable("cannot write to " + demo.data);
}

// Calls `fill` on a new store unless it was made before.
Status MakeOnce(const DemoFiles& demo, const char* store_id, const char* settings,
                const std::function<Status(LocalStore&)>& fill) {
  if (fs::exists(MarkOf(demo, store_id))) return Status();
  std::error_code error;
  fs::remove_all(server::StoreFolder(demo.data, store_id), error);
  fs::create_directories(demo.data, error);
  if (error) return Unavailable("cannot make the folder " + demo.data + ": " + error.message());
  ASSIGN_OR_RETURN(auto store, LocalStore::Open(demo.data, store_id, true));
  RETURN_IF_ERROR(
      (*store)->PutSetting(server::kStoreSettingKind, server::kStoreSettingId, settings, "attune demo"));
  RETURN_IF_ERROR(fill(*store));
  std::fprintf(stderr, "training the models of %s\n", store_id);
  RETURN_IF_ERROR((*store)->TrainNow({.is_cancelled = nullptr, .progress = {}, .thread_count = 2}));
  RETURN_IF_ERROR((*store)->SaveSnapshot());
  return WriteMark(demo, store_id);
}

}  // namespace

Status MakeGiftshop(const DemoFiles& demo) {
  return MakeOnce(
      demo, kGiftshop,
      R"({"title":"Giftshop","base_currency":"GBP","time_zone":"Europe/London","train_every_seconds":15})",
      [&demo](LocalStore& store) {
        std::fprintf(stderr, "giftshop: 541 909 real order lines\n");
        ImportOptions import;
        import.file = demo.files + "/data/giftshop/online_retail.tsv.xz";
        import.shift_latest_to = "now";
        return ImportOrders(import, *MakeLocalTarget(&store)).status();
      });
}

Status MakeElectronics(const DemoFiles& demo) {
  return MakeOnce(demo, kElectronics,
                  R"({"title":"Electronics","label":"Simulated shoppers.","base_currency":"USD",)"
                  R"("train_every_seconds":15})",
                  [&demo](LocalStore& store) {
                    std::fprintf(stderr, "electronics: 19 406 real products\n");
                    ImportOptions import;
                    import.file = demo.files + "/data/electronics/products.ndjson.xz";
                    return ImportProducts(import, *MakeLocalTarget(&store)).status();
                  });
}

bool HasSimulatedShoppers(const DemoFiles& demo) { return fs::exists(MarkOf(demo, "electronics-shoppers")); }

Status NoteSimulatedShoppers(const DemoFiles& demo) { return WriteMark(demo, "electronics-shoppers"); }

}  // namespace attune::cli
