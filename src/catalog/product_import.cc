#include "catalog/product_import.h"

#include <utility>

#include "catalog/limits.h"
#include "catalog/product_json.h"

namespace attune::catalog {
namespace {

// Between looks at the clock.
constexpr uint64_t kRowsPerLook = 256;

Result<FeedFormat> GuessFormat(ImportBuffer& buffer) {
  ASSIGN_OR_RETURN(std::string_view start, buffer.Peek(4096));
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
  const size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return InvalidArgument("the file is empty");
  switch (start[first]) {
    case '{':
      return FeedFormat::kNdjson;
    case '<':
      return FeedFormat::kXml;
    case '[':
      return InvalidArgument("the file is a JSON array; write one JSON object per line (NDJSON)");
    default:
      return FeedFormat::kDelimited;
  }
}

Result<std::unique_ptr<RowReader>> MakeReader(FeedFormat format, std::unique_ptr<ImportBuffer> buffer,
                                              char delimiter) {
  switch (format) {
    case FeedFormat::kNdjson:
      return MakeNdjsonReader(std::move(buffer));
    case FeedFormat::kXml:
      return MakeXmlReader(std::move(buffer));
    default:
      return MakeDelimitedReader(std::move(buffer), delimiter);
  }
}

}  // namespace

ProductImport::ProductImport(const ProductImportOptions& options, FeedFormat format,
                             std::unique_ptr<RowReader> reader)
    : options_(options), format_(format), reader_(std::move(reader)) {}

Result<std::unique_ptr<ProductImport>> ProductImport::Open(std::unique_ptr<ImportSource> source,
                                                           const ProductImportOptions& options) {
  auto buffer = std::make_unique<ImportBuffer>(std::move(source));
  FeedFormat format = options.format;
  if (format == FeedFormat::kAuto) {
    ASSIGN_OR_RETURN(format, GuessFormat(*buffer));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<RowReader> reader,
                   MakeReader(format, std::move(buffer), options.delimiter));
  std::unique_ptr<ProductImport> import(new ProductImport(options, format, std::move(reader)));
  RETURN_IF_ERROR(import->ReadSample());
  return import;
}

Status ProductImport::ReadSample() {
  std::vector<ImportRow> rows;
  while (rows.size() < kMappingSampleRows) {
    ImportRow row;
    // A file that breaks off later still gives its first rows; the break is met again by Next().
    const Result<bool> has_row = reader_->Next(row);
    if (!has_row.ok() && rows.empty()) return has_row.status();
    if (!has_row.ok() || !*has_row) break;
    rows.push_back(std::move(row));
  }
  mapping_ = FieldMapping::Guess(rows);
  for (const std::string& spec : options_.overrides) RETURN_IF_ERROR(mapping_.Override(spec));
  if (!rows.empty() && !mapping_.has_target("product_id") && !mapping_.has_target("group_id")) {
    return InvalidArgument("no column is known to hold the product id; name one: --map <column>=product_id",
                           "map");
  }
  sample_.assign(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  return Status();
}

Result<std::optional<MappedRow>> ProductImport::NextRow() {
  while (true) {
    ImportRow row;
    if (!sample_.empty()) {
      row = std::move(sample_.front());
      sample_.pop_front();
    } else {
      ASSIGN_OR_RETURN(const bool has_row, reader_->Next(row));
      if (!has_row) return std::optional<MappedRow>();
    }
    ++row_number_;
    if (row_number_ <= options_.skip_rows) continue;
    ++report_.rows_read;
    const uint64_t line = row.line;
    if (!row.problem.ok()) {
      report_.Reject(row.problem, line);
      continue;
    }
    Result<MappedRow> mapped = MapRow(std::move(row), mapping_);
    if (!mapped.ok()) {
      report_.Reject(mapped.status(), line);
      continue;
    }
    mapped->number = row_number_;
    return std::optional<MappedRow>(std::move(mapped).value());
  }
}

Result<std::vector<MappedRow>> ProductImport::NextGroup() {
  std::vector<MappedRow> rows;
  while (true) {
    if (!held_) {
      ASSIGN_OR_RETURN(held_, NextRow());
    }
    if (!held_) {
      rows_done_ = row_number_;
      return rows;
    }
    const bool joins = rows.empty() || (held_->is_variant && rows.front().is_variant &&
                                        held_->product_id == rows.front().product_id);
    // A group that is too long goes on as another change, which adds its variants.
    if (!joins || rows.size() == kFeedGroupRowsMax) {
      rows_done_ = held_->number - 1;
      return rows;
    }
    rows.push_back(*std::exchange(held_, std::nullopt));
    if (!rows.front().is_variant) {
      rows_done_ = rows.front().number;
      return rows;
    }
  }
}

Result<bool> ProductImport::Next(ProductChange& change) {
  ProductParseOptions parse;
  parse.kind = ProductChange::Kind::kMerge;
  parse.default_currency = options_.default_currency;
  parse.now_ms = options_.feed_time_ms;
  const AssembleOptions assemble{options_.default_currency, options_.decimal_comma, options_.says_currency};
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<MappedRow> rows, NextGroup());
    if (rows.empty()) return false;
    Result<std::string> json = AssembleProductJson(rows, mapping_.kind(), assemble);
    Status status = json.status();
    if (status.ok()) {
      Result<ProductChange> parsed = ParseProductChange(*json, parse);
      status = parsed.status();
      if (status.ok()) change = std::move(parsed).value();
    }
    if (!status.ok()) {
      report_.Reject(status, rows.front().line, rows.size());
      continue;
    }
    // More rows of the same product may follow elsewhere in the feed.
    if (rows.front().is_variant) change.replaces_variants = false;
    report_.rows_accepted += rows.size();
    ++report_.products;
    last_json_ = std::move(json).value();
    return true;
  }
}

ImportProgress ProductImport::progress() const {
  const ImportSource& source = reader_->buffer().source();
  return {report_.rows_read, report_.products, source.stored_position(), source.stored_size(), 0};
}

Status RunProductImport(ProductImport& import, const Clock& clock,
                        const std::function<Status(ProductChange)>& on_change,
                        const std::function<void(const ImportProgress&)>& on_progress) {
  constexpr int64_t kBetweenMicros = 1'000'000;
  const int64_t begin = clock.SteadyMicros();
  int64_t last = begin;
  const auto tell = [&](int64_t now) {
    ImportProgress progress = import.progress();
    if (now > begin) {
      progress.rows_per_second =
          1e6 * static_cast<double>(progress.rows_read) / static_cast<double>(now - begin);
    }
    on_progress(progress);
  };
  uint64_t changes = 0;
  while (true) {
    ProductChange change;
    ASSIGN_OR_RETURN(const bool has_change, import.Next(change));
    if (!has_change) break;
    RETURN_IF_ERROR(on_change(std::move(change)));
    if (++changes % kRowsPerLook != 0) continue;
    const int64_t now = clock.SteadyMicros();
    if (now - last < kBetweenMicros) continue;
    last = now;
    tell(now);
  }
  tell(clock.SteadyMicros());
  return Status();
}

}  // namespace attune::catalog
