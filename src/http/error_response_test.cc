#include "http/error_response.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace attune::http {
namespace {

TEST(ErrorResponseTest, EveryStatusCodeHasItsAnswerAndOnlyOursAreFaults) {
  const StatusCode codes[] = {StatusCode::kInvalidArgument, StatusCode::kNotFound,
                              StatusCode::kConflict,        StatusCode::kResourceExhausted,
                              StatusCode::kUnavailable,     StatusCode::kCorruption,
                              StatusCode::kInternal,        StatusCode::kPermissionDenied};
  const int statuses[] = {400, 404, 409, 429, 503, 500, 500, 403};
  for (size_t i = 0; i < std::size(codes); ++i) {
    EXPECT_EQ(ErrorResponse(Status(codes[i], "why"), "r1").status, statuses[i]);
  }
}

TEST(ErrorResponseTest, TheShapeIsTheDocumentedOne) {
  const Response response =
      ErrorResponse(InvalidArgument("price is negative: -3", "products[2].price"), "r1");
  EXPECT_EQ(
      response.body,
      "{\"error\":{\"code\":\"invalid_argument\",\"message\":\"price is negative: -3\","
      "\"field\":\"products[2].price\",\"doc\":\"/docs/errors#invalid_argument\",\"request_id\":\"r1\"}}");
  EXPECT_EQ(response.Header("content-type"), "application/json");
  EXPECT_NE(ErrorResponse(NotFound("x"), "r").body.find("\"field\":null"), std::string::npos);
}

TEST(ErrorResponseTest, HostileTextsStayInsideTheJson) {
  const Response response = ErrorResponse(InvalidArgument("a\"b\\\n\xff", "f\"\x01"), "r1");
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  ASSERT_EQ(parser.parse(response.body).get(document), simdjson::SUCCESS);
  std::string_view message;
  ASSERT_EQ(document["error"]["message"].get(message), simdjson::SUCCESS);
  EXPECT_EQ(message, "a\"b\\\n\xEF\xBF\xBD");
}

TEST(ErrorResponseTest, OverloadSaysWhenToComeBack) {
  for (const ErrorEntry& entry : ErrorTable()) {
    const Response response = ErrorResponse(entry.code, "m", "", "r");
    const bool is_overload = entry.status == 429 || entry.status == 503;
    EXPECT_EQ(response.Header("retry-after").empty(), !is_overload) << entry.name;
  }
  EXPECT_EQ(ErrorResponse(ErrorCode::kRateLimited, "m", "", "r", 17).Header("retry-after"), "17");
}

TEST(ErrorResponseTest, FaultsOfTheServerKeepTheirDetailsToThemselves) {
  EXPECT_EQ(ErrorResponse(Internal("secret path"), "r").body.find("secret"), std::string::npos);
  EXPECT_EQ(ErrorResponse(Corruption("secret key"), "r").body.find("secret"), std::string::npos);
}

TEST(ErrorResponseTest, NamesAreUniqueAndEveryStatusHasAPhrase) {
  std::set<std::string_view> names;
  for (const ErrorEntry& entry : ErrorTable()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_NE(ReasonPhrase(entry.status), "Unknown") << entry.status;
    EXPECT_EQ(&FindError(entry.code), &entry);
    EXPECT_NE(ErrorsHtml().find("<h2 id=\"" + std::string(entry.name) + "\">"), std::string::npos);
  }
}

TEST(ErrorResponseTest, ThePageInTheDocsIsTheTable) {
  const std::string path = ATTUNE_SOURCE_DIR "/docs/api/errors.md";
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread.
  if (std::getenv("ATTUNE_UPDATE_DOCS") != nullptr) std::ofstream(path) << ErrorsMarkdown();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), ErrorsMarkdown());
}

}  // namespace
}  // namespace attune::http
