// The filter language: what it accepts, what it means, and what it says when it is wrong.
//
// Random filters are built as a tree of the test's own, written out, parsed, and compared with a slow
// evaluator that reads like the definition in expression.h.

#include "expressions/expression.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>

#include "base/random.h"
#include "base/time_text.h"
#include "expressions/limits.h"

namespace attune::expressions {
namespace {

enum FieldNumber : uint16_t { kPrice, kBrand, kTags, kInStock, kCreatedAt, kAge, kCategory, kAttributes };
enum FunctionNumber : uint16_t { kAffinity };

const Schema& TestSchema() {
  static const Schema* const schema = [] {
    auto* made = new Schema;
    made->AddField("price", kPrice, FieldType::kNumber);
    made->AddField("brand", kBrand, FieldType::kText);
    made->AddField("tags", kTags, FieldType::kText);
    made->AddField("in_stock", kInStock, FieldType::kBool);
    made->AddField("created_at", kCreatedAt, FieldType::kTime);
    made->AddField("age", kAge, FieldType::kDuration);
    made->AddField("category", kCategory, FieldType::kPath);
    made->AddOpenField("attributes", kAttributes);
    made->AddFunction("affinity", kAffinity, FieldType::kNumber,
                      {{Parameter::Kind::kWord, {"category", "brand"}}, {Parameter::Kind::kText, {}}});
    return made;
  }();
  return *schema;
}

struct Row final : FieldSource {
  std::optional<double> price;
  std::string brand;
  std::vector<std::string> tags;
  std::optional<bool> in_stock;
  std::optional<int64_t> created_at;
  std::optional<int64_t> age;
  std::vector<std::vector<std::string>> categories;
  std::map<std::string, std::vector<FieldValue>, std::less<>> attributes;
  std::map<std::string, double> affinities;
  int64_t now = 1'000'000'000'000;

  void Read(uint16_t field, std::string_view path, FieldValues& out) const override {
    for (const FieldValue& value : All(field, path)) out.Add(value);
  }
  std::vector<FieldValue> All(uint16_t field, std::string_view path) const {
    std::vector<FieldValue> all;
    if (field == kPrice && price) all.push_back(FieldValue::Number(*price));
    if (field == kBrand && !brand.empty()) all.push_back(FieldValue::Text(brand));
    if (field == kTags) {
      for (const std::string& tag : tags) all.push_back(FieldValue::Text(tag));
    }
    if (field == kInStock && in_stock) all.push_back(FieldValue::Bool(*in_stock));
    if (field == kCreatedAt && created_at)
      all.push_back(FieldValue::Number(static_cast<double>(*created_at)));
    if (field == kAge && age) all.push_back(FieldValue::Number(static_cast<double>(*age)));
    if (field == kCategory) {
      for (const auto& category : categories) all.push_back(FieldValue::Path(category));
    }
    if (field == kAttributes) {
      if (const auto found = attributes.find(path); found != attributes.end()) all = found->second;
    }
    return all;
  }
  void Call(uint16_t, std::span<const Argument> arguments, FieldValues& out) const override {
    const auto found = affinities.find(arguments[0].text + "/" + arguments[1].text);
    if (found != affinities.end()) out.Add(FieldValue::Number(found->second));
  }
  int64_t now_ms() const override { return now; }
};

Row Lamp() {
  Row row;
  row.price = 24.9;
  row.brand = "Lumo";
  row.tags = {"new", "Sale", "a", "b", "c", "last"};
  row.in_stock = true;
  row.created_at = row.now - int64_t{10} * 86'400'000;
  row.age = int64_t{3} * 86'400'000;
  row.categories = {{"Home", "Lighting", "Desk lamps"}, {"Gifts"}};
  row.attributes["colour"] = {FieldValue::Text("black"), FieldValue::Text("red")};
  row.attributes["size.eu"] = {FieldValue::Number(42)};
  row.attributes["dim mable"] = {FieldValue::Bool(true)};
  row.affinities["category/Shoes"] = 0.5;
  return row;
}

bool Matches(const std::string& text, const Row& row = Lamp()) {
  const Result<Expression> expression = Expression::Parse(text, TestSchema(), "filter");
  EXPECT_TRUE(expression.ok()) << text << ": " << expression.status().message();
  return expression.ok() && expression->Matches(row);
}

std::string Canonical(const std::string& text) {
  const Result<Expression> expression = Expression::Parse(text, TestSchema(), "filter");
  return expression.ok() ? expression->ToText() : expression.status().message();
}

std::string ErrorOf(const std::string& text) {
  const Result<Expression> expression = Expression::Parse(text, TestSchema(), "filter");
  EXPECT_FALSE(expression.ok()) << text;
  if (expression.ok()) return {};
  EXPECT_EQ(expression.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(expression.status().field(), "filter");
  return expression.status().message();
}

TEST(ExpressionTest, ComparesNumbers) {
  EXPECT_TRUE(Matches("price < 25"));
  EXPECT_FALSE(Matches("price < 24.9"));
  EXPECT_TRUE(Matches("price <= 24.9"));
  EXPECT_TRUE(Matches("price >= 24.90"));
  EXPECT_FALSE(Matches("price > 24.9"));
  EXPECT_TRUE(Matches("price = 2.49e1"));
  EXPECT_TRUE(Matches("price > -1"));
  EXPECT_TRUE(Matches("price: 24.9"));
}

TEST(ExpressionTest, BetweenIncludesBothEnds) {
  EXPECT_TRUE(Matches("price BETWEEN 24.9 AND 30 AND brand = 'Lumo'"));
  EXPECT_TRUE(Matches("price BETWEEN 10 AND 24.9"));
  EXPECT_FALSE(Matches("price BETWEEN 25 AND 30"));
  EXPECT_FALSE(Matches("price BETWEEN 30 AND 20"));
  EXPECT_TRUE(Matches("price NOT BETWEEN 25 AND 30"));
}

TEST(ExpressionTest, EqualityOfTextIsExactAndHasIgnoresAsciiCase) {
  EXPECT_TRUE(Matches("brand = \"Lumo\""));
  EXPECT_FALSE(Matches("brand = \"lumo\""));
  EXPECT_TRUE(Matches("brand: \"lumo\""));
  EXPECT_TRUE(Matches("brand IN (\"Sony\", \"Lumo\")"));
  EXPECT_FALSE(Matches("brand IN (\"Sony\", \"lumo\")"));
  EXPECT_TRUE(Matches("brand CONTAINS \"UM\""));
  EXPECT_TRUE(Matches("brand CONTAINS ''"));
  EXPECT_FALSE(Matches("brand CONTAINS 'umx'"));
}

TEST(ExpressionTest, AnyOfSeveralValuesMatches) {
  EXPECT_TRUE(Matches("tags = 'new' AND tags = 'Sale' AND tags = 'last'"));
  EXPECT_TRUE(Matches("tags IN ('x', 'last')"));
  EXPECT_TRUE(Matches("attributes.colour = 'red'"));
  EXPECT_FALSE(Matches("attributes.colour = 'blue'"));
}

TEST(ExpressionTest, NotEqualIsTheNegationOfEqual) {
  EXPECT_FALSE(Matches("tags != 'new'")) << "one value equals, so 'no value equals' is false";
  EXPECT_TRUE(Matches("tags != 'old'"));
  EXPECT_TRUE(Matches("tags NOT IN ('old', 'older')"));
  EXPECT_FALSE(Matches("tags NOT IN ('old', 'new')"));
}

TEST(ExpressionTest, AMissingFieldMatchesNothing) {
  const Row empty;
  EXPECT_FALSE(Matches("price < 100", empty));
  EXPECT_FALSE(Matches("price >= 100", empty));
  EXPECT_TRUE(Matches("NOT price < 100", empty));
  EXPECT_TRUE(Matches("brand != 'Sony'", empty));
  EXPECT_FALSE(Matches("EXISTS price", empty));
  EXPECT_TRUE(Matches("EXISTS price"));
  EXPECT_FALSE(Matches("in_stock", empty));
  EXPECT_FALSE(Matches("in_stock = false", empty));
  EXPECT_FALSE(Matches("affinity(category, 'Shoes') < 1", empty));
}

TEST(ExpressionTest, ACategoryIsFoundAtAnyLevelAndEqualOnlyAsAWhole) {
  EXPECT_TRUE(Matches("category: 'Home'"));
  EXPECT_TRUE(Matches("category: 'lighting'"));
  EXPECT_TRUE(Matches("category: 'Lighting > Desk lamps'"));
  EXPECT_TRUE(Matches("category: 'Gifts'"));
  EXPECT_FALSE(Matches("category: 'Home > Desk lamps'"));
  EXPECT_FALSE(Matches("category = 'Home'"));
  EXPECT_TRUE(Matches("category = 'Home>Lighting > Desk lamps'"));
  EXPECT_TRUE(Matches("category IN ('Toys', 'Gifts')"));
  EXPECT_FALSE(Matches("category IN ('Toys', 'Home')"));
}

TEST(ExpressionTest, AttributesCompareOnlyWithTheirOwnType) {
  EXPECT_TRUE(Matches("attributes.size.eu >= 42"));
  EXPECT_TRUE(Matches("attributes.'size'.eu IN (41, 42, 'x', true)"));
  EXPECT_FALSE(Matches("attributes.size.eu = '42'"));
  EXPECT_TRUE(Matches("attributes.\"dim mable\" = true"));
  EXPECT_TRUE(Matches("attributes.\"dim mable\" IN (7, 'x', true)"));
  EXPECT_FALSE(Matches("attributes.\"dim mable\" = 1"));
  EXPECT_FALSE(Matches("EXISTS attributes.weight"));
}

TEST(ExpressionTest, TimesAndDurations) {
  EXPECT_TRUE(Matches("created_at > now - 11d"));
  EXPECT_FALSE(Matches("created_at > now - 9d"));
  EXPECT_TRUE(Matches("created_at < NOW"));
  EXPECT_TRUE(Matches("created_at < now + 1h"));
  EXPECT_TRUE(Matches("created_at > 2001-01-01 AND created_at < '2002-01-01T00:00:00Z'"));
  EXPECT_TRUE(Matches("created_at IN (now - 10d, 2001-01-01)"));
  EXPECT_TRUE(Matches("age = 72h"));
  EXPECT_TRUE(Matches("age BETWEEN 1.5d AND 1w"));
}

TEST(ExpressionTest, FunctionsTakeWordsAndText) {
  EXPECT_TRUE(Matches("affinity(category, \"Shoes\") > 0.4"));
  EXPECT_FALSE(Matches("affinity(brand, \"Shoes\") > 0.4"));
}

TEST(ExpressionTest, AndBindsTighterThanOr) {
  EXPECT_TRUE(Matches("TRUE OR FALSE AND FALSE"));
  EXPECT_FALSE(Matches("(true OR false) AND false"));
  EXPECT_TRUE(Matches("NOT FALSE AND TRUE"));
  EXPECT_FALSE(Matches("NOT (FALSE OR TRUE)"));
  EXPECT_TRUE(Matches("NOT NOT TRUE"));
}

TEST(ExpressionTest, HasOneSpelling) {
  EXPECT_EQ(Canonical("price<50 and(brand in('Sony','Bose','Sony'))and not category:'Toys'"),
            "price < 50 AND brand IN (\"Bose\", \"Sony\") AND NOT category: \"Toys\"");
  EXPECT_EQ(Canonical("(price<1 OR price>2) AND in_stock"), "(price < 1 OR price > 2) AND in_stock = true");
  EXPECT_EQ(Canonical("price<1 OR (price>2 AND in_stock)"), "price < 1 OR price > 2 AND in_stock = true");
  EXPECT_EQ(Canonical("((price<1 OR (price>2 OR true)))"), "price < 1 OR price > 2 OR TRUE");
  EXPECT_EQ(Canonical("not(price<1 OR true)"), "NOT (price < 1 OR TRUE)");
  EXPECT_EQ(Canonical("age > 120m and created_at>=now-1w"), "age > 2h AND created_at >= now - 7d");
  EXPECT_EQ(Canonical("created_at = '2026-01-31'"), "created_at = 2026-01-31T00:00:00.000Z");
  EXPECT_EQ(Canonical("brand = 'a\\\"\\\\\\n\\u00e9\\ud83d\\ude00'"), "brand = \"a\\\"\\\\\\u000aé😀\"");
  EXPECT_EQ(Canonical("attributes.'a b'.c = -0"), "attributes.\"a b\".c = 0");
  EXPECT_EQ(Canonical("affinity( brand,'x' )!=1e3"), "affinity(brand, \"x\") != 1000");
}

TEST(ExpressionTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf("prise < 5"), "unknown field: prise; did you mean price? (column 1)");
  EXPECT_EQ(ErrorOf("zzzzzz < 5"), "unknown field: zzzzzz (column 1)");
  EXPECT_EQ(ErrorOf("price < 5 AND afinity(brand, 'x') > 1"),
            "unknown function: afinity; did you mean affinity? (column 15)");
  EXPECT_EQ(ErrorOf("price < 'cheap'"), "wrong type: expected a number, not text (column 9)");
  EXPECT_EQ(ErrorOf("brand = 5"), "wrong type: expected text between quotes, not a number (column 9)");
  EXPECT_EQ(ErrorOf("brand < 'a'"), "wrong type: brand is text and has no order (column 1)");
  EXPECT_EQ(ErrorOf("attributes.x < 'a'"), "wrong type: expected a number, not text (column 16)");
  EXPECT_EQ(ErrorOf("age > 5"), "wrong type: expected a duration such as 30d, not a number (column 7)");
  EXPECT_EQ(ErrorOf("price CONTAINS 'a'"),
            "wrong type: CONTAINS needs text, and price is a number (column 1)");
  EXPECT_EQ(ErrorOf("price <"), "the filter ends where a value is expected (column 8)");
  EXPECT_EQ(ErrorOf("price"), "the filter ends where a comparison is expected (column 6)");
  EXPECT_EQ(ErrorOf("price < 5 brand"), "expected AND, OR or the end of the filter (column 11)");
  EXPECT_EQ(ErrorOf("(price < 5"), "this parenthesis is never closed (column 1)");
  EXPECT_EQ(ErrorOf("price < 5)"), "this closing parenthesis has no opening one (column 10)");
  EXPECT_EQ(ErrorOf("brand = 'é' && price < 5"), "write AND, not && (column 13)");
  EXPECT_EQ(ErrorOf("brand = Sony"), "expected a value; text stands between quotes: \"Sony\" (column 9)");
  EXPECT_EQ(ErrorOf("brand = \"Sony"), "the text has no closing quote (column 9)");
  EXPECT_EQ(ErrorOf("age > 5y"), "unknown unit: y; durations end in ms, s, m, h, d or w (column 8)");
  EXPECT_EQ(ErrorOf("created_at > 2026-13-01"),
            "this is no date or time; write 2026-01-31 or 2026-01-31T09:30:00Z (column 14)");
  EXPECT_EQ(ErrorOf("created_at > 'soon'"),
            "this is no date or time; write 2026-01-31 or 2026-01-31T09:30:00Z (column 14)");
  EXPECT_EQ(ErrorOf("affinity(colour, 'x') > 1"), "expected one of category, brand (column 10)");
  EXPECT_EQ(ErrorOf("affinity(brand) > 1"), "expected a comma and argument 2 (column 15)");
  EXPECT_EQ(ErrorOf(""), "the filter is empty (column 1)");
  EXPECT_EQ(ErrorOf("   "), "the filter is empty (column 4)");
  EXPECT_EQ(ErrorOf("price == 5"), "write = for equality, not == (column 7)");
  EXPECT_EQ(ErrorOf("attributes = 5"), "expected a dot and a name after attributes (column 12)");
  EXPECT_EQ(ErrorOf("price.x = 5"), "the field price has no parts (column 6)");
  EXPECT_EQ(ErrorOf("price = 1e999"), "the number is out of range (column 9)");
  EXPECT_EQ(ErrorOf("brand IN ()"), "expected a value (column 11)");
  EXPECT_EQ(ErrorOf("AND"), "expected a field name before AND (column 1)");
  EXPECT_EQ(ErrorOf(std::string("brand = 'a\0b'", 13)), "the filter is not UTF-8 text");
  EXPECT_EQ(ErrorOf("brand = '\xff'"), "the filter is not UTF-8 text");
  EXPECT_EQ(ErrorOf("brand = '\\u0000'"), "\\u names no character (column 10)");
}

TEST(ExpressionTest, LimitsAreHeld) {
  const auto repeat = [](std::string_view part, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  const auto depth = [&](size_t levels) { return repeat("(", levels) + "true" + repeat(")", levels); };
  EXPECT_TRUE(Matches(depth(kDepthMax)));
  EXPECT_NE(ErrorOf(depth(kDepthMax + 1)).find("nested too deep"), std::string::npos);
  EXPECT_TRUE(Matches(repeat("NOT ", kDepthMax) + "true"));
  EXPECT_NE(ErrorOf(repeat("NOT ", kDepthMax + 1) + "true").find("nested too deep"), std::string::npos);
  EXPECT_NE(ErrorOf(repeat("(", kTextBytesMax)).find("nested too deep"), std::string::npos);
  EXPECT_TRUE(Matches(repeat("true AND ", kTermsMax - 1) + "true"));
  EXPECT_NE(ErrorOf(repeat("true AND ", kTermsMax) + "true").find("too many comparisons"), std::string::npos);
  EXPECT_FALSE(Matches("price IN (1" + repeat(",1", kListValuesMax - 1) + ")"));
  EXPECT_NE(ErrorOf("price IN (1" + repeat(",1", kListValuesMax) + ")").find("list is too long"),
            std::string::npos);
  EXPECT_TRUE(Matches("true" + std::string(kTextBytesMax - 4, ' ')));
  EXPECT_NE(ErrorOf("true" + std::string(kTextBytesMax - 3, ' ')).find("too long"), std::string::npos);
  EXPECT_NE(ErrorOf(std::string(kNameBytesMax + 1, 'a') + " = 1").find("name is too long"),
            std::string::npos);
}

TEST(ExpressionTest, TheFirstFalsePartAnswersWhy) {
  const auto why = [](const std::string& text) {
    return Expression::Parse(text, TestSchema(), "filter")->FirstFalsePart(Lamp());
  };
  EXPECT_EQ(why("price < 50 AND (brand='Sony' OR brand='Bose') AND price<1"),
            "brand = \"Sony\" OR brand = \"Bose\"");
  EXPECT_EQ(why("price<1"), "price < 1");
  EXPECT_EQ(why("price < 50 AND in_stock"), "");
  EXPECT_EQ(why("price < 50"), "");
}

// A filter tree of the test's own.
struct Tree {
  std::string op;  // "AND", "OR", "NOT", "leaf".
  std::vector<Tree> children;
  std::string text;                         // Leaf: as written.
  std::function<bool(const Row&)> is_true;  // Leaf: what it means.
};

bool Any(const std::vector<FieldValue>& values, const std::function<bool(const FieldValue&)>& matches) {
  for (const FieldValue& value : values) {
    if (matches(value)) return true;
  }
  return false;
}

Tree NumberLeaf(Random& random) {
  const int wanted = static_cast<int>(random.NextBelow(5));
  const std::string written = std::to_string(wanted);
  const auto leaf = [](std::string text, std::function<bool(double)> is_true) {
    return Tree{"leaf", {}, std::move(text), [is_true](const Row& row) {
                  return Any(row.All(kPrice, ""), [&](const FieldValue& v) { return is_true(v.number); });
                }};
  };
  switch (random.NextBelow(7)) {
    case 0:
      return leaf("price<" + written, [=](double v) { return v < wanted; });
    case 1:
      return leaf("price <=" + written, [=](double v) { return v <= wanted; });
    case 2:
      return leaf("price> " + written, [=](double v) { return v > wanted; });
    case 3:
      return leaf("price >= " + written + ".0", [=](double v) { return v >= wanted; });
    case 4:
      return leaf("price between 1 and " + written, [=](double v) { return v >= 1 && v <= wanted; });
    case 5:
      return leaf("price IN(3," + written + ",0)", [=](double v) { return v == 3 || v == wanted || v == 0; });
    default: {
      Tree tree = leaf("price!=" + written, [=](double v) { return v == wanted; });
      return {"leaf", {}, tree.text, [equal = tree.is_true](const Row& row) { return !equal(row); }};
    }
  }
}

Tree TextLeaf(Random& random) {
  const std::string wanted(1, static_cast<char>('a' + random.NextBelow(4)));
  switch (random.NextBelow(4)) {
    case 0:
      return {"leaf", {}, "tags = '" + wanted + "'", [=](const Row& row) {
                return Any(row.All(kTags, ""), [&](const FieldValue& v) { return v.text == wanted; });
              }};
    case 1:
      return {"leaf", {}, "tags not in ('" + wanted + "', \"b\")", [=](const Row& row) {
                return !Any(row.All(kTags, ""),
                            [&](const FieldValue& v) { return v.text == wanted || v.text == "b"; });
              }};
    case 2:
      return {"leaf", {}, "exists attributes." + wanted, [=](const Row& row) {
                return !row.All(kAttributes, wanted).empty();
              }};
    default:
      return {"leaf", {}, "attributes." + wanted + " > 1", [=](const Row& row) {
                return Any(row.All(kAttributes, wanted), [](const FieldValue& v) {
                  return v.kind == FieldValue::Kind::kNumber && v.number > 1;
                });
              }};
  }
}

Tree RandomTree(Random& random, int depth) {
  if (depth == 0 || random.NextBelow(3) == 0) {
    return random.NextBelow(2) == 0 ? NumberLeaf(random) : TextLeaf(random);
  }
  if (random.NextBelow(4) == 0) return {"NOT", {RandomTree(random, depth - 1)}, {}, {}};
  Tree tree{random.NextBelow(2) == 0 ? "AND" : "OR", {}, {}, {}};
  for (uint64_t i = 0; i < 2 + random.NextBelow(3); ++i)
    tree.children.push_back(RandomTree(random, depth - 1));
  return tree;
}

bool Reference(const Tree& tree, const Row& row) {
  if (tree.op == "leaf") return tree.is_true(row);
  if (tree.op == "NOT") return !Reference(tree.children[0], row);
  bool all = true;
  bool any = false;
  for (const Tree& child : tree.children) {
    const bool value = Reference(child, row);
    all = all && value;
    any = any || value;
  }
  return tree.op == "AND" ? all : any;
}

std::string Written(const Tree& tree) {
  if (tree.op == "leaf") return tree.text;
  if (tree.op == "NOT") return "NOT(" + Written(tree.children[0]) + ")";
  std::string text;
  for (const Tree& child : tree.children) {
    if (!text.empty()) text += " " + tree.op + " ";
    text += "( " + Written(child) + ")";
  }
  return text;
}

Row RandomRow(Random& random) {
  Row row;
  if (random.NextBelow(4) != 0) row.price = static_cast<double>(random.NextBelow(5));
  for (const char* tag : {"a", "b", "c", "d"}) {
    if (random.NextBelow(3) == 0) row.tags.emplace_back(tag);
    if (random.NextBelow(3) == 0)
      row.attributes[tag] = {FieldValue::Number(static_cast<double>(random.NextBelow(4)))};
    if (random.NextBelow(5) == 0) row.attributes[tag].push_back(FieldValue::Text("2"));
  }
  return row;
}

TEST(ExpressionTest, AgreesWithTheSlowEvaluatorAndRoundTrips) {
  Random random(20260131);
  int true_count = 0;
  for (int round = 0; round < 3000; ++round) {
    const Tree tree = RandomTree(random, 4);
    const std::string text = Written(tree);
    if (text.size() > kTextBytesMax) continue;
    const Result<Expression> parsed = Expression::Parse(text, TestSchema(), "filter");
    ASSERT_TRUE(parsed.ok()) << text << ": " << parsed.status().message();
    const std::string canonical = parsed->ToText();
    const Result<Expression> again = Expression::Parse(canonical, TestSchema(), "filter");
    ASSERT_TRUE(again.ok()) << canonical << ": " << again.status().message();
    EXPECT_EQ(again->ToText(), canonical);
    for (int i = 0; i < 20; ++i) {
      const Row row = RandomRow(random);
      const bool expected = Reference(tree, row);
      true_count += expected ? 1 : 0;
      ASSERT_EQ(parsed->Matches(row), expected) << text;
      ASSERT_EQ(again->Matches(row), expected) << canonical;
      ASSERT_EQ(parsed->FirstFalsePart(row).empty(), expected) << text;
    }
  }
  EXPECT_GT(true_count, 10'000) << "the random filters are too one-sided to show anything";
}

TEST(ExpressionTest, LongListsAreSearchedExactly) {
  Random random(7);
  std::string list;
  std::vector<bool> is_in(3000);
  for (int i = 0; i < 600; ++i) {
    const uint64_t value = random.NextBelow(3000);
    is_in[value] = true;
    list += (list.empty() ? "" : ",") + std::to_string(value);
  }
  const Result<Expression> expression = Expression::Parse("price IN (" + list + ")", TestSchema(), "filter");
  ASSERT_TRUE(expression.ok());
  for (size_t value = 0; value < is_in.size(); ++value) {
    Row row;
    row.price = static_cast<double>(value);
    EXPECT_EQ(expression->Matches(row), is_in[value]) << value;
  }
}

TEST(ExpressionTest, MutatedTextsNeverCrashAndWhatParsesRoundTrips) {
  Random random(99);
  const std::string seeds[] = {
      "price < 50 AND brand IN (\"Sony\",\"Bose\") AND NOT category: \"Toys\"",
      "created_at >= now - 30d OR age NOT BETWEEN 1h AND 2.5w",
      "EXISTS attributes.\"a b\".c AND (affinity(category, 'Shoes') > 0.4 OR in_stock)",
      "tags CONTAINS '\\u00e9\\\\' AND price != -1e3 AND created_at < 2026-01-31T09:30:00Z",
  };
  constexpr std::string_view kBytes = "()'\"\\<>=!:.,-+ 019eaZ_u\n\xc3\xa9";
  int parsed_count = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seeds[random.NextBelow(std::size(seeds))];
    for (uint64_t change = 0; change < 1 + random.NextBelow(4); ++change) {
      const size_t at = random.NextBelow(text.size());
      const char byte = kBytes[random.NextBelow(kBytes.size())];
      switch (random.NextBelow(4)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        case 2:
          text.erase(at, 1 + random.NextBelow(5));
          break;
        default:
          text.insert(at, text.substr(random.NextBelow(text.size()), random.NextBelow(20)));
      }
      if (text.empty()) text = " ";
    }
    const Result<Expression> parsed = Expression::Parse(text, TestSchema(), "filter");
    if (!parsed.ok()) {
      EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument);
      EXPECT_FALSE(parsed.status().message().empty());
      continue;
    }
    ++parsed_count;
    const std::string canonical = parsed->ToText();
    const Result<Expression> again = Expression::Parse(canonical, TestSchema(), "filter");
    ASSERT_TRUE(again.ok()) << text << " => " << canonical << ": " << again.status().message();
    EXPECT_EQ(again->ToText(), canonical) << text;
    EXPECT_EQ(again->Matches(Lamp()), parsed->Matches(Lamp())) << text;
  }
  EXPECT_GT(parsed_count, 500);
}

TEST(SchemaTest, SuggestsOnlyWhatIsClose) {
  EXPECT_EQ(ClosestName("pirce", {"brand", "price"}), "price");
  EXPECT_EQ(ClosestName("prxxe", {"brand", "price"}), "");
  EXPECT_EQ(ClosestName("prcie_x", {"price_x"}), "price_x");
  EXPECT_EQ(ClosestName("PRICE", {"brand", "price"}), "price");
  EXPECT_EQ(ClosestName("", {"a"}), "");
}

}  // namespace
}  // namespace attune::expressions
