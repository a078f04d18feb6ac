// attune backup, restore, rebuild: copies of a store, and derived state made anew from the log.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/local_store.h"
#include "server/rebuild.h"
#include "server/store_registry.h"
#include "storage/backup.h"

namespace attune::cli {
namespace {

struct BackupOptions {
  std::string data;
  std::string store;
  std::string to;
  std::string from;
  bool with_vault = false;
};

int BackUp(const BackupOptions& options) {
  auto local = LocalStore::Open(options.data, options.store, false);
  if (!local.ok()) return Fail(local.status());
  const auto summary = (**local)->BackUp(options.to, options.with_vault);
  if (!summary.ok()) return Fail(summary.status());
  std::printf("%llu files, %.1f MB, up to record %llu%s\n", static_cast<unsigned long long>(summary->files),
              static_cast<double>(summary->bytes) / 1e6,
              static_cast<unsigned long long>(summary->last_sequence.value()),
              summary->has_vault ? ", with the vault: keep it secret" : ", without the vault");
  return 0;
}

int Restore(const BackupOptions& options) {
  const SystemClock clock;
  storage::RestoreOptions restore;
  restore.rocks.clock = &clock;
  restore.rocks.resources = storage::StorageResources::Create({});
  std::error_code error;
  std::filesystem::create_directories(options.data, error);
  const auto summary =
      storage::RestoreBackup(options.from, server::StoreFolder(options.data, options.store), restore);
  if (!summary.ok()) return Fail(summary.status());
  std::printf("restored %llu files up to record %llu%s\n", static_cast<unsigned long long>(summary->files),
              static_cast<unsigned long long>(summary->last_sequence.value()),
              summary->has_vault ? "" : "; without a vault, known shoppers begin anew");
  return 0;
}

int Rebuild(const BackupOptions& options) {
  const auto done = server::RebuildStore(server::StoreFolder(options.data, options.store), SystemClock());
  if (!done.ok()) return Fail(done.status());
  std::printf("rebuilt from %llu records of the log\n", static_cast<unsigned long long>(*done));
  return 0;
}

}  // namespace

void AddBackup(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<BackupOptions>();
  const auto add = [&](const char* name, const char* help, int (*run)(const BackupOptions&)) {
    CLI::App* verb = app.add_subcommand(name, help);
    verb->add_option("--data", options->data, "the data folder")->required();
    verb->add_option("--store", options->store, "the store")->required();
    verbs.push_back({verb, [options, run] { return run(*options); }});
    return verb;
  };
  CLI::App* backup = add("backup", "copy a store to a new folder", &BackUp);
  backup->add_option("--to", options->to, "the folder, which must not exist")->required();
  backup->add_flag("--with-vault", options->with_vault, "also the keys to shoppers' identities");
  add("restore", "make a store from a backup", &Restore)
      ->add_option("--from", options->from, "the backup's folder")
      ->required();
  add("rebuild", "make all derived state anew from the log", &Rebuild);
}

}  // namespace attune::cli
