#include "storage/backup.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "storage/backup_list.h"
#include "storage/file_copy.h"
#include "storage/store_folder.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;

// Links what other rooms put beside the database.
Status LinkBeside(const std::string& store_folder, const std::string& target, bool with_bases) {
  std::set<std::string> skip = {"FORMAT", "db", "vault"};
  if (!with_bases) skip.insert("bases");
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(store_folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("before-format-")) skip.insert(name);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, ListTree(store_folder, skip));
  for (const std::string& path : paths) {
    const Status status = LinkFile(store_folder, target, path);
    // Replaced or dropped meanwhile.
    if (!status.ok() && status.code() != StatusCode::kNotFound) return status;
  }
  return Status();
}

Status SyncFoldersBelow(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error)) RETURN_IF_ERROR(SyncFolder(entry->path().string()));
  }
  if (error) return Unavailable("cannot list folder: " + folder + ": " + error.message());
  return SyncFolder(folder);
}

Status RenameDurably(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return Unavailable("cannot rename a folder: " + from + ": " + error.message());
  return SyncFolder(fs::absolute(to).parent_path().string());
}

bool IsEmptyOrAbsent(const std::string& folder) {
  std::error_code error;
  return !fs::exists(folder, error) || (fs::is_directory(folder, error) && fs::is_empty(folder, error));
}

BackupSummary Summarize(const BackupList& list) {
  BackupSummary summary;
  summary.files = list.files.size();
  for (const CopiedFile& file : list.files) summary.bytes += file.bytes;
  summary.last_sequence = list.last_sequence;
  summary.has_vault = list.has_vault;
  return summary;
}

Status CopyAll(const std::string& from, const std::string& to, BackupList& list) {
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, ListTree(from, {}));
  TreeCopy copy(from, to);
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(CopiedFile file, copy.Copy(path));
    list.files.push_back(std::move(file));
  }
  RETURN_IF_ERROR(WriteFileDurably(to + "/" + kBackupListName, FormatBackupList(list)));
  return SyncFoldersBelow(to);
}

// Copies and compares.  `to` gets "store/..." and "vault/...".
Status CopyAndVerify(const std::string& from, const std::string& to, const BackupList& list,
                     bool with_vault) {
  TreeCopy copy(from, to);
  for (const CopiedFile& file : list.files) {
    if (!with_vault && file.path.starts_with("vault/")) continue;
    std::error_code error;
    if (!fs::exists(from + "/" + file.path, error))
      return Corruption("a backup has lost a file: " + file.path);
    ASSIGN_OR_RETURN(const CopiedFile copied, copy.Copy(file.path));
    if (copied != file) return Corruption("a file of a backup has changed: " + file.path);
  }
  return SyncFoldersBelow(to);
}

Status VerifyStore(const std::string& folder, Sequence last_sequence, RocksOptions options) {
  options.create_if_missing = false;
  ASSIGN_OR_RETURN(const std::unique_ptr<RocksStorage> store, RocksStorage::Open(folder, options));
  uint64_t records = 0;
  RETURN_IF_ERROR(store->ScanLog(Sequence{0}, [&records](const Record&) {
    ++records;
    return true;
  }));
  const bool is_whole = store->last_sequence() == last_sequence &&
                        store->first_sequence().value() + records == last_sequence.value() + 1;
  return is_whole ? Status() : Corruption("the log of a restored store is not whole: " + folder);
}

}  // namespace

StagedBackup::StagedBackup(std::string folder, Sequence last_sequence, bool has_vault)
    : folder_(std::move(folder)), last_sequence_(last_sequence), has_vault_(has_vault) {}

StagedBackup::~StagedBackup() {
  std::error_code error;
  fs::remove_all(folder_, error);
}

Result<std::unique_ptr<StagedBackup>> StagedBackup::Stage(RocksStorage& store, const BackupOptions& options) {
  const std::string folder = store.store_folder() + "/.backup";
  std::error_code error;
  fs::remove_all(folder, error);
  // Cleans up behind itself when a step fails.
  std::unique_ptr<StagedBackup> staged(
      new StagedBackup(folder, store.last_sequence(), options.vault != nullptr));
  const std::string beside = folder + "/beside";
  RETURN_IF_ERROR(LinkBeside(store.store_folder(), beside, options.with_bases));
  RETURN_IF_ERROR(store.Checkpoint(folder + "/store"));
  RETURN_IF_ERROR(LinkBeside(store.store_folder(), folder + "/store", options.with_bases));
  if (fs::exists(beside, error)) {
    RETURN_IF_ERROR(LinkBeside(beside, folder + "/store", options.with_bases));
    fs::remove_all(beside, error);
  }
  // After the store: the keys of everybody that the store knows are in it.
  if (options.vault != nullptr) RETURN_IF_ERROR(options.vault->Checkpoint(folder + "/vault"));
  return staged;
}

Result<BackupSummary> StagedBackup::WriteTo(const std::string& directory) const {
  std::error_code error;
  if (fs::exists(directory, error)) return Conflict("the folder for a backup already exists: " + directory);
  const std::string partial = directory + ".partial";
  fs::remove_all(partial, error);
  if (!fs::create_directories(partial, error)) {
    return Unavailable("cannot create a folder: " + partial + ": " + error.message());
  }
  BackupList list;
  list.last_sequence = last_sequence_;
  list.has_vault = has_vault_;
  Status status = CopyAll(folder_, partial, list);
  if (status.ok()) status = RenameDurably(partial, directory);
  if (!status.ok()) {
    fs::remove_all(partial, error);
    return status;
  }
  return Summarize(list);
}

Result<BackupSummary> RestoreBackup(const std::string& directory, const std::string& store_folder,
                                    const RestoreOptions& options) {
  std::ifstream file(directory + "/" + kBackupListName, std::ios::binary);
  if (!file) return NotFound("no backup in folder: " + directory);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSIGN_OR_RETURN(const BackupList list, ParseBackupList(text));
  if (!IsEmptyOrAbsent(store_folder)) {
    return Conflict("the folder to restore to is not empty: " + store_folder);
  }
  const std::string partial = store_folder + ".partial";
  std::error_code error;
  fs::remove_all(partial, error);
  if (!fs::create_directories(partial, error)) {
    return Unavailable("cannot create a folder: " + partial + ": " + error.message());
  }
  const bool with_vault = list.has_vault && options.with_vault;
  Status status = CopyAndVerify(directory, partial, list, with_vault);
  if (status.ok() && with_vault) status = RenameDurably(partial + "/vault", partial + "/store/vault");
  if (status.ok()) status = VerifyStore(partial + "/store", list.last_sequence, options.rocks);
  fs::remove(store_folder, error);  // It is empty.
  if (status.ok()) status = RenameDurably(partial + "/store", store_folder);
  fs::remove_all(partial, error);
  if (!status.ok()) return status;
  BackupSummary summary = Summarize(list);
  summary.has_vault = with_vault;
  return summary;
}

}  // namespace attune::storage
