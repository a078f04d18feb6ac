#include "events/import_stream.h"

#include <algorithm>
#include <cstdio>

#include "base/utf8.h"
#include "events/limits.h"

namespace attune::events {
namespace {

constexpr size_t kExampleBytesMax = 80;

}  // namespace

void ImportTally::LeaveOut(std::string_view reason, uint64_t line, std::string_view example, uint64_t rows) {
  rows_left_out_ += rows;
  auto found = reasons_.find(reason);
  if (found == reasons_.end()) {
    const std::string_view name = reasons_.size() < kImportReasonsMax ? reason : "other reasons";
    found = reasons_.try_emplace(std::string(name)).first;
  }
  found->second.count += std::max<uint64_t>(rows, 1);  // Part of a row is a case too.
  if (found->second.examples.size() < kImportExamplesMax) {
    found->second.examples.emplace_back(line, std::string(Utf8Prefix(example, kExampleBytesMax)));
  }
}

uint64_t ImportTally::CountOf(std::string_view reason) const {
  const auto found = reasons_.find(reason);
  return found == reasons_.end() ? 0 : found->second.count;
}

std::string ImportTally::ToText(double seconds) const {
  std::string text = std::to_string(rows_read) + " rows: " + std::to_string(rows_taken) + " taken, " +
                     std::to_string(rows_left_out_) + " not; " + std::to_string(events) + " events";
  if (seconds > 0) {
    char rate[64];
    std::snprintf(rate, sizeof(rate), " in %.1f s (%.0f events/s)", seconds,
                  static_cast<double>(events) / seconds);
    text += rate;
  }
  text += "\n";
  for (const std::string& note : notes_) text += "  " + note + "\n";
  std::vector<std::pair<std::string, const Reason*>> sorted;
  for (const auto& [name, reason] : reasons_) sorted.emplace_back(name, &reason);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second->count != b.second->count ? a.second->count > b.second->count : a.first < b.first;
  });
  for (const auto& [name, reason] : sorted) {
    text += "  " + name + ": " + std::to_string(reason->count) + "\n";
    for (const auto& [line, example] : reason->examples) {
      text += "    line " + std::to_string(line) + (example.empty() ? "" : ": " + example) + "\n";
    }
  }
  return text;
}

Status RunEventImport(EventStream& stream, const Clock& clock, size_t batch_max,
                      const std::function<Status(std::vector<IncomingEvent> batch, uint64_t done)>& on_batch,
                      const std::function<void(const ImportProgress&)>& on_progress) {
  const int64_t started = clock.SteadyMicros();
  int64_t reported = started;
  uint64_t events = 0;
  std::vector<IncomingEvent> batch;
  const auto report = [&](int64_t now) {
    ImportProgress progress;
    progress.rows = stream.tally().rows_read;
    progress.events = events;
    progress.stored_position = stream.stored_position();
    progress.stored_size = stream.stored_size();
    if (now > started)
      progress.events_per_second = static_cast<double>(events) * 1e6 / static_cast<double>(now - started);
    on_progress(progress);
  };
  for (bool has_more = true; has_more;) {
    IncomingEvent event;
    ASSIGN_OR_RETURN(has_more, stream.Next(event));
    if (has_more) batch.push_back(std::move(event));
    if (batch.size() >= batch_max || (!has_more && !batch.empty())) {
      events += batch.size();
      RETURN_IF_ERROR(on_batch(std::move(batch), stream.done()));
      batch.clear();
    }
    const int64_t now = clock.SteadyMicros();
    if (now - reported >= 1'000'000) {
      reported = now;
      report(now);
    }
  }
  report(clock.SteadyMicros());
  return {};
}

}  // namespace attune::events
