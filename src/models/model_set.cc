#include "models/model_set.h"

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <span>
#include <utility>

#include "models/model_set_costs.h"
#include "models/ranker_training.h"
#include "models/sequence_file.h"
#include "models/source_trainers.h"
#include "models/transition_source.h"
#include "models/visits.h"

namespace attune::models {
namespace {

constexpr std::string_view kTiesSection = "ties";
constexpr std::string_view kTransitionsSection = "transitions";

std::shared_ptr<const TransitionSource> MakeRowsSource(std::string_view name, SparseRows rows,
                                                       std::shared_ptr<const ProductTies> ties) {
  std::vector<TransitionPart> parts;
  parts.push_back({std::make_shared<const SparseRows>(std::move(rows)), 0, 1});
  return std::make_shared<const TransitionSource>(std::string(name), std::move(parts), std::move(ties));
}

void PutText(std::string_view text, SectionWriter& out) { out.PutArray(std::span<const char>(text)); }

// The only thing in a section; valid as long as the file's bytes.
Result<std::string_view> TakeText(SectionReader& in) {
  const std::string_view text = in.TakeText();
  RETURN_IF_ERROR(in.Finish());
  return text;
}

// Null when the file has none.
Result<std::shared_ptr<const TransitionSource>> LoadRowsSource(const ModelFile& file, std::string_view name,
                                                               std::shared_ptr<const ProductTies> ties) {
  if (!file.HasSection(name)) return std::shared_ptr<const TransitionSource>();
  ASSIGN_OR_RETURN(SectionReader in, file.Section(name));
  ASSIGN_OR_RETURN(const std::string_view bytes, TakeText(in));
  ASSIGN_OR_RETURN(SparseRows rows, SparseRows::Parse(bytes, name));
  return MakeRowsSource(name, std::move(rows), std::move(ties));
}

// Null when the file has none.
Result<std::shared_ptr<const SessionNextModel>> LoadSessionModel(const ModelFile& file, std::string_view name,
                                                                 std::shared_ptr<const ProductTies> ties) {
  if (!file.HasSection(name)) return std::shared_ptr<const SessionNextModel>();
  ASSIGN_OR_RETURN(SectionReader in, file.Section(name));
  return SessionNextModel::Load(name, in, std::move(ties));
}

}  // namespace

// Fills a ModelSet step by step.
class ModelSetTrainer {
 public:
  ModelSetTrainer(const InteractionLog& log, const catalog::CatalogView* catalog,
                  const ModelSetOptions& options, const TrainingControl& control)
      : log_(log),
        catalog_(catalog),
        options_(options),
        control_(control),
        product_count_(std::max(log.product_index_count(), catalog == nullptr ? 0 : catalog->index_count())) {
  }

  Result<std::shared_ptr<const ModelSet>> Train(const ModelFileHeader& header, TrainingReport& report) {
    set_->header_ = header;
    set_->ties_ = ProductTies::Make(catalog_);
    counts_ = report.counts = CountForTraining(log_, catalog_);
    double spent_seconds = 0;
    double share = 0;
    for (const Trainer& trainer : Trainers()) {
      RETURN_IF_ERROR(control_.Check());
      if (!IsAsked(trainer.name)) continue;
      const bool is_ranker = trainer.name == Ranker::kName;
      if (is_ranker) past_ = PastOptions(report);
      const TrainerCosts costs = trainer.estimate(report.counts, is_ranker ? past_ : options_);
      TrainerReport chosen = ChooseForm(costs, options_.budget, spent_seconds);
      chosen.name = trainer.name;
      const Status trained = chosen.form == TrainingForm::kSkipped ? Status() : Run(trainer, share, chosen);
      spent_seconds += chosen.form == TrainingForm::kSkipped ? 0 : chosen.estimate.seconds;
      report.seconds += chosen.seconds;
      report.trainers.push_back(std::move(chosen));
      RETURN_IF_ERROR(trained);
      share = trainer.share;
    }
    control_.Report("models", 1);
    set_->ListSources();
    // Skipped or stopped: the ranker before goes on serving.
    if (set_->ranker_ == nullptr && options_.ranker) set_->ranker_ = options_.ranker->previous;
    return std::shared_ptr<const ModelSet>(std::move(set_));
  }

 private:
  struct Trainer {
    std::string_view name;
    double share;  // Of all the work, when it is done.
    TrainerCosts (*estimate)(const TrainingCounts& counts, const ModelSetOptions& options);
    Status (ModelSetTrainer::*train)(TrainingForm form);
  };

  // The most useful and the cheapest first: they are what a small budget buys.
  static std::span<const Trainer> Trainers() {
    static constexpr Trainer kTrainers[] = {
        {"popularity", 0.04, &PopularityCosts, &ModelSetTrainer::TrainPopularities},
        {"tally", 0.05, &TallyCosts, &ModelSetTrainer::TrainTally},
        {QueryClicks::kName, 0.06, &QueryClicksCosts, &ModelSetTrainer::TrainQueryClicks},
        {"transitions", 0.25, &TransitionCosts, &ModelSetTrainer::TrainTransitions},
        {"session_next", 0.28, &SessionNextCosts, &ModelSetTrainer::TrainSessionNext},
        {"also_bought", 0.3, &AlsoBoughtCosts, &ModelSetTrainer::TrainAlsoBought},
        {"bought_together", 0.4, &BoughtTogetherCosts, &ModelSetTrainer::TrainTogether},
        {"content", 0.6, &ContentCosts, &ModelSetTrainer::TrainContent},
        {"looks_alike", 0.61, &LooksAlikeCosts, &ModelSetTrainer::TrainLooksAlike},
        {"new_for_you", 0.65, &ColdProductCosts, &ModelSetTrainer::TrainNewForYou},
        {"als", 0.9, &AlsCosts, &ModelSetTrainer::TrainAls},
        {"buy_again", 0.91, &BuyAgainCosts, &ModelSetTrainer::TrainBuyAgain},
        {"next_order", 0.92, &NextOrderCosts, &ModelSetTrainer::TrainNextOrder},
        {"audience", 0.925, &AudienceCosts, &ModelSetTrainer::TrainAudience},
        {CustomerValue::kName, 0.93, &CustomerValueCosts, &ModelSetTrainer::TrainCustomerValue},
        {"history_next", 0.94, &HistoryNextCosts, &ModelSetTrainer::TrainHistoryNext},
        {Ranker::kName, 1, &RankerCosts, &ModelSetTrainer::TrainRankerOfSet}};
    return kTrainers;
  }

  bool IsAsked(std::string_view trainer) const {
    if (trainer == Ranker::kName) return options_.ranker.has_value();
    if (trainer == QueryClicks::kName && options_.searches == nullptr) return false;
    if (!options_.trainers) return true;
    const std::vector<std::string_view>& asked = *options_.trainers;
    return std::find(asked.begin(), asked.end(), trainer) != asked.end();
  }

  // Of the models of the past that the ranker learns on: what its placements ask for and this set has, so
  // that it learns on the sources that serve.
  ModelSetOptions PastOptions(const TrainingReport& report) const {
    ModelSetOptions past = options_;
    past.budget = {};                 // This trainer's own estimate and deadline hold all of it.
    past.external_vectors = nullptr;  // The same catalogue: as they were used, or not.
    past.used_vectors = external_vectors_;
    past.also_bought.usual = also_bought_method_;  // Chosen already.
    past.also_bought.may_choose = false;
    past.trainers.emplace();
    for (const std::string_view name : TrainersFor(options_.ranker->surfaces)) {
      const TrainerReport* const trained = report.Find(name);
      if (trained != nullptr && trained->form != TrainingForm::kSkipped) past.trainers->push_back(name);
    }
    return past;
  }

  // One trainer, timed, within its deadline.  What it throws ends here.
  Status Run(const Trainer& trainer, double begin_share, TrainerReport& report) {
    const int64_t started = control_.clock == nullptr ? 0 : control_.clock->SteadyMicros();
    if (options_.budget.seconds > 0) {
      const double seconds = std::max(report.estimate.seconds * kOverrunMax, kOverrunSecondsMin);
      deadline_micros_ = started + static_cast<int64_t>(seconds * 1e6);
    }
    Status trained;
    try {
      control_.Report(trainer.name, begin_share);
      trained = (this->*trainer.train)(report.form);
      if (!reason_.empty()) report.reason = std::exchange(reason_, {});
      if (trainer.name == "content") {
        report.uses_external_vectors = vector_origin_ != VectorOrigin::kTrained;
        report.uses_supplied_vectors = vector_origin_ == VectorOrigin::kSupplied;
      }
      report.choice = std::exchange(choice_, {});
    } catch (const std::exception& thrown) {
      trained = Internal(std::string(trainer.name) + " threw: " + thrown.what());
    }
    if (control_.clock != nullptr) {
      report.seconds = static_cast<double>(control_.clock->SteadyMicros() - started) / 1e6;
    }
    const bool ran_over = Quiet().IsOverdue() && !control_.IsCancelled();
    if (!ran_over || trained.code() != StatusCode::kUnavailable) return trained;
    report.form = TrainingForm::kSkipped;
    report.reason = "was stopped: it took much longer than estimated";
    return {};
  }

  // The parts' own shares of progress would run from 0 to 1 each.
  TrainingControl Quiet() const {
    TrainingControl quiet = control_;
    quiet.progress = {};
    quiet.deadline_micros = std::min(control_.deadline_micros, deadline_micros_);
    return quiet;
  }

  Status TrainPopularities(TrainingForm /*form*/) {
    set_->popularity_ =
        TrainPopularity(log_, catalog_, *set_->ties_, options_.popularity, set_->header_.trained_at_ms);
    return {};
  }

  Status TrainTally(TrainingForm /*form*/) {
    set_->tally_ = ProductTally::Train(log_, set_->header_.trained_at_ms);
    return {};
  }

  Status TrainQueryClicks(TrainingForm /*form*/) {
    set_->query_clicks_ = QueryClicks::Train(*options_.searches, set_->header_.trained_at_ms);
    return {};
  }

  Status TrainAudience(TrainingForm /*form*/) {
    set_->audience_ = ProductAudience::Train(log_);
    return {};
  }

  Status TrainCustomerValue(TrainingForm /*form*/) {
    set_->customer_value_ = CustomerValue::Train(log_, set_->header_.trained_at_ms);
    return {};
  }

  Status TrainTransitions(TrainingForm /*form*/) {
    TransitionTrainingOptions options = options_.transitions;
    options.threads = static_cast<uint32_t>(std::max(control_.thread_count, 1));
    ASSIGN_OR_RETURN(TransitionTraining training, TransitionTraining::Create(options));
    const TrainingControl control = Quiet();
    Status status;
    log_.ForEachShopper([&](std::span<const Interaction> rows) {
      if (status.ok() && !control.IsCancelled()) status = training.AddShopper(rows);
    });
    RETURN_IF_ERROR(status);
    RETURN_IF_ERROR(control.Check());
    training.Fold(set_->header_.trained_at_ms);
    RETURN_IF_ERROR(training.TrainRidge(product_count_));
    set_->transitions_ = training.Train(product_count_, set_->ties_);
    return {};
  }

  Status TrainSessionNext(TrainingForm /*form*/) {
    const Sequences visits = VisitsByAge(log_, *set_->ties_, options_.transitions.visit_idle_ms);
    ASSIGN_OR_RETURN(set_->session_next_,
                     SessionNextModel::Train(kSessionNext, visits, product_count_, set_->ties_,
                                             options_.session_next, Quiet()));
    return {};
  }

  Status TrainHistoryNext(TrainingForm /*form*/) {
    ASSIGN_OR_RETURN(set_->history_next_,
                     SessionNextModel::Train(kHistoryNext, HistoriesByAge(log_, *set_->ties_), product_count_,
                                             set_->ties_, options_.history_next, Quiet()));
    return {};
  }

  Status TrainAlsoBought(TrainingForm form) {
    ASSIGN_OR_RETURN(AlsoBought trained,
                     models::TrainAlsoBought(log_, product_count_, counts_, form, options_.also_bought,
                                             options_.budget, Quiet()));
    choice_ = std::move(trained.choice);
    also_bought_method_ = trained.method;
    set_->also_bought_ = MakeRowsSource(kAlsoBought, std::move(trained.rows), set_->ties_);
    return {};
  }

  Status TrainTogether(TrainingForm /*form*/) {
    ASSIGN_OR_RETURN(SparseRows together,
                     TrainBoughtTogether(log_, catalog_, options_.bought_together, Quiet()));
    set_->bought_together_ = MakeRowsSource(kBoughtTogether, std::move(together), set_->ties_);
    return {};
  }

  Result<std::shared_ptr<const ProductVectors>> VectorsOfTexts() {
    if (options_.used_vectors != nullptr) return options_.used_vectors;
    ASSIGN_OR_RETURN(ExternalVectorsUse use, ChooseExternalVectors(options_.external_vectors, *catalog_,
                                                                   kExternalDimensions, Quiet()));
    if (!use.why_not.empty()) {
      reason_ = use.why_not +
                (use.vectors ? ": fetched vectors are used" : ": vectors trained on the catalogue are used");
    }
    if (use.vectors) {
      vector_origin_ = use.origin;
      external_vectors_ = std::make_shared<const ProductVectors>(std::move(*use.vectors));
      return external_vectors_;
    }
    ASSIGN_OR_RETURN(ProductVectors trained,
                     TrainTextVectors(*catalog_, &log_, options_.text_vectors, Quiet()));
    return std::make_shared<const ProductVectors>(std::move(trained));
  }

  Status TrainContent(TrainingForm /*form*/) {
    if (catalog_ == nullptr) return {};
    ASSIGN_OR_RETURN(const std::shared_ptr<const ProductVectors> vectors, VectorsOfTexts());
    ASSIGN_OR_RETURN(set_->content_,
                     ContentModel::Train(*catalog_, vectors.get(), set_->ties_, options_.content, Quiet()));
    return {};
  }

  Status TrainLooksAlike(TrainingForm /*form*/) {
    if (catalog_ != nullptr) set_->looks_alike_ = LooksAlikeModel::Train(*catalog_, set_->ties_);
    return {};
  }

  Status TrainNewForYou(TrainingForm /*form*/) {
    if (set_->content_ == nullptr) return {};
    ASSIGN_OR_RETURN(SparseRows rows,
                     TrainColdProducts(log_, *set_->content_, options_.cold_products, Quiet()));
    set_->new_for_you_ = MakeRowsSource(kNewForYou, std::move(rows), set_->ties_);
    return {};
  }

  Status TrainAls(TrainingForm /*form*/) {
    ASSIGN_OR_RETURN(set_->als_, AlsModel::Train(log_, set_->ties_, options_.als, Quiet()));
    return {};
  }

  Status TrainNextOrder(TrainingForm /*form*/) {
    ASSIGN_OR_RETURN(set_->next_order_, NextOrderModel::Train(log_, set_->header_.trained_at_ms, set_->ties_,
                                                              options_.next_order, Quiet()));
    return {};
  }

  Status TrainRankerOfSet(TrainingForm form) {
    RankerOptions ranker = *options_.ranker;
    if (form == TrainingForm::kSparse) {
      const auto part = [&](size_t lists) {
        return static_cast<size_t>(ranker.sparse_share * static_cast<double>(lists));
      };
      ranker.train_lists_max = part(ranker.train_lists_max);
      ranker.held_out_lists_max = part(ranker.held_out_lists_max);
    }
    const PastTrainer train_past = [this](const InteractionLog& past, int64_t now_ms) {
      ModelFileHeader header = set_->header_;
      header.trained_at_ms = now_ms;
      ModelSetOptions options = past_;
      options.ranker.reset();
      return TrainModelSet(past, catalog_, header, options, Quiet());
    };
    ASSIGN_OR_RETURN(set_->ranker_,
                     TrainRanker(log_, catalog_, set_->header_.trained_at_ms, ranker, train_past, Quiet()));
    return {};
  }

  Status TrainBuyAgain(TrainingForm /*form*/) {
    ASSIGN_OR_RETURN(set_->buy_again_,
                     BuyAgainModel::Train(log_, catalog_, set_->ties_, options_.buy_again, Quiet()));
    return {};
  }

  const InteractionLog& log_;
  const catalog::CatalogView* const catalog_;
  const ModelSetOptions& options_;
  const TrainingControl& control_;
  const uint32_t product_count_;
  ModelSetOptions past_;                 // Of the ranker's models of the past.
  int64_t deadline_micros_ = INT64_MAX;  // Of the trainer that runs; likewise the next two.
  std::string reason_;
  std::optional<MethodChoice> choice_;
  TrainingCounts counts_;
  TopNOptions also_bought_method_ = AlsoBoughtOptions::UsualMethod();
  std::shared_ptr<const ProductVectors> external_vectors_;  // As they are used; null: they are not.
  VectorOrigin vector_origin_ = VectorOrigin::kTrained;
  std::shared_ptr<ModelSet> set_{new ModelSet()};
};

Result<std::shared_ptr<const ModelSet>> TrainModelSet(
    const InteractionLog& log, const catalog::CatalogView* catalog, const ModelFileHeader& header,
    const ModelSetOptions& options, const TrainingControl& control, TrainingReport* report) {
  TrainingReport unread;
  return ModelSetTrainer(log, catalog, options, control).Train(header, report == nullptr ? unread : *report);
}

void ModelSet::ListSources() {
  own_frequency_ = std::make_shared<const OwnFrequencySource>(ties_);
  for (const CandidateSource* source : std::initializer_list<const CandidateSource*>{
           transitions_.also_viewed.get(), transitions_.viewed_next.get(), transitions_.bought_after.get(),
           also_bought_.get(), bought_together_.get(), als_.get(), popularity_.bestsellers.get(),
           popularity_.trending.get(), popularity_.newest.get(), buy_again_.get(), own_frequency_.get(),
           next_order_.get(), content_.get(), new_for_you_.get(), session_next_.get(), history_next_.get(),
           looks_alike_.get()}) {
    if (source != nullptr) sources_.push_back(source);
  }
}

const CandidateSource* ModelSet::Source(std::string_view name) const {
  for (const CandidateSource* source : sources_) {
    if (source->name() == name) return source;
  }
  return nullptr;
}

std::vector<std::string_view> ModelSet::source_names() const {
  std::vector<std::string_view> names;
  for (const CandidateSource* source : sources_) names.push_back(source->name());
  return names;
}

std::vector<ModelSize> ModelSet::sizes() const {
  std::vector<ModelSize> sizes;
  const auto add = [&sizes](const auto& model) {
    if (model != nullptr) sizes.push_back({model->name(), model->memory_bytes()});
  };
  add(transitions_.also_viewed);
  add(transitions_.viewed_next);
  add(transitions_.bought_after);
  add(also_bought_);
  add(bought_together_);
  add(als_);
  add(popularity_.bestsellers);
  add(popularity_.trending);
  add(popularity_.newest);
  add(buy_again_);
  add(next_order_);
  add(content_);
  add(new_for_you_);
  add(session_next_);
  add(history_next_);
  add(looks_alike_);
  if (tally_ != nullptr) sizes.push_back({ProductTally::kName, tally_->memory_bytes()});
  if (query_clicks_ != nullptr) sizes.push_back({QueryClicks::kName, query_clicks_->memory_bytes()});
  if (audience_ != nullptr) sizes.push_back({ProductAudience::kName, audience_->memory_bytes()});
  if (customer_value_ != nullptr) sizes.push_back({CustomerValue::kName, customer_value_->memory_bytes()});
  if (ranker_ != nullptr) sizes.push_back({Ranker::kName, ranker_->memory_bytes()});
  sizes.push_back({kTiesSection, ties_->memory_bytes()});
  return sizes;
}

std::string ModelSet::Save() const {
  ModelFileWriter file(header_);
  ties_->Save(file.Section(kTiesSection));
  if (transitions_.also_viewed != nullptr)
    PutText(transitions_.Serialize(), file.Section(kTransitionsSection));
  for (const auto& rows : {also_bought_, bought_together_, new_for_you_}) {
    if (rows != nullptr)
      PutText(rows->parts().front().rows->Serialize(rows->name()), file.Section(rows->name()));
  }
  for (const auto& ranking : {popularity_.bestsellers, popularity_.trending, popularity_.newest}) {
    if (ranking != nullptr) ranking->Save(file.Section(ranking->name()));
  }
  if (content_ != nullptr) content_->Save(file.Section(ContentModel::kName));
  if (als_ != nullptr) als_->Save(file.Section(AlsModel::kName));
  if (buy_again_ != nullptr) buy_again_->Save(file.Section(BuyAgainModel::kName));
  for (const auto& sessions : {session_next_, history_next_}) {
    if (sessions != nullptr) sessions->Save(file.Section(sessions->name()));
  }
  if (next_order_ != nullptr) next_order_->Save(file.Section(NextOrderModel::kName));
  if (looks_alike_ != nullptr) looks_alike_->Save(file.Section(LooksAlikeModel::kName));
  if (tally_ != nullptr) tally_->Save(file.Section(ProductTally::kName));
  if (query_clicks_ != nullptr) query_clicks_->Save(file.Section(QueryClicks::kName));
  if (audience_ != nullptr) audience_->Save(file.Section(ProductAudience::kName));
  if (customer_value_ != nullptr) customer_value_->Save(file.Section(CustomerValue::kName));
  if (popularity_.trending_shelves != nullptr)
    popularity_.trending_shelves->Save(file.Section(TrendingShelves::kName));
  if (ranker_ != nullptr) ranker_->Save(file.Section(Ranker::kName));
  return file.Finish();
}

const ProductTally& ModelSet::tally() const {
  static const ProductTally kNone;
  return tally_ == nullptr ? kNone : *tally_;
}

const QueryClicks& ModelSet::query_clicks() const {
  static const QueryClicks kNone;
  return query_clicks_ == nullptr ? kNone : *query_clicks_;
}

const ProductAudience& ModelSet::audience() const {
  static const ProductAudience kNone;
  return audience_ == nullptr ? kNone : *audience_;
}

const TrendingShelves& ModelSet::trending_shelves() const {
  static const TrendingShelves kNone;
  return popularity_.trending_shelves == nullptr ? kNone : *popularity_.trending_shelves;
}

Status ModelSet::LoadCounts(const ModelFile& file) {
  if (file.HasSection(ProductTally::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(ProductTally::kName));
    ASSIGN_OR_RETURN(tally_, ProductTally::Load(in));
  }
  if (file.HasSection(QueryClicks::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(QueryClicks::kName));
    ASSIGN_OR_RETURN(query_clicks_, QueryClicks::Load(in));
  }
  if (file.HasSection(ProductAudience::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(ProductAudience::kName));
    ASSIGN_OR_RETURN(audience_, ProductAudience::Load(in));
  }
  if (file.HasSection(CustomerValue::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(CustomerValue::kName));
    ASSIGN_OR_RETURN(customer_value_, CustomerValue::Load(in));
  }
  if (file.HasSection(TrendingShelves::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(TrendingShelves::kName));
    ASSIGN_OR_RETURN(popularity_.trending_shelves, TrendingShelves::Load(in));
  }
  return {};
}

Result<std::shared_ptr<const ModelSet>> ModelSet::Load(std::string bytes) {
  ASSIGN_OR_RETURN(const ModelFile file, ModelFile::Parse(std::move(bytes)));
  std::shared_ptr<ModelSet> set(new ModelSet());
  set->header_ = file.header();
  ASSIGN_OR_RETURN(SectionReader ties, file.Section(kTiesSection));
  ASSIGN_OR_RETURN(set->ties_, ProductTies::Load(ties));
  if (file.HasSection(kTransitionsSection)) {
    ASSIGN_OR_RETURN(SectionReader transitions, file.Section(kTransitionsSection));
    ASSIGN_OR_RETURN(const std::string_view transition_bytes, TakeText(transitions));
    ASSIGN_OR_RETURN(set->transitions_, ParseTransitionSources(transition_bytes, set->ties_));
  }
  ASSIGN_OR_RETURN(set->also_bought_, LoadRowsSource(file, kAlsoBought, set->ties_));
  ASSIGN_OR_RETURN(set->bought_together_, LoadRowsSource(file, kBoughtTogether, set->ties_));
  ASSIGN_OR_RETURN(set->new_for_you_, LoadRowsSource(file, kNewForYou, set->ties_));
  const auto load_popularity =
      [&file](std::string_view name) -> Result<std::shared_ptr<const PopularityModel>> {
    if (!file.HasSection(name)) return std::shared_ptr<const PopularityModel>();
    ASSIGN_OR_RETURN(SectionReader in, file.Section(name));
    return PopularityModel::Load(name, in);
  };
  ASSIGN_OR_RETURN(set->popularity_.bestsellers, load_popularity(PopularityModel::kBestsellers));
  ASSIGN_OR_RETURN(set->popularity_.trending, load_popularity(PopularityModel::kTrending));
  ASSIGN_OR_RETURN(set->popularity_.newest, load_popularity(PopularityModel::kNewest));
  if (file.HasSection(ContentModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader content, file.Section(ContentModel::kName));
    ASSIGN_OR_RETURN(set->content_, ContentModel::Load(content, set->ties_));
  }
  if (file.HasSection(AlsModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader als, file.Section(AlsModel::kName));
    ASSIGN_OR_RETURN(set->als_, AlsModel::Load(als, set->ties_));
  }
  if (file.HasSection(BuyAgainModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader buy_again, file.Section(BuyAgainModel::kName));
    ASSIGN_OR_RETURN(set->buy_again_, BuyAgainModel::Load(buy_again, set->ties_));
  }
  ASSIGN_OR_RETURN(set->session_next_, LoadSessionModel(file, kSessionNext, set->ties_));
  ASSIGN_OR_RETURN(set->history_next_, LoadSessionModel(file, kHistoryNext, set->ties_));
  if (file.HasSection(NextOrderModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader next_order, file.Section(NextOrderModel::kName));
    ASSIGN_OR_RETURN(set->next_order_, NextOrderModel::Load(next_order, set->ties_));
  }
  if (file.HasSection(LooksAlikeModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader looks_alike, file.Section(LooksAlikeModel::kName));
    ASSIGN_OR_RETURN(set->looks_alike_, LooksAlikeModel::Load(looks_alike, set->ties_));
  }
  RETURN_IF_ERROR(set->LoadCounts(file));
  if (file.HasSection(Ranker::kName)) {
    ASSIGN_OR_RETURN(SectionReader ranker, file.Section(Ranker::kName));
    ASSIGN_OR_RETURN(set->ranker_, Ranker::Load(ranker));
  }
  set->ListSources();
  return std::shared_ptr<const ModelSet>(std::move(set));
}

}  // namespace attune::models
