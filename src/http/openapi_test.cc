#include "http/openapi.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "catalog/product_json.h"
#include "events/event_json.h"
#include "http/api.h"
#include "http/error_response.h"
#include "http/json_body.h"
#include "http/limits.h"

namespace attune::http {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

std::string Text(const element& value) { return std::string(std::string_view(value)); }

bool Has(const element& value, const char* key) { return value[key].error() == simdjson::SUCCESS; }

// The part of JSON Schema that the document uses.  Returns what is wrong; empty: nothing.
class SchemaChecker {
 public:
  explicit SchemaChecker(const element& document) : document_(document) {}

  std::string Check(const element& schema, const element& value, const std::string& path) const {
    if (Has(schema, "$ref")) {
      const std::string ref = Text(schema["$ref"]);
      element target;
      if (document_.at_pointer(ref.substr(1)).get(target) != simdjson::SUCCESS) return path + ": no " + ref;
      return Check(target, value, path);
    }
    if (Has(schema, "allOf")) {
      for (const element part : array(schema["allOf"])) {
        if (std::string wrong = Check(part, value, path); !wrong.empty()) return wrong;
      }
    }
    if (Has(schema, "oneOf")) {
      int fitting = 0;
      std::string wrong;
      for (const element part : array(schema["oneOf"])) {
        const std::string why = Check(part, value, path);
        why.empty() ? ++fitting : (wrong += why + "; ", 0);
      }
      if (fitting != 1) return path + ": fits " + std::to_string(fitting) + " alternatives: " + wrong;
    }
    if (Has(schema, "type") && !HasType(schema["type"], value)) return path + ": wrong type";
    if (Has(schema, "enum") && !IsAmong(schema["enum"], value)) return path + ": not in the enum";
    if (Has(schema, "pattern") && value.is_string() &&
        !std::regex_search(Text(value), std::regex(Text(schema["pattern"])))) {
      return path + ": does not match its pattern";
    }
    return value.is_object() ? CheckObject(schema, value, path) : CheckArray(schema, value, path);
  }

 private:
  static bool IsType(std::string_view type, const element& value) {
    switch (value.type()) {
      case element_type::STRING:
        return type == "string";
      case element_type::INT64:
      case element_type::UINT64:
        return type == "integer" || type == "number";
      case element_type::DOUBLE:
        return type == "number";
      case element_type::BOOL:
        return type == "boolean";
      case element_type::ARRAY:
        return type == "array";
      case element_type::OBJECT:
        return type == "object";
      case element_type::NULL_VALUE:
        return type == "null";
    }
    return false;
  }
  static bool HasType(const element& type, const element& value) {
    if (type.is_string()) return IsType(std::string_view(type), value);
    for (const element one : array(type)) {
      if (IsType(std::string_view(one), value)) return true;
    }
    return false;
  }
  static bool IsAmong(const element& values, const element& value) {
    for (const element one : array(values)) {
      if (value.is_string() && Text(one) == Text(value)) return true;
    }
    return false;
  }
  std::string CheckObject(const element& schema, const element& value, const std::string& path) const {
    if (Has(schema, "required")) {
      for (const element name : array(schema["required"])) {
        if (!Has(value, Text(name).c_str())) return path + ": lacks " + Text(name);
      }
    }
    const bool has_properties = Has(schema, "properties");
    for (const auto field : object(value)) {
      const std::string name(field.key);
      const std::string inner = path + "." + name;
      std::string wrong;
      if (has_properties && Has(schema["properties"], name.c_str())) {
        wrong = Check(schema["properties"][name], field.value, inner);
      } else if (Has(schema, "additionalProperties")) {
        wrong = Check(schema["additionalProperties"], field.value, inner);
      }
      if (!wrong.empty()) return wrong;
    }
    return "";
  }
  std::string CheckArray(const element& schema, const element& value, const std::string& path) const {
    if (!value.is_array() || !Has(schema, "items")) return "";
    size_t index = 0;
    for (const element item : array(value)) {
      const std::string wrong = Check(schema["items"], item, path + "[" + std::to_string(index++) + "]");
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  const element document_;
};

class NoStores final : public StoreDirectory {
 public:
  std::shared_ptr<StoreBackend> Find(std::string_view) override { return nullptr; }
  std::vector<std::string> StoreIds() const override { return {}; }
  Readiness readiness() const override { return {}; }
};

class OpenApiTest : public testing::Test {
 protected:
  void SetUp() override {
    text_ = std::string(OpenApiDocument());
    ASSERT_EQ(parser_.parse(text_).get(document_), simdjson::SUCCESS);
  }

  // Calls `visit` with every media type object ("schema", "examples") of the document, and where it is.
  template <class Visit>
  void VisitContent(const element& value, const std::string& path, const Visit& visit) {
    if (value.is_array()) {
      for (const element item : array(value)) VisitContent(item, path, visit);
    }
    if (!value.is_object()) return;
    for (const auto field : object(value)) {
      const std::string inner = path + "/" + std::string(field.key);
      if (field.key == "content") {
        for (const auto media : object(field.value)) visit(media.value, inner + "/" + std::string(media.key));
      } else if (field.key != "schemas") {
        VisitContent(field.value, inner, visit);
      }
    }
  }

  std::string text_;
  simdjson::dom::parser parser_;
  element document_;
};

TEST_F(OpenApiTest, HasExactlyTheRoutesOfTheServer) {
  NoStores stores;
  KeyRegistry keys;
  Metrics metrics;
  VirtualClock clock(0);
  AccessLog log(LogLevel::kOff, clock);
  const Api api({}, &stores, &keys, &metrics, &log, &clock);
  std::map<std::string, const Route*> served;
  for (const Route& route : api.router().routes()) {
    std::string pattern = route.pattern;
    const size_t dots = pattern.find("...");
    if (dots != std::string::npos) pattern.erase(dots, 3);
    std::string method = route.method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return static_cast<char>(c | 0x20); });
    served[method + " " + pattern] = &route;
  }
  std::set<std::string> described;
  for (const auto path : object(document_["paths"])) {
    for (const auto operation : object(path.value)) {
      const std::string name = std::string(operation.key) + " " + std::string(path.key);
      described.insert(name);
      ASSERT_TRUE(served.contains(name)) << name << " is described but not served";
      const Route& route = *served[name];
      if (route.access == Access::kAnyone) {
        EXPECT_EQ(array(operation.value["security"]).size(), 0u) << name;
        continue;
      }
      EXPECT_EQ(Text(operation.value["x-attune-scope"]), ScopeName(route.scope)) << name;
      EXPECT_EQ(array(operation.value["security"]).size(),
                route.public_keys == PublicKeys::kAllowed ? 2u : 1u)
          << name;
      EXPECT_EQ(Has(operation.value, "requestBody"), route.body != BodyKind::kNone) << name;
    }
  }
  for (const auto& [name, route] : served)
    EXPECT_TRUE(described.contains(name)) << name << " is not described";
}

TEST_F(OpenApiTest, EveryExampleFitsItsSchemaAndPassesTheGuardOfBodies) {
  const SchemaChecker checker(document_);
  int examples = 0;
  VisitContent(document_, "", [&](const element& media, const std::string& path) {
    if (!Has(media, "examples")) return;
    for (const auto example : object(media["examples"])) {
      const element value = example.value["value"];
      EXPECT_EQ(checker.Check(media["schema"], value, std::string(example.key)), "") << path;
      const std::string body = value.is_string() ? Text(value) : simdjson::minify(value);
      EXPECT_TRUE(CheckJsonBody(body, kJsonDepthMax).ok()) << path;
      ++examples;
    }
  });
  EXPECT_GE(examples, 20);
}

TEST_F(OpenApiTest, ExamplesOfEventsAreTakenByTheCodecOfEvents) {
  const element content =
      document_["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"];
  for (const auto example : object(content["examples"])) {
    events::EventBodyOptions options;
    options.received_at_ms = 1'770'000'000'000;
    const auto body = events::ParseEventBody(simdjson::minify(element(example.value["value"])), options);
    ASSERT_TRUE(body.ok()) << body.status().message();
    EXPECT_FALSE(body->events.empty());
    EXPECT_TRUE(body->rejected.empty()) << body->rejected[0].field << ": " << body->rejected[0].message;
  }
}

TEST_F(OpenApiTest, TheEventTypesAreThoseOfTheServer) {
  std::set<std::string> described;
  const element schema = document_["components"]["schemas"]["Event"]["properties"]["type"];
  for (const element type : array(schema["enum"])) described.insert(Text(type));
  for (int number = 1; number < 64; ++number) {
    const std::string name(events::EventTypeName(static_cast<events::EventType>(number)));
    if (!events::ParseEventType(name)) continue;
    EXPECT_EQ(described.erase(name), 1u) << name;
  }
  EXPECT_TRUE(described.empty()) << *described.begin();
}

TEST_F(OpenApiTest, ExamplesOfProductsAreTakenByTheCodecOfProducts) {
  catalog::ProductParseOptions options;
  options.product_id = "p1";
  options.default_currency = *Currency::Parse("EUR");
  options.now_ms = 1'770'000'000'000;
  for (const char* method : {"put", "patch"}) {
    const bool is_patch = std::string_view(method) == "patch";
    options.kind = is_patch ? catalog::ProductChange::Kind::kPatch : catalog::ProductChange::Kind::kPut;
    const element content =
        document_["paths"]["/v1/products/{id}"][method]["requestBody"]["content"]["application/json"];
    for (const auto example : object(content["examples"])) {
      const auto change =
          catalog::ParseProductChange(simdjson::minify(element(example.value["value"])), options);
      EXPECT_TRUE(change.ok()) << example.key << ": " << change.status().field() << " "
                               << change.status().message();
    }
  }
  options.kind = catalog::ProductChange::Kind::kPut;
  options.product_id = "";
  for (const auto media : object(document_["paths"]["/v1/products"]["post"]["requestBody"]["content"])) {
    for (const auto example : object(media.value["examples"])) {
      const element value = example.value["value"];
      const auto batch =
          catalog::ParseProductBatch(value.is_string() ? Text(value) : simdjson::minify(value), options);
      ASSERT_TRUE(batch.ok()) << batch.status().message();
      EXPECT_EQ(batch->changes.size(), 2u);
      EXPECT_TRUE(batch->rejections.empty()) << batch->rejections[0].status.message();
    }
  }
}

TEST_F(OpenApiTest, TheCheckerOfExamplesFindsFaults) {
  const SchemaChecker checker(document_);
  simdjson::dom::parser parser;
  const element schema = document_["components"]["schemas"]["Event"];
  const auto check = [&](const std::string& text) { return checker.Check(schema, parser.parse(text), "e"); };
  EXPECT_EQ(check("{\"type\":\"product_viewed\"}"), "");
  EXPECT_NE(check("{\"type\":\"product_vieved\"}"), "");
  EXPECT_NE(check("{\"id\":\"e1\"}"), "");
  EXPECT_NE(check("{\"type\":\"product_viewed\",\"products\":[{\"quantity\":1}]}"), "");
  EXPECT_NE(check("{\"type\":\"product_viewed\",\"decision_id\":\"XYZ\"}"), "");
  EXPECT_NE(check("{\"type\":\"product_viewed\",\"anonymous_id\":5}"), "");
}

TEST_F(OpenApiTest, ReferencesLeadSomewhereAndErrorsAreThoseOfTheTable) {
  std::set<std::string> codes;
  for (const ErrorEntry& entry : ErrorTable()) codes.insert(std::string(entry.name));
  const std::regex reference("\"\\$ref\":\\s*\"#([^\"]+)\"");
  for (std::sregex_iterator it(text_.begin(), text_.end(), reference), end; it != end; ++it) {
    EXPECT_EQ(document_.at_pointer((*it)[1].str()).error(), simdjson::SUCCESS) << (*it)[1];
  }
  for (const auto response : object(document_["components"]["responses"])) {
    const element error =
        response.value["content"]["application/json"]["examples"]["example"]["value"]["error"];
    EXPECT_TRUE(codes.contains(Text(error["code"]))) << response.key;
  }
}

}  // namespace
}  // namespace attune::http
