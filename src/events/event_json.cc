#include "events/event_json.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time_text.h"
#include "base/utf8.h"
#include "events/event_completeness.h"
#include "events/event_field.h"
#include "events/limits.h"
#include "events/preference_json.h"

namespace attune::events {
namespace {

namespace dom = simdjson::dom;

// Reads one event.  Every method returns false after it has set `problem`.
class EventReader {
 public:
  EventReader(const EventBodyOptions& options, IncomingEvent& event) : options_(options), event_(event) {}

  bool Read(const dom::object& object);

  RejectedEvent problem;  // `field` without the index of the event.

 private:
  bool Fail(const char* code, std::string_view field, std::string message) {
    problem.code = code;
    problem.field = prefix_ + std::string(field);
    problem.message = std::move(message);
    return false;
  }

  bool ReadText(const dom::element& value, std::string_view name, size_t bytes_max, std::string& text);
  bool ReadId(const dom::element& value, std::string_view name, std::string& id);
  bool ReadInteger(const dom::element& value, std::string_view name, int64_t min, int64_t max,
                   int64_t& number);
  bool ReadMoney(const dom::element& value, std::string_view name, std::optional<int64_t>& minor);
  bool ReadBool(const dom::element& value, std::string_view name, bool& flag);
  bool ReadTime(const dom::element& value, std::string_view name, std::optional<int64_t>& time_ms);
  bool ReadCurrency(const dom::object& object);
  bool ReadType(const dom::element& value, std::string_view name);
  bool ReadConsent(const dom::element& value);
  bool ReadCategory(const dom::element& value);
  bool ReadPage(const dom::element& value);
  bool ReadTraits(const dom::element& value);
  bool ReadDeclared(const dom::element& value);
  bool ReadBackfill(const dom::element& value);
  bool ReadEventField(Field field, std::string_view name, const dom::element& value);
  bool ReadOrderField(Field field, std::string_view name, const dom::element& value);
  bool ReadLineField(Field field, std::string_view name, const dom::element& value, LineFields& line);
  bool ReadLine(const dom::element& value);
  bool ReadLines(const dom::element& value);
  bool FinishLine(LineFields& line);
  bool FinishTime();
  void FinishValue();
  bool CheckComplete();

  const EventBodyOptions& options_;
  IncomingEvent& event_;
  std::string prefix_;  // "products[2]." while a line is read.
  LineFields own_;      // What the event says of itself or of all its lines.
  std::optional<dom::element> products_;
  std::optional<int64_t> time_ms_;
  std::optional<int64_t> sent_at_ms_;
  std::optional<int64_t> revenue_minor_;
  std::optional<int64_t> value_minor_;
  std::optional<int64_t> total_minor_;
  bool has_type_ = false;
};

bool EventReader::ReadText(const dom::element& value, std::string_view name, size_t bytes_max,
                           std::string& text) {
  std::string_view view;
  if (value.get(view) != simdjson::SUCCESS) return Fail(kInvalidField, name, "must be text");
  if (view.size() > bytes_max) {
    return Fail(kLimitExceeded, name, "is longer than the limit in bytes: " + std::to_string(bytes_max));
  }
  // The parser has checked the UTF-8 of the whole body; an escaped NUL is still possible.
  if (view.find('\0') != std::string_view::npos) return Fail(kInvalidField, name, "must not contain NUL");
  text.assign(view);
  return true;
}

// Shops number their products: an integer is an id too.
bool EventReader::ReadId(const dom::element& value, std::string_view name, std::string& id) {
  int64_t number = 0;
  if (value.is<int64_t>() && value.get(number) == simdjson::SUCCESS) {
    id = std::to_string(number);
    return true;
  }
  if (!value.is<std::string_view>()) return Fail(kInvalidField, name, "must be text or a whole number");
  return ReadText(value, name, kIdBytesMax, id);
}

bool EventReader::ReadInteger(const dom::element& value, std::string_view name, int64_t min, int64_t max,
                              int64_t& number) {
  double real = 0;
  if (value.is<int64_t>()) {
    number = value.get_int64().value_unsafe();
  } else if (value.get(real) == simdjson::SUCCESS && real >= static_cast<double>(min) &&
             real <= static_cast<double>(max) && real == static_cast<double>(static_cast<int64_t>(real))) {
    number = static_cast<int64_t>(real);
  } else {
    number = min - 1;
  }
  if (number >= min && number <= max) return true;
  return Fail(kInvalidField, name,
              "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
}

bool EventReader::ReadMoney(const dom::element& value, std::string_view name, std::optional<int64_t>& minor) {
  std::string_view text;
  double number = 0;
  std::optional<int64_t> amount;
  if (value.get(text) == simdjson::SUCCESS) {
    amount = ParseMinor(text, event_.currency);
  } else if (value.get(number) == simdjson::SUCCESS) {
    amount = MinorFromNumber(number, event_.currency);
  }
  if (!amount || *amount < 0) {
    return Fail(kInvalidField, name,
                "must be an amount, zero or more, as a number or decimal text; currency: " +
                    std::string(event_.currency.is_none() ? "none" : event_.currency.code()));
  }
  minor = amount;
  return true;
}

bool EventReader::ReadBool(const dom::element& value, std::string_view name, bool& flag) {
  if (value.get(flag) != simdjson::SUCCESS) return Fail(kInvalidField, name, "must be true or false");
  return true;
}

bool EventReader::ReadTime(const dom::element& value, std::string_view name,
                           std::optional<int64_t>& time_ms) {
  std::string_view text;
  double number = 0;
  if (value.get(text) == simdjson::SUCCESS) {
    time_ms = ParseTime(text);
  } else if (value.get(number) == simdjson::SUCCESS && number >= 0 &&
             number <= static_cast<double>(kTimeMaxMs)) {
    time_ms = static_cast<int64_t>(number);
  }
  if (!time_ms) return Fail(kInvalidTime, name, "must be RFC 3339 text or milliseconds since 1970");
  if (*time_ms < kTimeMinMs) {
    return Fail(kInvalidTime, name, "is before the year 2000; numbers are milliseconds, not seconds");
  }
  return true;
}

// Before all other fields: amounts need it.
bool EventReader::ReadCurrency(const dom::object& object) {
  event_.currency = options_.default_currency;
  const auto value = object["currency"];
  if (value.error() != simdjson::SUCCESS || value.is_null()) return true;
  std::string_view code;
  if (value.get(code) == simdjson::SUCCESS) {
    if (const auto currency = Currency::Parse(code)) {
      event_.currency = *currency;
      return true;
    }
  }
  return Fail(kInvalidField, "currency", "must be a currency code of three letters");
}

bool EventReader::ReadType(const dom::element& value, std::string_view name) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return Fail(kUnknownType, name, "must be text");
  const auto type = ParseEventType(text);
  if (!type) {
    // A client that also sends Segment's `type: "track"` names the event in `event`.
    if (name == "type" && (text == "track" || text == "screen")) return true;
    return Fail(kUnknownType, name,
                "is no event type: " + std::string(Utf8Prefix(text.substr(0, text.find('\0')), 64)));
  }
  event_.type = *type;
  has_type_ = true;
  return true;
}

bool EventReader::ReadConsent(const dom::element& value) {
  bool both = false;
  if (value.get(both) == simdjson::SUCCESS) {
    event_.consent = {both, both};
    return true;
  }
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return Fail(kInvalidField, "consent", "must be an object with analytics and personalization");
  }
  for (const auto field : object) {
    if (field.value.is_null()) continue;
    bool flag = false;
    if (field.key == "analytics") {
      if (!ReadBool(field.value, "consent.analytics", flag)) return false;
      event_.consent.analytics = flag;
    } else if (field.key == "personalization") {
      if (!ReadBool(field.value, "consent.personalization", flag)) return false;
      event_.consent.personalization = flag;
    }
  }
  return true;
}

// "Home > Lighting" or ["Home", "Lighting"].
bool EventReader::ReadCategory(const dom::element& value) {
  event_.category.clear();
  dom::array levels;
  if (value.get(levels) == simdjson::SUCCESS) {
    for (const dom::element level : levels) {
      if (event_.category.size() == kCategoryDepthMax) {
        return Fail(kLimitExceeded, "category", "has more levels than " + std::to_string(kCategoryDepthMax));
      }
      if (!ReadText(level, "category", kNameBytesMax, event_.category.emplace_back())) return false;
    }
    return true;
  }
  std::string path;
  if (!ReadText(value, "category", kNameBytesMax, path)) return false;
  size_t begin = 0;
  while (begin <= path.size() && event_.category.size() < kCategoryDepthMax) {
    const size_t end = std::min(path.find('>', begin), path.size());
    std::string_view level = std::string_view(path).substr(begin, end - begin);
    while (!level.empty() && level.front() == ' ') level.remove_prefix(1);
    while (!level.empty() && level.back() == ' ') level.remove_suffix(1);
    if (!level.empty()) event_.category.emplace_back(level);
    begin = end + 1;
  }
  return true;
}

bool EventReader::ReadPage(const dom::element& value) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return value.is<std::string_view>()
               ? ReadText(value, "page", kUrlBytesMax, event_.page_url)
               : Fail(kInvalidField, "page", "must be an object with url and referrer");
  }
  for (const auto field : object) {
    if (field.value.is_null()) continue;
    if (field.key == "url" && !ReadText(field.value, "page.url", kUrlBytesMax, event_.page_url)) return false;
    if (field.key == "referrer" && !ReadText(field.value, "page.referrer", kUrlBytesMax, event_.referrer)) {
      return false;
    }
  }
  return true;
}

bool EventReader::ReadTraits(const dom::element& value) {
  if (!value.is_object()) return Fail(kInvalidField, "traits", "must be an object");
  event_.traits_json = simdjson::minify(value);
  if (event_.traits_json.size() > kTraitsBytesMax) {
    return Fail(kLimitExceeded, "traits",
                "are longer than the limit in bytes: " + std::to_string(kTraitsBytesMax));
  }
  return true;
}

bool EventReader::ReadDeclared(const dom::element& value) {
  auto read = ReadPreferences(value);
  if (!read.ok()) {
    const Status& status = read.status();
    const std::string field = status.field().empty() ? "preferences" : "preferences." + status.field();
    return Fail(status.code() == StatusCode::kResourceExhausted ? kLimitExceeded : kInvalidField, field,
                std::string(status.message()));
  }
  event_.preferences = std::move(read).value();
  return true;
}

bool EventReader::ReadBackfill(const dom::element& value) {
  bool is_backfill = false;
  if (!ReadBool(value, "backfill", is_backfill)) return false;
  if (is_backfill && !options_.may_backfill) {
    return Fail(kInvalidField, "backfill", "needs a secret key");
  }
  event_.is_backfill = is_backfill || options_.is_backfill;
  return true;
}

bool EventReader::ReadEventField(Field field, std::string_view name, const dom::element& value) {
  switch (field) {
    case Field::kId:
      return ReadId(value, name, event_.id);
    case Field::kType:
      return ReadType(value, name);
    case Field::kTime:
      return ReadTime(value, name, time_ms_);
    case Field::kSentAt:
      return ReadTime(value, name, sent_at_ms_);
    case Field::kAnonymousId:
      return ReadId(value, name, event_.anonymous_id);
    case Field::kCustomerId:
      return ReadId(value, name, event_.customer_id);
    case Field::kIdentityToken:
      return ReadText(value, name, kTokenBytesMax, event_.identity_token);
    case Field::kConsent:
      return ReadConsent(value);
    case Field::kBackfill:
      return ReadBackfill(value);
    case Field::kProducts:
      products_ = value;
      return true;
    case Field::kQuery:
      return ReadText(value, name, kQueryBytesMax, event_.query);
    case Field::kCategory:
      return ReadCategory(value);
    case Field::kPage:
      return ReadPage(value);
    case Field::kMarket:
      return ReadText(value, name, kNameBytesMax, event_.market);
    case Field::kLocale:
      return ReadText(value, name, kNameBytesMax, event_.locale);
    case Field::kTraits:
      return ReadTraits(value);
    case Field::kPreferences:
      return ReadDeclared(value);
    default:
      return ReadOrderField(field, name, value);
  }
}

bool EventReader::ReadOrderField(Field field, std::string_view name, const dom::element& value) {
  switch (field) {
    case Field::kCurrency:
      return true;  // Read first.
    case Field::kOrderId:
      return ReadId(value, name, event_.order_id);
    case Field::kRevenue:
      return ReadMoney(value, name, revenue_minor_);
    case Field::kValue:
      return ReadMoney(value, name, value_minor_);
    case Field::kTotal:
      return ReadMoney(value, name, total_minor_);
    case Field::kTax:
      return ReadMoney(value, name, event_.tax_minor);
    case Field::kShipping:
      return ReadMoney(value, name, event_.shipping_minor);
    case Field::kCoupon:
      return ReadText(value, name, kNameBytesMax, event_.coupon);
    default:
      return ReadLineField(field, name, value, own_);
  }
}

bool EventReader::ReadLineField(Field field, std::string_view name, const dom::element& value,
                                LineFields& line) {
  int64_t number = 0;
  std::string_view text;
  switch (field) {
    case Field::kProductId:
      return ReadId(value, name, line.product_id);
    case Field::kSku:
      return ReadId(value, name, line.sku);
    case Field::kVariantId:
      return ReadId(value, name, line.variant_id);
    case Field::kQuantity:
      if (!ReadInteger(value, name, 1, kQuantityMax, number)) return false;
      line.quantity = number;
      return true;
    case Field::kPrice:
      return ReadMoney(value, name, line.price_minor);
    case Field::kDiscount:
      return ReadMoney(value, name, line.discount_minor);
    case Field::kPosition:
      if (!ReadInteger(value, name, 0, kPositionMax, number)) return false;
      line.position = static_cast<uint32_t>(number);
      return true;
    case Field::kDecisionId:
      if (value.get(text) == simdjson::SUCCESS) {
        if (const auto decision = DecisionId::Parse(text)) {
          line.decision = *decision;
          return true;
        }
      }
      return Fail(kInvalidField, name, "must be a decision id of 32 lower-case hex digits");
    default:
      return true;  // A name that means something on an event only.
  }
}

bool EventReader::ReadLine(const dom::element& value) {
  LineFields line;
  std::string_view id;
  dom::object object;
  if (value.get(id) == simdjson::SUCCESS) {  // products: ["p1", "p2"]
    if (!ReadId(value, "product_id", line.product_id)) return false;
  } else if (value.get(object) != simdjson::SUCCESS) {
    return Fail(kInvalidField, "product_id", "a line must be an object or a product id");
  } else {
    for (const auto field : object) {
      const auto known = FieldOf(field.key);
      if (!known || *known < Field::kProductId || field.value.is_null()) continue;
      if (!ReadLineField(*known, field.key, field.value, line)) return false;
    }
  }
  if (!line.names_product())
    return Fail(kMissingField, "product_id", "a line needs product_id, sku or variant_id");
  if (line.variant_id.empty()) line.variant_id = own_.variant_id;
  if (!line.discount_minor && !IsOrderType(event_.type)) line.discount_minor = own_.discount_minor;
  if (!line.position) line.position = own_.position;
  if (line.decision.is_none()) line.decision = own_.decision;
  return FinishLine(line);
}

bool EventReader::FinishLine(LineFields& line) {
  IncomingLine& out = event_.lines.emplace_back();
  // The most specific name that is left beside the product's is the variant.
  if (line.variant_id.empty()) line.variant_id = std::move(line.sku);
  out.product_id = line.product_id.empty() ? line.variant_id : std::move(line.product_id);
  out.variant_id = std::move(line.variant_id);
  out.quantity = line.quantity.value_or(1);
  out.price_minor = line.price_minor;
  out.discount_minor = line.discount_minor;
  out.decision = line.decision;
  out.position = line.position;
  return true;
}

bool EventReader::ReadLines(const dom::element& value) {
  dom::array lines;
  if (value.get(lines) != simdjson::SUCCESS) return Fail(kInvalidField, "products", "must be an array");
  if (lines.size() > kLinesPerEventMax) {
    return Fail(kLimitExceeded, "products", "has more lines than " + std::to_string(kLinesPerEventMax));
  }
  event_.lines.reserve(lines.size());
  size_t index = 0;
  for (const dom::element line : lines) {
    prefix_ = "products[" + std::to_string(index++) + "].";
    if (!ReadLine(line)) return false;
  }
  prefix_.clear();
  return true;
}

bool EventReader::FinishTime() {
  const int64_t received_at_ms = options_.received_at_ms;
  event_.received_at_ms = received_at_ms;
  event_.occurred_at_ms = received_at_ms;
  if (!time_ms_) return true;
  int64_t occurred_at_ms = *time_ms_;
  if (sent_at_ms_) occurred_at_ms = received_at_ms - (*sent_at_ms_ - *time_ms_);
  if (occurred_at_ms < kTimeMinMs) return Fail(kInvalidTime, "occurred_at", "is before the year 2000");
  if (occurred_at_ms > received_at_ms + kFutureMaxMs) {
    return Fail(kInvalidTime, "occurred_at", "is more than a year in the future");
  }
  event_.occurred_at_ms = std::min(occurred_at_ms, received_at_ms);
  return true;
}

// Revenue as sent: `revenue`, else `value`, else `total` without tax and shipping.
void EventReader::FinishValue() {
  event_.value_minor = revenue_minor_ ? revenue_minor_ : value_minor_;
  if (!event_.value_minor && total_minor_) {
    const int64_t extras = event_.tax_minor.value_or(0) + event_.shipping_minor.value_or(0);
    event_.value_minor = std::max<int64_t>(0, *total_minor_ - extras);
  }
}

bool EventReader::CheckComplete() {
  const auto missing = FindMissing(event_);
  return !missing || Fail(kMissingField, missing->field, std::string(missing->message));
}

bool EventReader::Read(const dom::object& object) {
  event_.is_backfill = options_.is_backfill;
  if (!ReadCurrency(object)) return false;
  for (const auto field : object) {
    const auto known = FieldOf(field.key);
    if (!known || field.value.is_null()) continue;
    if (!ReadEventField(*known, field.key, field.value)) return false;
  }
  if (!has_type_) return Fail(kMissingField, "type", "an event needs its type");
  event_.decision = own_.decision;
  if (IsOrderType(event_.type)) event_.discount_minor = own_.discount_minor;
  if (products_) {
    if (!ReadLines(*products_)) return false;
  } else if (own_.names_product()) {
    if (IsOrderType(event_.type)) own_.discount_minor.reset();
    if (!FinishLine(own_)) return false;
  }
  if (event_.type != EventType::kIdentify) event_.traits_json.clear();
  if (event_.type != EventType::kPreferencesDeclared) event_.preferences.clear();
  FinishValue();
  return FinishTime() && CheckComplete();
}

void ReadOne(const dom::element& value, uint32_t index, const EventBodyOptions& options, EventBody& body) {
  IncomingEvent event;
  EventReader reader(options, event);
  dom::object object;
  bool is_good = false;
  if (value.get(object) == simdjson::SUCCESS) {
    is_good = reader.Read(object);
  } else {
    reader.problem.message = "an event must be an object";
  }
  if (is_good) {
    body.events.push_back(std::move(event));
    body.indices.push_back(index);
    return;
  }
  RejectedEvent& rejected = body.rejected.emplace_back(std::move(reader.problem));
  rejected.index = index;
  if (!body.is_array) return;
  const std::string place = "[" + std::to_string(index) + "]";
  rejected.field = rejected.field.empty() ? place : place + "." + rejected.field;
}

Status BodyStatus(simdjson::error_code error, std::string_view json) {
  switch (error) {
    case simdjson::EMPTY:
      return InvalidArgument("the body is empty");
    case simdjson::UTF8_ERROR: {
      size_t offset = 0;
      while (const size_t length = Utf8SequenceLength(json.substr(offset))) offset += length;
      return InvalidArgument("the body is not valid UTF-8 at byte " + std::to_string(offset));
    }
    case simdjson::DEPTH_ERROR:
      return InvalidArgument("the body is nested deeper than " + std::to_string(kNestingMax));
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return InvalidArgument("the body is larger than the limit in bytes: " + std::to_string(kBodyBytesMax));
    default:
      return InvalidArgument(std::string("the body is not valid JSON: ") + simdjson::error_message(error));
  }
}

}  // namespace

Result<EventBody> ParseEventBody(std::string_view json, const EventBodyOptions& options) {
  if (json.size() > kBodyBytesMax) return BodyStatus(simdjson::CAPACITY, json);
  static thread_local dom::parser parser(kBodyBytesMax);
  // The parser sizes itself for the body, never for its limit; depth is what must be told.
  const size_t capacity = std::max(parser.capacity(), std::max<size_t>(json.size(), 4096));
  if (parser.max_depth() != kNestingMax || parser.capacity() < json.size()) {
    if (const auto error = parser.allocate(capacity, kNestingMax)) return BodyStatus(error, json);
  }
  dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root)) return BodyStatus(error, json);

  EventBody body;
  dom::array array;
  if (root.get(array) != simdjson::SUCCESS) {
    if (!root.is_object()) return InvalidArgument("the body must be an event or an array of events");
    ReadOne(root, 0, options, body);
    return body;
  }
  body.is_array = true;
  size_t count = 0;
  for ([[maybe_unused]] const dom::element element : array) ++count;
  if (count == 0) return InvalidArgument("the array holds no event");
  if (count > kEventsPerRequestMax) {
    return InvalidArgument("more events in one request than " + std::to_string(kEventsPerRequestMax));
  }
  body.events.reserve(count);
  body.indices.reserve(count);
  uint32_t index = 0;
  for (const dom::element element : array) ReadOne(element, index++, options, body);
  return body;
}

}  // namespace attune::events
