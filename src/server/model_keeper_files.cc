// The files of a store's models: generations, what a dead training left behind, and the status.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/hash.h"
#include "server/model_keeper.h"
#include "storage/store_folder.h"

namespace attune::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFilePrefix = "generation-";
constexpr std::string_view kFileSuffix = ".models";
constexpr std::string_view kPartialSuffix = ".partial";
// Generations kept for replay.
constexpr int64_t kGenerationAgeMaxMs = 14 * kDayMs;
constexpr uint64_t kGenerationBytesMax = uint64_t{2} << 30;
// A status is a few kilobytes.
constexpr uint64_t kStatusBytesMax = 1 << 20;

std::string PathOf(const std::string& folder, const std::string& name) { return folder + "/" + name; }

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("no such file: " + path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

// Nothing for a name that is no generation's.
std::optional<Generation> GenerationOf(const std::string& name) {
  if (!name.starts_with(kFilePrefix) || !name.ends_with(kFileSuffix)) return std::nullopt;
  const std::string digits =
      name.substr(kFilePrefix.size(), name.size() - kFilePrefix.size() - kFileSuffix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return Generation(number);
}

// Newest first.
std::vector<std::pair<Generation, fs::directory_entry>> GenerationFiles(const std::string& folder) {
  std::vector<std::pair<Generation, fs::directory_entry>> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (const auto generation = GenerationOf(entry.path().filename().string())) {
      files.emplace_back(*generation, entry);
    }
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return files;
}

// What a training wrote that was never published, or not to its end.
void RemoveUnpublished(const std::string& folder, Generation published) {
  std::error_code error;
  for (const auto& [generation, entry] : GenerationFiles(folder)) {
    if (generation > published) fs::remove(entry.path(), error);
  }
  std::vector<fs::path> partial;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == kPartialSuffix) partial.push_back(entry.path());
  }
  for (const fs::path& path : partial) fs::remove(path, error);
}

}  // namespace

Result<std::shared_ptr<const models::ModelSet>> ModelKeeper::ReadGeneration(
    const std::string& folder, const models::GenerationRecord& record) {
  ASSIGN_OR_RETURN(std::string bytes, ReadWhole(PathOf(folder, record.file_name)));
  if (StableHash64(bytes) != record.file_checksum)
    return Corruption("damaged generation file: " + record.file_name);
  return models::ModelSet::Load(std::move(bytes));
}

Result<TrainingStatus> ModelKeeper::ReadTrainingStatus(const std::string& folder) {
  const std::string path = PathOf(folder, kTrainingStatusFile);
  std::error_code error;
  if (fs::file_size(path, error) > kStatusBytesMax && !error) {
    return Corruption("the status of the models is damaged");
  }
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(path));
  return ParseTrainingStatus(text);
}

std::optional<models::GenerationRecord> ModelKeeper::LoadPublished(
    const std::optional<models::GenerationRecord>& record) {
  auto status = ReadTrainingStatus(folder_);
  TrainingStatus told = status.ok() ? std::move(status).value() : TrainingStatus();
  RemoveUnpublished(folder_, record ? record->generation : Generation());
  std::optional<models::GenerationRecord> older;
  if (record) {
    last_generation_ = record->generation;
    auto set = ReadGeneration(folder_, *record);
    models::GenerationRecord loaded = *record;
    if (!set.ok()) {
      told.damage = set.status().message();
      if (log_ != nullptr) {
        log_->Write(http::LogLevel::kError, "generation unreadable", {{"reason", told.damage}});
      }
      older = LoadOlder(record->generation);
      if (older) loaded = *older;
    } else {
      published_.Publish(std::make_shared<const ModelDirectory>(std::move(set).value()));
    }
    if (set.ok() || older) {
      trained_until_ = loaded.watermark;
      trained_records_ = loaded.watermark.value();
      trained_at_ms_ = loaded.trained_at_ms;
      if (told.generation != loaded.generation) told.training = {};
      told.generation = loaded.generation;
      told.watermark = loaded.watermark;
      told.trained_at_ms = loaded.trained_at_ms;
      told.file_bytes = loaded.file_bytes;
    }
  }
  status_.Publish(std::make_shared<const TrainingStatus>(std::move(told)));
  return older;
}

std::optional<models::GenerationRecord> ModelKeeper::LoadOlder(Generation damaged) {
  for (const auto& [generation, entry] : GenerationFiles(folder_)) {
    if (generation >= damaged) continue;
    auto bytes = models::ReadModelFileBytes(entry.path().string());
    if (!bytes.ok()) continue;
    models::GenerationRecord record;
    record.generation = generation;
    record.file_name = entry.path().filename().string();
    record.file_checksum = StableHash64(*bytes);
    record.file_bytes = bytes->size();
    auto set = models::ModelSet::Load(std::move(bytes).value());
    if (!set.ok() || (*set)->generation() != generation) continue;
    record.watermark = (*set)->watermark();
    record.trained_at_ms = (*set)->header().trained_at_ms;
    published_.Publish(std::make_shared<const ModelDirectory>(std::move(set).value()));
    return record;
  }
  return std::nullopt;
}

void ModelKeeper::SaveStatus() {
  const Status saved =
      storage::WriteFileDurably(PathOf(folder_, kTrainingStatusFile), TrainingStatusToJson(*status()));
  if (!saved.ok() && log_ != nullptr) {
    log_->Write(http::LogLevel::kWarning, "status of the models not written", {{"reason", saved.message()}});
  }
}

void ModelKeeper::RemoveOldFiles(const models::GenerationRecord& newest) {
  std::error_code error;
  const auto oldest = fs::file_time_type::clock::now() - std::chrono::milliseconds(kGenerationAgeMaxMs);
  uint64_t bytes = 0;
  for (const auto& [generation, file] : GenerationFiles(folder_)) {
    bytes += file.file_size(error);
    const bool is_newest = generation == newest.generation;
    const bool is_old = file.last_write_time(error) < oldest;
    if (!is_newest && (is_old || bytes > kGenerationBytesMax)) fs::remove(file.path(), error);
  }
}

}  // namespace attune::server
