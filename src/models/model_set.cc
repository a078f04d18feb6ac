#include "models/model_set.h"

#include <algorithm>
#include <utility>

#include "models/sequence_file.h"
#include "models/transition_source.h"

namespace attune::models {
namespace {

constexpr std::string_view kTiesSection = "ties";
constexpr std::string_view kTransitionsSection = "transitions";

// Of one shopper, the latest: bounds the pairs of also_bought.
constexpr size_t kShopperProductsMax = 500;

std::shared_ptr<const TransitionSource> MakeRowsSource(std::string_view name, SparseRows rows) {
  std::vector<TransitionPart> parts;
  parts.push_back({std::make_shared<const SparseRows>(std::move(rows)), 0, 1});
  return std::make_shared<const TransitionSource>(std::string(name), std::move(parts));
}

void PutText(std::string_view text, SectionWriter& out) { out.PutArray(std::span<const char>(text)); }

Result<std::string> TakeText(SectionReader& in) {
  const std::vector<char> text = in.TakeArray<char>();
  RETURN_IF_ERROR(in.Finish());
  return std::string(text.begin(), text.end());
}

Result<std::shared_ptr<const TransitionSource>> LoadRowsSource(const ModelFile& file, std::string_view name) {
  ASSIGN_OR_RETURN(SectionReader in, file.Section(name));
  ASSIGN_OR_RETURN(const std::string bytes, TakeText(in));
  ASSIGN_OR_RETURN(SparseRows rows, SparseRows::Parse(bytes, name));
  return MakeRowsSource(name, std::move(rows));
}

// What each shopper bought, the latest products, each once.
Sequences PurchaseBaskets(const InteractionLog& log) {
  Sequences baskets;
  std::vector<uint32_t> products;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    products.clear();
    size_t purchase_count = 0;
    for (size_t i = rows.size(); i-- > 0 && purchase_count < kShopperProductsMax;) {
      if (rows[i].kind != InteractionKind::kPurchase) continue;
      products.push_back(rows[i].product.value());
      ++purchase_count;
    }
    std::sort(products.begin(), products.end());
    products.erase(std::unique(products.begin(), products.end()), products.end());
    if (products.size() > 1) baskets.Add(products);
  });
  return baskets;
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

  Result<std::shared_ptr<const ModelSet>> Train(const ModelFileHeader& header) {
    set_->header_ = header;
    set_->ties_ = ProductTies::Make(catalog_);
    set_->popularity_ =
        TrainPopularity(log_, catalog_, *set_->ties_, options_.popularity, header.trained_at_ms);
    set_->tally_ = ProductTally::Train(log_, header.trained_at_ms);
    set_->audience_ = ProductAudience::Train(log_);
    RETURN_IF_ERROR(Step("popularity", 0.05));
    RETURN_IF_ERROR(TrainTransitions());
    RETURN_IF_ERROR(Step("transitions", 0.25));
    RETURN_IF_ERROR(TrainBoughtRows());
    RETURN_IF_ERROR(Step("bought_together", 0.4));
    if (catalog_ != nullptr) {
      ASSIGN_OR_RETURN(set_->content_, ContentModel::Train(*catalog_, options_.content, Quiet()));
    }
    set_->looks_alike_ = LooksAlikeModel::Train(catalog_, set_->ties_);
    RETURN_IF_ERROR(Step("content", 0.6));
    ASSIGN_OR_RETURN(set_->als_, AlsModel::Train(log_, set_->ties_, options_.als, Quiet()));
    RETURN_IF_ERROR(Step("als", 0.95));
    ASSIGN_OR_RETURN(set_->buy_again_,
                     BuyAgainModel::Train(log_, catalog_, set_->ties_, options_.buy_again, Quiet()));
    RETURN_IF_ERROR(Step("buy_again", 1));
    set_->ListSources();
    return std::shared_ptr<const ModelSet>(std::move(set_));
  }

 private:
  Status Step(std::string_view stage, double share) const {
    control_.Report(stage, share);
    return control_.Check();
  }
  // The parts' own shares of progress would run from 0 to 1 each.
  TrainingControl Quiet() const { return {control_.is_cancelled, {}, control_.thread_count}; }

  Status TrainTransitions() {
    TransitionTrainingOptions options = options_.transitions;
    options.threads = static_cast<uint32_t>(std::max(control_.thread_count, 1));
    ASSIGN_OR_RETURN(TransitionTraining training, TransitionTraining::Create(options));
    Status status;
    log_.ForEachShopper([&](std::span<const Interaction> rows) {
      if (status.ok() && !control_.IsCancelled()) status = training.AddShopper(rows);
    });
    RETURN_IF_ERROR(status);
    RETURN_IF_ERROR(control_.Check());
    training.Fold(set_->header_.trained_at_ms);
    RETURN_IF_ERROR(training.TrainRidge(product_count_));
    set_->transitions_ = training.Train(product_count_);
    return {};
  }

  Status TrainBoughtRows() {
    ItemKnnOptions options = options_.also_bought;
    options.threads = static_cast<uint32_t>(std::max(control_.thread_count, 1));
    ASSIGN_OR_RETURN(SparseRows also_bought, TrainItemKnn(PurchaseBaskets(log_), product_count_, options));
    set_->also_bought_ = MakeRowsSource(kAlsoBought, std::move(also_bought));
    RETURN_IF_ERROR(control_.Check());
    ASSIGN_OR_RETURN(SparseRows together,
                     TrainBoughtTogether(log_, catalog_, options_.bought_together, Quiet()));
    set_->bought_together_ = MakeRowsSource(kBoughtTogether, std::move(together));
    return {};
  }

  const InteractionLog& log_;
  const catalog::CatalogView* const catalog_;
  const ModelSetOptions& options_;
  const TrainingControl& control_;
  const uint32_t product_count_;
  std::shared_ptr<ModelSet> set_{new ModelSet()};
};

Result<std::shared_ptr<const ModelSet>> TrainModelSet(const InteractionLog& log,
                                                      const catalog::CatalogView* catalog,
                                                      const ModelFileHeader& header,
                                                      const ModelSetOptions& options,
                                                      const TrainingControl& control) {
  return ModelSetTrainer(log, catalog, options, control).Train(header);
}

void ModelSet::ListSources() {
  own_frequency_ = std::make_shared<const OwnFrequencySource>(ties_);
  sources_ = {transitions_.also_viewed.get(),
              transitions_.viewed_next.get(),
              transitions_.bought_after.get(),
              also_bought_.get(),
              bought_together_.get(),
              als_.get(),
              popularity_.bestsellers.get(),
              popularity_.trending.get(),
              popularity_.newest.get(),
              buy_again_.get(),
              own_frequency_.get(),
              looks_alike_.get()};
  if (content_ != nullptr) sources_.push_back(content_.get());
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
  std::vector<ModelSize> sizes = {
      {transitions_.also_viewed->name(), transitions_.also_viewed->memory_bytes()},
      {transitions_.viewed_next->name(), transitions_.viewed_next->memory_bytes()},
      {transitions_.bought_after->name(), transitions_.bought_after->memory_bytes()},
      {also_bought_->name(), also_bought_->memory_bytes()},
      {bought_together_->name(), bought_together_->memory_bytes()},
      {als_->name(), als_->memory_bytes()},
      {popularity_.bestsellers->name(), popularity_.bestsellers->memory_bytes()},
      {popularity_.trending->name(), popularity_.trending->memory_bytes()},
      {popularity_.newest->name(), popularity_.newest->memory_bytes()},
      {buy_again_->name(), buy_again_->memory_bytes()},
      {ProductTally::kName, tally_->memory_bytes()},
      {ProductAudience::kName, audience_->memory_bytes()},
      {looks_alike_->name(), looks_alike_->memory_bytes()},
      {kTiesSection, ties_->memory_bytes()}};
  if (content_ != nullptr) sizes.push_back({content_->name(), content_->memory_bytes()});
  return sizes;
}

std::string ModelSet::Save() const {
  ModelFileWriter file(header_);
  ties_->Save(file.Section(kTiesSection));
  PutText(transitions_.Serialize(), file.Section(kTransitionsSection));
  PutText(also_bought_->parts().front().rows->Serialize(kAlsoBought), file.Section(kAlsoBought));
  PutText(bought_together_->parts().front().rows->Serialize(kBoughtTogether), file.Section(kBoughtTogether));
  for (const auto& ranking : {popularity_.bestsellers, popularity_.trending, popularity_.newest}) {
    ranking->Save(file.Section(ranking->name()));
  }
  if (content_ != nullptr) content_->Save(file.Section(ContentModel::kName));
  als_->Save(file.Section(AlsModel::kName));
  buy_again_->Save(file.Section(BuyAgainModel::kName));
  tally_->Save(file.Section(ProductTally::kName));
  audience_->Save(file.Section(ProductAudience::kName));
  looks_alike_->Save(file.Section(LooksAlikeModel::kName));
  popularity_.trending_shelves->Save(file.Section(TrendingShelves::kName));
  return file.Finish();
}

// Sections that files of older builds do not have: what they hold was not counted then.
Status ModelSet::LoadLaterSections(const ModelFile& file, ModelSet& set) {
  set.tally_ = std::make_shared<const ProductTally>(std::vector<float>(), std::vector<SlateOutcomes>());
  set.audience_ = std::make_shared<const ProductAudience>();
  set.popularity_.trending_shelves = std::make_shared<const TrendingShelves>();
  set.looks_alike_ = LooksAlikeModel::Train(nullptr, set.ties_);
  if (file.HasSection(ProductTally::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(ProductTally::kName));
    ASSIGN_OR_RETURN(set.tally_, ProductTally::Load(in));
  }
  if (file.HasSection(ProductAudience::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(ProductAudience::kName));
    ASSIGN_OR_RETURN(set.audience_, ProductAudience::Load(in));
  }
  if (file.HasSection(TrendingShelves::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(TrendingShelves::kName));
    ASSIGN_OR_RETURN(set.popularity_.trending_shelves, TrendingShelves::Load(in));
  }
  if (file.HasSection(LooksAlikeModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(LooksAlikeModel::kName));
    ASSIGN_OR_RETURN(set.looks_alike_, LooksAlikeModel::Load(in, set.ties_));
  }
  return {};
}

Result<std::shared_ptr<const ModelSet>> ModelSet::Load(std::string bytes) {
  ASSIGN_OR_RETURN(const ModelFile file, ModelFile::Parse(std::move(bytes)));
  std::shared_ptr<ModelSet> set(new ModelSet());
  set->header_ = file.header();
  ASSIGN_OR_RETURN(SectionReader ties, file.Section(kTiesSection));
  ASSIGN_OR_RETURN(set->ties_, ProductTies::Load(ties));
  ASSIGN_OR_RETURN(SectionReader transitions, file.Section(kTransitionsSection));
  ASSIGN_OR_RETURN(const std::string transition_bytes, TakeText(transitions));
  ASSIGN_OR_RETURN(set->transitions_, ParseTransitionSources(transition_bytes));
  ASSIGN_OR_RETURN(set->also_bought_, LoadRowsSource(file, kAlsoBought));
  ASSIGN_OR_RETURN(set->bought_together_, LoadRowsSource(file, kBoughtTogether));
  const auto load_popularity =
      [&file](std::string_view name) -> Result<std::shared_ptr<const PopularityModel>> {
    ASSIGN_OR_RETURN(SectionReader in, file.Section(name));
    return PopularityModel::Load(name, in);
  };
  ASSIGN_OR_RETURN(set->popularity_.bestsellers, load_popularity(PopularityModel::kBestsellers));
  ASSIGN_OR_RETURN(set->popularity_.trending, load_popularity(PopularityModel::kTrending));
  ASSIGN_OR_RETURN(set->popularity_.newest, load_popularity(PopularityModel::kNewest));
  if (file.HasSection(ContentModel::kName)) {
    ASSIGN_OR_RETURN(SectionReader content, file.Section(ContentModel::kName));
    ASSIGN_OR_RETURN(set->content_, ContentModel::Load(content));
  }
  ASSIGN_OR_RETURN(SectionReader als, file.Section(AlsModel::kName));
  ASSIGN_OR_RETURN(set->als_, AlsModel::Load(als, set->ties_));
  ASSIGN_OR_RETURN(SectionReader buy_again, file.Section(BuyAgainModel::kName));
  ASSIGN_OR_RETURN(set->buy_again_, BuyAgainModel::Load(buy_again, set->ties_));
  RETURN_IF_ERROR(LoadLaterSections(file, *set));
  set->ListSources();
  return std::shared_ptr<const ModelSet>(std::move(set));
}

}  // namespace attune::models
