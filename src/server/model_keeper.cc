#include "server/model_keeper.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/hash.h"
#include "decisions/decision_record.h"
#include "events/event_record.h"
#include "events/identity_record.h"
#include "storage/store_folder.h"

namespace attune::server {
namespace {

constexpr int kTrainerNice = 10;
constexpr int64_t kTrainerLooksEveryMs = 1000;
// Rest after a training, in its own durations: a large store trains a fifth of the time, whatever its
// interval says.
constexpr int64_t kRestPerTraining = 4;
// Generations kept for replay.
constexpr int64_t kGenerationAgeMaxMs = 14 * kDayMs;
constexpr uint64_t kGenerationBytesMax = uint64_t{2} << 30;
// Fewer new records than this do not make a generation worth its file.
constexpr uint64_t kNewRecordsMin = 1;

std::string PathOf(const std::string& folder, const std::string& name) { return folder + "/" + name; }

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("no such file: " + path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

}  // namespace

ModelDirectory::ModelDirectory(std::shared_ptr<const models::ModelSet> set)
    : set_(std::move(set)), ties_(set_ == nullptr ? models::ProductTies::Make(nullptr) : set_->ties()) {}

const models::CandidateSource* ModelDirectory::Find(std::string_view name) const {
  return set_ == nullptr ? nullptr : set_->Source(name);
}

std::vector<decisions::SourceGeneration> ModelDirectory::generations() const {
  if (set_ == nullptr) return {};
  return {{"models", set_->generation()}};
}

ModelKeeper::ModelKeeper(const storage::StorageEngine* engine, const events::IdentityRegistry* identities,
                         std::string folder, const Clock* clock, http::AccessLog* log,
                         uint64_t interaction_rows_max)
    : engine_(engine),
      identities_(identities),
      folder_(std::move(folder)),
      clock_(clock),
      log_(log),
      published_(std::make_shared<const ModelDirectory>(nullptr)),
      interactions_(interaction_rows_max),
      orders_(nullptr, events::OrderRules{}, 0) {}

ModelKeeper::~ModelKeeper() { StopTraining(); }

Result<std::shared_ptr<const models::ModelSet>> ModelKeeper::ReadGeneration(
    const std::string& folder, const models::GenerationRecord& record) {
  ASSIGN_OR_RETURN(std::string bytes, ReadWhole(PathOf(folder, record.file_name)));
  if (StableHash64(bytes) != record.file_checksum)
    return Corruption("damaged generation file: " + record.file_name);
  return models::ModelSet::Load(std::move(bytes));
}

void ModelKeeper::LoadPublished(const std::optional<models::GenerationRecord>& record) {
  if (!record) return;
  last_generation_ = record->generation;
  auto set = ReadGeneration(folder_, *record);
  if (set.ok()) {
    trained_until_ = record->watermark;
    published_.Publish(std::make_shared<const ModelDirectory>(std::move(set).value()));
  } else if (log_ != nullptr) {
    log_->Write(http::LogLevel::kError, "generation unreadable", {{"reason", set.status().message()}});
  }
}

Status ModelKeeper::FoldLog(Sequence until) {
  if (folded_ == Sequence(0) && engine_->first_sequence() > Sequence(1)) RETURN_IF_ERROR(ReadLinks());
  Status folded;
  events::Event event;
  RETURN_IF_ERROR(engine_->ScanLog(Sequence(folded_.value() + 1), [&](const storage::Record& record) {
    if (record.sequence > until || is_cancelled_.load(std::memory_order_relaxed)) return false;
    if (record.kind == storage::RecordKind::kEvent) {
      folded = events::DecodeEvent(record.payload, event);
      if (!folded.ok()) return false;
      // Without the right to personalise, what a shopper did counts for products and not for the shopper.
      if (!event.consent.personalization) event.shopper = ShopperHandle();
      auto changes = orders_.Apply(event);
      folded = changes.status();
      if (!folded.ok()) return false;
      interactions_.AddEvent(event);
      impressions_.AddEvent(event);
      for (const events::OrderChange& change : *changes) interactions_.ApplyOrderChange(change);
    } else if (record.kind == storage::RecordKind::kIdentity) {
      const auto change = events::DecodeIdentityChange(record.payload);
      folded = change.status();
      using Kind = events::IdentityChange::Kind;
      if (folded.ok() && change->kind == Kind::kErased) {
        interactions_.ForgetShopper(change->shopper);
        impressions_.ForgetShopper(change->shopper);
      }
      if (folded.ok() && change->kind == Kind::kLinked) interactions_.Link(change->shopper, change->owner);
      if (folded.ok() && change->kind == Kind::kUnlinked) interactions_.Unlink(change->shopper);
    }
    folded_ = record.sequence;
    return folded.ok();
  }));
  return folded;
}

// The links whose records were cut off the log.  Later ones are folded again on the way to `until`, which
// lies behind the snapshot, so at `until` they are those of that moment.
Status ModelKeeper::ReadLinks() {
  constexpr size_t kStatesPerVisit = 10'000;
  std::optional<ShopperHandle> last = ShopperHandle();
  while (last) {
    ASSIGN_OR_RETURN(
        last, identities_->VisitSaved(*last, kStatesPerVisit,
                                      [this](ShopperHandle shopper, const events::IdentityState& state) {
                                        if (state.owner != ShopperHandle())
                                          interactions_.Link(shopper, state.owner);
                                      }));
  }
  return Status();
}

// Nothing when the record is not written (yet), or gone.
std::optional<models::SlateContext> ModelKeeper::ContextOf(const DecisionId& decision) const {
  const auto bytes = engine_->Get(storage::Column::kDecisions, decisions::DecisionKey(decision));
  if (!bytes.ok() || !*bytes) return std::nullopt;
  const auto record = decisions::DecodeDecisionRecord(decision, **bytes);
  if (!record.ok()) return std::nullopt;
  models::SlateContext context{record->request.placement, std::nullopt};
  if (!record->request.page_products.empty()) context.page = record->request.page_products.front();
  return context;
}

Result<ModelKeeper::Trained> ModelKeeper::Train(const std::shared_ptr<const catalog::CatalogView>& catalog,
                                                models::ModelSetOptions options,
                                                const models::TrainingControl& control) {
  const Sequence until = engine_->last_sequence();
  RETURN_IF_ERROR(FoldLog(until));
  RETURN_IF_ERROR(control.Check());
  if (options.ranker) {
    impressions_.Resolve([this](const DecisionId& decision) { return ContextOf(decision); });
    options.ranker->impressions = &impressions_;
  }
  models::ModelFileHeader header;
  header.generation = Generation(last_generation_.value() + 1);
  header.watermark = until;
  header.trained_at_ms = clock_->NowMs();
  ASSIGN_OR_RETURN(const auto set,
                   models::TrainModelSet(interactions_, catalog.get(), header, options, control));
  const std::string bytes = set->Save();
  Trained trained;
  trained.record = {.generation = header.generation,
                    .watermark = until,
                    .trained_at_ms = header.trained_at_ms,
                    .file_name = models::GenerationFileName(header.generation),
                    .file_checksum = StableHash64(bytes),
                    .file_bytes = bytes.size()};
  RETURN_IF_ERROR(storage::WriteFileDurably(PathOf(folder_, trained.record.file_name), bytes));
  // What serves is what a restart and a replay will read.
  ASSIGN_OR_RETURN(trained.set, models::ModelSet::Load(bytes));
  trained_until_ = until;
  last_generation_ = header.generation;
  RemoveOldFiles(trained.record);
  return trained;
}

void ModelKeeper::Publish(const Trained& trained) {
  published_.Publish(std::make_shared<const ModelDirectory>(trained.set));
}

void ModelKeeper::RemoveOldFiles(const models::GenerationRecord& newest) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::directory_entry> files;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().extension() == ".models") files.push_back(entry);
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path() > b.path(); });
  const auto oldest = fs::file_time_type::clock::now() - std::chrono::milliseconds(kGenerationAgeMaxMs);
  uint64_t bytes = 0;
  for (const auto& file : files) {
    bytes += file.file_size(error);
    const bool is_newest = file.path().filename() == newest.file_name;
    const bool is_old = file.last_write_time(error) < oldest;
    if (!is_newest && (is_old || bytes > kGenerationBytesMax)) fs::remove(file.path(), error);
  }
}

void ModelKeeper::StartTraining(TrainAndPublish train, std::function<int64_t()> interval_ms) {
  trainer_ = std::thread([this, train = std::move(train), interval_ms = std::move(interval_ms)] {
    // This thread only: serving comes first.
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kTrainerNice);
    RunTrainer(train, interval_ms);
  });
}

void ModelKeeper::RunTrainer(const TrainAndPublish& train, const std::function<int64_t()>& interval_ms) {
  int64_t trained_at_ms = 0;
  int64_t rest_ms = 0;
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!is_stopping_) wake_.WaitFor(lock, std::chrono::milliseconds(kTrainerLooksEveryMs));
      if (is_stopping_) return;
    }
    const uint64_t new_records = engine_->last_sequence().value() - trained_until_.value();
    const int64_t now_ms = clock_->NowMs();
    if (new_records < kNewRecordsMin || now_ms - trained_at_ms < std::max(interval_ms(), rest_ms)) continue;
    models::TrainingControl control;
    control.is_cancelled = &is_cancelled_;
    const Status trained = train(control);
    trained_at_ms = clock_->NowMs();
    rest_ms = kRestPerTraining * (trained_at_ms - now_ms);
    // The record of the generation itself is nothing to learn from.
    if (trained.ok() && trained_until_.value() + 1 == engine_->last_sequence().value()) {
      trained_until_ = engine_->last_sequence();
    }
    if (!trained.ok() && log_ != nullptr && !is_cancelled_) {
      log_->Write(http::LogLevel::kError, "training failed", {{"reason", trained.message()}});
    }
  }
}

void ModelKeeper::StopTraining() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  is_cancelled_ = true;
  wake_.NotifyAll();
  if (trainer_.joinable()) trainer_.join();
}

}  // namespace attune::server
