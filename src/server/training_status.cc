#include "server/training_status.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cinttypes>
#include <cstdio>
#include <optional>

#include "base/json_writer.h"
#include "base/time_text.h"

namespace attune::server {
namespace {

namespace json = boost::json;

// Reads members of one object; a wrong or missing one leaves what was there.
class Members {
 public:
  explicit Members(const json::value* value) : object_(value == nullptr ? nullptr : value->if_object()) {}

  const json::value* Find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains({name.data(), name.size()});
  }
  void Text(std::string_view name, std::string& out) const {
    const json::value* const value = Find(name);
    if (value != nullptr && value->is_string()) out = std::string(value->get_string());
  }
  template <class T>
  void Whole(std::string_view name, T& out) const {
    const json::value* const value = Find(name);
    if (value == nullptr || !value->is_number()) return;
    boost::system::error_code failed;
    const T number = value->to_number<T>(failed);
    if (!failed) out = number;
  }
  void Flag(std::string_view name, bool& out) const {
    const json::value* const value = Find(name);
    if (value != nullptr && value->is_bool()) out = value->get_bool();
  }
  void Time(std::string_view name, int64_t& out) const {
    std::string text;
    Text(name, text);
    out = ParseTime(text).value_or(out);
  }
  template <class Visit>
  void Each(std::string_view name, const Visit& visit) const {
    const json::value* const value = Find(name);
    if (value == nullptr || !value->is_array()) return;
    for (const json::value& entry : value->get_array()) visit(entry);
  }

 private:
  const json::object* object_;
};

void WriteTime(JsonWriter& out, int64_t time_ms) {
  if (time_ms == 0) {
    out.Null();
  } else {
    out.String(FormatTime(time_ms));
  }
}

void WriteCounts(JsonWriter& out, const models::TrainingCounts& counts) {
  out.BeginObject().Key("rows").Uint(counts.rows).Key("views").Uint(counts.views);
  out.Key("carts").Uint(counts.carts).Key("purchases").Uint(counts.purchases);
  out.Key("shoppers").Uint(counts.shoppers).Key("orders").Uint(counts.orders);
  out.Key("products").Uint(counts.products).Key("catalog_products").Uint(counts.catalog_products);
  out.Key("visible_products").Uint(counts.visible_products).EndObject();
}

void ReadCounts(const Members& in, models::TrainingCounts& counts) {
  in.Whole("rows", counts.rows);
  in.Whole("views", counts.views);
  in.Whole("carts", counts.carts);
  in.Whole("purchases", counts.purchases);
  in.Whole("shoppers", counts.shoppers);
  in.Whole("orders", counts.orders);
  in.Whole("products", counts.products);
  in.Whole("catalog_products", counts.catalog_products);
  in.Whole("visible_products", counts.visible_products);
}

void WriteChoice(JsonWriter& out, const models::MethodChoice& choice) {
  out.BeginObject().Key("method").String(choice.method).Key("lists").Uint(choice.lists);
  out.Key("trials").BeginArray();
  for (const models::MethodTrial& trial : choice.trials) {
    out.BeginObject().Key("method").String(trial.method).Key("tried").Bool(trial.was_tried);
    out.Key("ndcg@20").Fixed(trial.ndcg_at_20, 6).EndObject();
  }
  out.EndArray().EndObject();
}

models::MethodChoice ReadChoice(const Members& in) {
  models::MethodChoice choice;
  in.Text("method", choice.method);
  in.Whole("lists", choice.lists);
  in.Each("trials", [&](const json::value& value) {
    const Members trial(&value);
    models::MethodTrial& one = choice.trials.emplace_back();
    trial.Text("method", one.method);
    trial.Flag("tried", one.was_tried);
    trial.Whole("ndcg@20", one.ndcg_at_20);
  });
  return choice;
}

void WriteTrainer(JsonWriter& out, const models::TrainerReport& trainer) {
  out.BeginObject().Key("trainer").String(trainer.name);
  out.Key("form").String(models::TrainingFormName(trainer.form)).Key("reason").String(trainer.reason);
  if (trainer.uses_external_vectors) out.Key("external_vectors").Bool(true);
  if (trainer.uses_supplied_vectors) out.Key("supplied_vectors").Bool(true);
  if (trainer.choice) WriteChoice(out.Key("choice"), *trainer.choice);
  out.Key("seconds").Fixed(trainer.seconds, 3);
  out.Key("expected_seconds").Fixed(trainer.estimate.seconds, 3);
  out.Key("expected_bytes").Uint(trainer.estimate.bytes).EndObject();
}

models::TrainerReport ReadTrainer(const Members& in) {
  models::TrainerReport trainer;
  std::string form;
  in.Text("trainer", trainer.name);
  in.Text("form", form);
  in.Text("reason", trainer.reason);
  in.Flag("external_vectors", trainer.uses_external_vectors);
  in.Flag("supplied_vectors", trainer.uses_supplied_vectors);
  const json::value* const choice = in.Find("choice");
  if (choice != nullptr && choice->is_object()) trainer.choice = ReadChoice(Members(choice));
  in.Whole("seconds", trainer.seconds);
  in.Whole("expected_seconds", trainer.estimate.seconds);
  in.Whole("expected_bytes", trainer.estimate.bytes);
  using models::TrainingForm;
  trainer.form = form == "dense"    ? TrainingForm::kDense
                 : form == "sparse" ? TrainingForm::kSparse
                                    : TrainingForm::kSkipped;
  return trainer;
}

void AppendLine(std::string& text, const char* format, auto... values) {
  char line[256];
  std::snprintf(line, sizeof(line), format, values...);
  text += line;
  text += '\n';
}

std::string Megabytes(uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f MB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

void AppendChoice(const std::string& trainer, const models::MethodChoice& choice, std::string& text) {
  AppendLine(text, "\n%s: %s, chosen by ndcg@20 on a held-out tenth of %" PRIu64 " purchase lists",
             trainer.c_str(), choice.method.c_str(), choice.lists);
  for (const models::MethodTrial& trial : choice.trials) {
    if (trial.was_tried) {
      AppendLine(text, "  %-18s %8.4f", trial.method.c_str(), trial.ndcg_at_20);
    } else {
      AppendLine(text, "  %-18s %8s", trial.method.c_str(), "over the budget");
    }
  }
}

void AppendTrainers(const TrainingStatus& status, std::string& text) {
  AppendLine(text, "\n%-18s %-8s %9s %9s %12s  %s", "trainer", "form", "seconds", "expected", "expected MB",
             "");
  for (const models::TrainerReport& trainer : status.training.trainers) {
    AppendLine(text, "%-18s %-8s %9.2f %9.2f %12s  %.150s", trainer.name.c_str(),
               std::string(models::TrainingFormName(trainer.form)).c_str(), trainer.seconds,
               trainer.estimate.seconds, Megabytes(trainer.estimate.bytes).c_str(), trainer.reason.c_str());
  }
  for (const models::TrainerReport& trainer : status.training.trainers) {
    if (trainer.choice) AppendChoice(trainer.name, *trainer.choice, text);
  }
}

void AppendSources(const TrainingStatus& status, std::string& text) {
  AppendLine(text, "\n%-24s %12s %16s %10s %10s", "source", "size", "answers for", "products", "recall@20");
  for (const SourceStatus& source : status.sources) {
    const auto& measured = status.quality.sources;
    const auto quality = std::find_if(measured.begin(), measured.end(),
                                      [&](const auto& one) { return one.source == source.name; });
    char recall[16] = "-";
    if (quality != measured.end()) std::snprintf(recall, sizeof(recall), "%.4f", quality->recall_at_20);
    const std::string answered = std::to_string(source.answered) + " of " + std::to_string(status.asked);
    AppendLine(text, "%-24s %12s %16s %10u %10s", source.name.c_str(), Megabytes(source.bytes).c_str(),
               answered.c_str(), source.products, recall);
  }
}

}  // namespace

std::string TrainingStatusToJson(const TrainingStatus& status) {
  JsonWriter out;
  out.BeginObject().Key("generation").Uint(status.generation.value());
  out.Key("watermark").Uint(status.watermark.value()).Key("trained_at");
  WriteTime(out, status.trained_at_ms);
  out.Key("bytes").Uint(status.file_bytes).Key("train_seconds").Fixed(status.training.seconds, 3);
  out.Key("learned_from");
  WriteCounts(out, status.training.counts);
  out.Key("trainers").BeginArray();
  for (const models::TrainerReport& trainer : status.training.trainers) WriteTrainer(out, trainer);
  out.EndArray().Key("shoppers_asked").Uint(status.asked).Key("sources").BeginArray();
  for (const SourceStatus& source : status.sources) {
    out.BeginObject().Key("source").String(source.name).Key("bytes").Uint(source.bytes);
    out.Key("answered").Uint(source.answered).Key("products").Uint(source.products).EndObject();
  }
  out.EndArray().Key("quality").BeginObject();
  out.Key("generation").Uint(status.quality.generation.value());
  out.Key("shoppers_asked").Uint(status.quality.asked).Key("sources").BeginArray();
  for (const models::SourceQuality& source : status.quality.sources) {
    out.BeginObject().Key("source").String(source.source);
    out.Key("recall@20").Fixed(source.recall_at_20, 6).EndObject();
  }
  out.EndArray().EndObject().Key("trainings").Uint(status.trainings);
  out.Key("failures").Uint(status.failures).Key("failure").String(status.failure).Key("failed_at");
  WriteTime(out, status.failed_at_ms);
  out.Key("drift").BeginArray();
  for (const std::string& sentence : status.drift) out.String(sentence);
  out.EndArray().Key("drift_since");
  WriteTime(out, status.drift_since_ms);
  out.Key("damage").String(status.damage).Key("alert").Bool(status.is_alert()).EndObject();
  return out.TakeText();
}

Result<TrainingStatus> ParseTrainingStatus(std::string_view text) {
  boost::system::error_code failed;
  const json::value document = json::parse({text.data(), text.size()}, failed);
  if (failed || !document.is_object()) return Corruption("the status of the models is damaged");
  const Members in(&document);
  TrainingStatus status;
  uint64_t generation = 0;
  uint64_t watermark = 0;
  in.Whole("generation", generation);
  in.Whole("watermark", watermark);
  status.generation = Generation(generation);
  status.watermark = Sequence(watermark);
  in.Time("trained_at", status.trained_at_ms);
  in.Whole("bytes", status.file_bytes);
  in.Whole("train_seconds", status.training.seconds);
  ReadCounts(Members(in.Find("learned_from")), status.training.counts);
  in.Each("trainers", [&](const json::value& trainer) {
    status.training.trainers.push_back(ReadTrainer(Members(&trainer)));
  });
  in.Whole("shoppers_asked", status.asked);
  in.Each("sources", [&](const json::value& value) {
    const Members source(&value);
    SourceStatus& one = status.sources.emplace_back();
    source.Text("source", one.name);
    source.Whole("bytes", one.bytes);
    source.Whole("answered", one.answered);
    source.Whole("products", one.products);
  });
  const Members quality(in.Find("quality"));
  uint64_t measured = 0;
  quality.Whole("generation", measured);
  status.quality.generation = Generation(measured);
  quality.Whole("shoppers_asked", status.quality.asked);
  quality.Each("sources", [&](const json::value& value) {
    const Members source(&value);
    models::SourceQuality& one = status.quality.sources.emplace_back();
    source.Text("source", one.source);
    source.Whole("recall@20", one.recall_at_20);
  });
  in.Whole("trainings", status.trainings);
  in.Whole("failures", status.failures);
  in.Text("failure", status.failure);
  in.Time("failed_at", status.failed_at_ms);
  in.Each("drift", [&](const json::value& sentence) {
    if (sentence.is_string()) status.drift.emplace_back(sentence.get_string());
  });
  in.Time("drift_since", status.drift_since_ms);
  in.Text("damage", status.damage);
  return status;
}

std::string FormatTrainingStatus(const TrainingStatus& status) {
  std::string text;
  if (status.generation == Generation()) {
    text = "no generation is published yet\n";
  } else {
    AppendLine(text, "generation %" PRIu64 "  log up to record %" PRIu64 "  trained %s  %s  %.2f s",
               status.generation.value(), status.watermark.value(), FormatTime(status.trained_at_ms).c_str(),
               Megabytes(status.file_bytes).c_str(), status.training.seconds);
    const models::TrainingCounts& counts = status.training.counts;
    AppendLine(text,
               "learned from %" PRIu64 " views, %" PRIu64 " carts, %" PRIu64 " purchases of %" PRIu64
               " shoppers and %u products",
               counts.views, counts.carts, counts.purchases, counts.shoppers, counts.products);
    AppendTrainers(status, text);
    AppendSources(status, text);
  }
  if (status.quality.asked > 0) {
    const double fused = status.quality.sources.empty() ? 0 : status.quality.sources.front().recall_at_20;
    AppendLine(text,
               "\nrecall@20 is that of generation %" PRIu64
               " on what %u shoppers did while it served; "
               "home_for_you: %.4f",
               status.quality.generation.value(), status.quality.asked, fused);
  }
  AppendLine(text, "\n%" PRIu64 " trainings, %" PRIu64 " failed", status.trainings, status.failures);
  if (!status.failure.empty()) text += "ALERT the last training failed: " + status.failure + "\n";
  for (const std::string& drift : status.drift) text += "ALERT drift: " + drift + "\n";
  if (!status.damage.empty()) text += "ALERT damaged generation: " + status.damage + "\n";
  return text;
}

}  // namespace attune::server
