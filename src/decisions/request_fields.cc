#include "decisions/request_fields.h"

#include <simdjson.h>

#include <string>
#include <utility>

#include "base/utf8.h"
#include "decisions/json_fields.h"
#include "decisions/limits.h"
#include "decisions/rule_json.h"
#include "expressions/limits.h"

namespace attune::decisions {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

Status ReadName(const object& from, std::string_view key, const std::string& field, std::string& out) {
  return ReadText(from, key, field, kRequestTextBytesMax, out);
}

// Cut, not refused: nothing depends on the end of an address.
Status ReadAddress(const object& from, std::string_view key, const std::string& field, std::string& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  std::string_view text;
  if (value.is_object()) {  // {"url": "..."}, as in events.
    object page;
    if (value.get(page) == simdjson::SUCCESS && IsAbsent(page, "url", value)) return {};
  }
  if (value.get(text) != simdjson::SUCCESS) return InvalidArgument("expected text", field);
  if (!IsCleanText(text)) return InvalidArgument("not clean UTF-8 text", field);
  out = Utf8Prefix(text, kAddressBytesMax);
  return {};
}

// Product ids; an entry may be an object with a product_id, as lines of events are.
Status ReadIds(const object& from, std::string_view key, const std::string& field,
               std::vector<std::string>& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  array ids;
  if (value.get(ids) != simdjson::SUCCESS) return InvalidArgument("expected an array", field);
  for (element entry : ids) {
    const std::string entry_field = field + "[" + std::to_string(out.size()) + "]";
    if (out.size() >= kRequestProductsMax) {
      return InvalidArgument("at most " + std::to_string(kRequestProductsMax) + " products", field);
    }
    std::string_view id;
    object line;
    if (entry.get(line) == simdjson::SUCCESS && line["product_id"].get(entry) != simdjson::SUCCESS) {
      return InvalidArgument("product_id is missing", entry_field);
    }
    if (entry.get(id) != simdjson::SUCCESS || id.empty()) {
      return InvalidArgument("expected a product id", entry_field);
    }
    RETURN_IF_ERROR(CheckText(id, kRequestTextBytesMax, entry_field));
    out.emplace_back(id);
  }
  return {};
}

Status ReadCategory(const object& from, std::vector<std::string>& out) {
  const std::string field = "context.category";
  element value;
  if (IsAbsent(from, "category", value)) return {};
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    RETURN_IF_ERROR(CheckText(text, kRequestTextBytesMax, field));
    out = SplitCategoryPath(text);
    std::erase(out, "");
  } else {
    array levels;
    if (value.get(levels) != simdjson::SUCCESS) return InvalidArgument("expected a path", field);
    for (const element entry : levels) {
      const std::string entry_field = field + "[" + std::to_string(out.size()) + "]";
      if (out.size() > kCategoryLevelsMax) break;
      if (entry.get(text) != simdjson::SUCCESS || text.empty()) {
        return InvalidArgument("expected the name of a category", entry_field);
      }
      RETURN_IF_ERROR(CheckText(text, kRequestTextBytesMax, entry_field));
      out.emplace_back(text);
    }
  }
  if (out.size() > kCategoryLevelsMax) {
    return InvalidArgument("at most " + std::to_string(kCategoryLevelsMax) + " levels", field);
  }
  return {};
}

Status ReadContext(const object& root, RequestContext& context) {
  object from;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(root, "context", "context", from, found));
  if (!found) return {};
  RETURN_IF_ERROR(ReadIds(from, "product_ids", "context.product_ids", context.product_ids));
  RETURN_IF_ERROR(ReadIds(from, "cart", "context.cart", context.cart));
  RETURN_IF_ERROR(ReadCategory(from, context.category));
  RETURN_IF_ERROR(ReadName(from, "brand", "context.brand", context.brand));
  RETURN_IF_ERROR(ReadName(from, "query", "context.query", context.query));
  RETURN_IF_ERROR(ReadAddress(from, "page", "context.page", context.page));
  RETURN_IF_ERROR(ReadName(from, "market", "context.market", context.market));
  RETURN_IF_ERROR(ReadName(from, "locale", "context.locale", context.locale));
  RETURN_IF_ERROR(ReadName(from, "location", "context.location", context.location));
  RETURN_IF_ERROR(ReadName(from, "price_list", "context.price_list", context.price_list));
  RETURN_IF_ERROR(ReadName(from, "country", "context.country", context.country));
  RETURN_IF_ERROR(ReadName(from, "time_zone", "context.time_zone", context.time_zone));
  RETURN_IF_ERROR(ReadName(from, "device", "context.device", context.device));
  RETURN_IF_ERROR(ReadAddress(from, "referrer", "context.referrer", context.referrer));
  return ReadName(from, "campaign", "context.campaign", context.campaign);
}

Status ReadContinue(const object& root, DecisionId& continues) {
  std::string text;
  RETURN_IF_ERROR(ReadName(root, "continue", "continue", text));
  if (text.empty()) return {};
  const auto id = DecisionId::Parse(text);
  if (!id || id->is_none()) return InvalidArgument("must be 32 lower-case hex digits", "continue");
  continues = *id;
  return {};
}

Status ReadFilter(const object& root, std::string& filter) {
  element value;
  if (IsAbsent(root, "filter", value)) return {};
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return InvalidArgument("expected text", "filter");
  if (text.size() > expressions::kTextBytesMax) {
    return InvalidArgument("at most " + std::to_string(expressions::kTextBytesMax) + " bytes", "filter");
  }
  filter = text;
  return {};
}

Status ReadPreview(const object& root, DecisionRequest& request) {
  object preview;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(root, "preview", "preview", preview, found));
  if (!found) return {};
  ASSIGN_OR_RETURN(RuleDraft draft, ReadRuleDraft(preview, "preview"));
  request.preview = std::make_shared<const RuleDraft>(std::move(draft));
  return ReadTime(preview, "at", "preview.at", request.preview_at_ms);
}

Status ReadRequest(const object& root, const RequestRules& rules, DecisionRequest& request) {
  RETURN_IF_ERROR(ReadName(root, "placement", "placement", request.placement));
  if (rules.needs_placement && request.placement.empty()) {
    return InvalidArgument("placement is missing", "placement");
  }
  object shopper;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(root, "shopper", "shopper", shopper, found));
  if (found) {
    RETURN_IF_ERROR(ReadName(shopper, "anonymous_id", "shopper.anonymous_id", request.anonymous_id));
    RETURN_IF_ERROR(ReadName(shopper, "customer_id", "shopper.customer_id", request.customer_id));
  }
  RETURN_IF_ERROR(ReadContext(root, request.context));
  RETURN_IF_ERROR(ReadInteger(root, "limit", "limit", rules.limit_min, rules.limit_max, request.limit));
  RETURN_IF_ERROR(ReadFilter(root, request.filter));
  RETURN_IF_ERROR(ReadIds(root, "exclude", "exclude", request.exclude));
  RETURN_IF_ERROR(ReadContinue(root, request.continues));
  RETURN_IF_ERROR(ReadPreview(root, request));
  RETURN_IF_ERROR(ReadBool(root, "explain", "explain", request.explain));
  object consent;
  RETURN_IF_ERROR(ReadObject(root, "consent", "consent", consent, found));
  if (element value; found && !IsAbsent(consent, "personalization", value)) {
    RETURN_IF_ERROR(ReadBool(consent, "personalization", "consent.personalization",
                             request.personalization_consent.emplace()));
  }
  return {};
}

}  // namespace

Result<DecisionRequest> ParseDecisionRequest(std::string_view body, const RequestRules& rules) {
  if (body.size() > kRequestBytesMax) {
    return InvalidArgument("the body is larger than " + std::to_string(kRequestBytesMax) + " bytes");
  }
  static thread_local simdjson::dom::parser parser(kRequestBytesMax);
  element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) {
    return InvalidArgument("the body is not JSON");
  }
  object root;
  if (document.get(root) != simdjson::SUCCESS) return InvalidArgument("the body is not a JSON object");
  DecisionRequest request;
  RETURN_IF_ERROR(ReadRequest(root, rules, request));
  return request;
}

}  // namespace attune::decisions
