// Events and customers from files (declared in import_stream.h).

#include <algorithm>
#include <deque>
#include <utility>

#include "base/json_writer.h"
#include "catalog/import_csv.h"
#include "catalog/import_rows.h"
#include "events/event_json.h"
#include "events/import_stream.h"
#include "events/limits.h"

namespace attune::events {
namespace {

EventBodyOptions BodyOptions(const EventImportOptions& options) {
  EventBodyOptions body;
  body.received_at_ms = options.now_ms;
  body.default_currency = options.default_currency;
  body.may_backfill = true;
  body.is_backfill = true;
  return body;
}

// Events wait here between the line that held them and Next().
class LineStream : public EventStream {
 public:
  explicit LineStream(const EventImportOptions& options) : options_(options) {}

  Result<bool> Next(IncomingEvent& event) override {
    while (waiting_.empty()) {
      ASSIGN_OR_RETURN(const bool has_row, ReadRow());
      if (!has_row) return false;
    }
    event = std::move(waiting_.front());
    waiting_.pop_front();
    ++tally_.events;
    return true;
  }
  // A row counts as done when its last event was given.
  uint64_t done() const override { return waiting_.empty() ? tally_.rows_read : tally_.rows_read - 1; }
  const ImportTally& tally() const override { return tally_; }
  uint64_t stored_position() const override { return buffer().source().stored_position(); }
  uint64_t stored_size() const override { return buffer().source().stored_size(); }

 protected:
  virtual Result<bool> ReadRow() = 0;
  virtual const catalog::ImportBuffer& buffer() const = 0;

  // Takes the events of one JSON text.
  void TakeJson(std::string_view json, uint64_t line) {
    auto body = ParseEventBody(json, BodyOptions(options_));
    if (!body.ok()) return tally_.LeaveOut(body.status().message(), line, json);
    for (const RejectedEvent& rejected : body->rejected) {
      tally_.LeaveOut(WithoutPositions(rejected.field) + " " + rejected.message, line, json, 0);
    }
    if (body->events.empty()) return tally_.LeaveOut("no event of the row could be taken", line, "");
    ++tally_.rows_taken;
    for (IncomingEvent& event : body->events) waiting_.push_back(std::move(event));
  }

  const EventImportOptions options_;
  ImportTally tally_;
  std::deque<IncomingEvent> waiting_;

 private:
  // "[3].products[12].price" => "products[].price": one mistake is one reason.
  static std::string WithoutPositions(std::string_view field) {
    if (field.starts_with('[')) field.remove_prefix(std::min(field.find(']') + 1, field.size()));
    if (field.starts_with('.')) field.remove_prefix(1);
    std::string plain;
    for (const char c : field) {
      if (c < '0' || c > '9') plain += c;
    }
    return plain;
  }
};

class NdjsonStream final : public LineStream {
 public:
  NdjsonStream(std::unique_ptr<catalog::ImportSource> source, const EventImportOptions& options)
      : LineStream(options), buffer_(std::move(source)) {}

 private:
  Result<bool> ReadRow() override {
    std::string_view line;
    ASSIGN_OR_RETURN(const bool has_line, buffer_.ReadLine(line));
    if (!has_line) return false;
    ++tally_.rows_read;
    if (tally_.rows_read == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    const bool is_blank = line.find_first_not_of(" \t") == std::string_view::npos;
    if (!is_blank && tally_.rows_read > options_.skip) TakeJson(line, tally_.rows_read);
    return true;
  }
  const catalog::ImportBuffer& buffer() const override { return buffer_; }

  catalog::ImportBuffer buffer_;
};

std::string Plain(std::string_view column) {
  std::string plain;
  for (const char c : column) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

// "yes", "true", "1", "granted" => true; "no", "false", "0", "denied" => false.
std::optional<bool> ParseFlag(std::string_view text) {
  const std::string word = Plain(text);
  for (const char* yes : {"yes", "true", "1", "granted", "y"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"no", "false", "0", "denied", "n"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

// One customer, as its row says it.
struct CustomerRow {
  std::string id;
  std::string traits;   // A JSON object, when a cell holds all of them.
  std::string consent;  // JSON.
  JsonWriter other;     // Further cells, as the fields of an object.
};

class CustomerStream final : public LineStream {
 public:
  CustomerStream(std::unique_ptr<catalog::RowReader> reader, const EventImportOptions& options)
      : LineStream(options), reader_(std::move(reader)) {}

 private:
  Result<bool> ReadRow() override {
    ASSIGN_OR_RETURN(const bool has_row, reader_->Next(row_));
    if (!has_row) return false;
    ++tally_.rows_read;
    if (tally_.rows_read <= options_.skip) return true;
    if (!row_.problem.ok()) {
      tally_.LeaveOut(row_.problem.message(), row_.line, "");
      return true;
    }
    TakeRow();
    return true;
  }
  const catalog::ImportBuffer& buffer() const override { return reader_->buffer(); }

  static bool NamesCustomer(std::string_view column) {
    return column == "customerid" || column == "customer" || column == "id" || column == "customernumber";
  }

  void TakeRow() {
    CustomerRow customer;
    customer.other.BeginObject();
    for (const catalog::ImportCell& cell : row_.cells) {
      if (cell.value.empty() || (cell.is_json && cell.value == "null")) continue;
      if (!TakeCell(cell, customer)) {
        return tally_.LeaveOut("consent is neither yes nor no", row_.line, cell.value);
      }
    }
    customer.other.EndObject();
    if (customer.id.empty()) return tally_.LeaveOut("the row names no customer", row_.line, "");
    JsonWriter json;
    json.BeginArray();
    if (!customer.consent.empty()) {
      json.BeginObject().Key("type").String("consent_changed").Key("customer_id").String(customer.id);
      json.Key("consent").Raw(customer.consent).EndObject();
    }
    json.BeginObject().Key("type").String("identify").Key("customer_id").String(customer.id);
    json.Key("traits").Raw(customer.traits.empty() ? customer.other.TakeText() : customer.traits);
    if (!customer.consent.empty()) json.Key("consent").Raw(customer.consent);
    json.EndObject().EndArray();
    TakeJson(json.TakeText(), row_.line);
  }

  bool TakeCell(const catalog::ImportCell& cell, CustomerRow& customer) {
    const std::string name = Plain(cell.column);
    if (NamesCustomer(name) && customer.id.empty()) {
      customer.id = cell.value;
    } else if (name == "traits" && cell.is_json) {
      customer.traits = cell.value;
    } else if (name == "consent" && cell.is_json) {
      customer.consent = cell.value;
    } else if (name == "consent" || name == "consentanalytics" || name == "analyticsconsent" ||
               name == "consentpersonalization" || name == "personalizationconsent") {
      const auto flag = ParseFlag(cell.value);
      if (!flag) return false;
      const std::string_view value = *flag ? "true" : "false";
      const std::string_view kind = name == "consent"                                  ? ""
                                    : name.find("analytics") != std::string_view::npos ? "analytics"
                                                                                       : "personalization";
      if (kind.empty()) {
        customer.consent = value;
      } else {
        // Two columns become one object.
        if (customer.consent.empty() || customer.consent.back() != '}') customer.consent = "{}";
        customer.consent.pop_back();
        if (customer.consent.size() > 1) customer.consent += ',';
        customer.consent += "\"" + std::string(kind) + "\":" + std::string(value) + "}";
      }
    } else {
      customer.other.Key(cell.column);
      if (cell.is_json) {
        customer.other.Raw(cell.value);
      } else {
        customer.other.String(cell.value);
      }
    }
    return true;
  }

  const std::unique_ptr<catalog::RowReader> reader_;
  catalog::ImportRow row_;
};

}  // namespace

Result<std::unique_ptr<EventStream>> OpenEventImport(std::unique_ptr<catalog::ImportSource> source,
                                                     const EventImportOptions& options) {
  return std::unique_ptr<EventStream>(new NdjsonStream(std::move(source), options));
}

Result<std::unique_ptr<EventStream>> OpenCustomerImport(std::unique_ptr<catalog::ImportSource> source,
                                                        const EventImportOptions& options) {
  auto buffer = std::make_unique<catalog::ImportBuffer>(std::move(source));
  ASSIGN_OR_RETURN(const std::string_view begin, buffer->Peek(4096));
  const size_t first = begin.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first == std::string_view::npos) return InvalidArgument("the file is empty");
  const bool is_json = begin[first] == '{';
  std::unique_ptr<catalog::RowReader> reader;
  if (is_json) {
    reader = catalog::MakeNdjsonReader(std::move(buffer));
  } else {
    ASSIGN_OR_RETURN(reader, catalog::MakeDelimitedReader(std::move(buffer), 0));
  }
  return std::unique_ptr<EventStream>(new CustomerStream(std::move(reader), options));
}

}  // namespace attune::events
