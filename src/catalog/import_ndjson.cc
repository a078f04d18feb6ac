#include <simdjson.h>

#include <utility>

#include "base/utf8.h"
#include "catalog/import_rows.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

class NdjsonReader final : public RowReader {
 public:
  explicit NdjsonReader(std::unique_ptr<ImportBuffer> buffer) : buffer_(std::move(buffer)) {}

  Result<bool> Next(ImportRow& row) override {
    row.cells.clear();
    row.problem = Status();
    std::string_view line;
    do {
      ASSIGN_OR_RETURN(const bool has_line, buffer_->ReadLine(line));
      if (!has_line) return false;
      ++lines_read_;
      if (lines_read_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    } while (line.find_first_not_of(" \t") == std::string_view::npos);
    row.line = lines_read_;
    row.problem = ReadObject(line, row);
    return true;
  }

  const ImportBuffer& buffer() const override { return *buffer_; }

 private:
  Status ReadObject(std::string_view line, ImportRow& row) {
    simdjson::dom::element document;
    const simdjson::error_code error = parser_.parse(line.data(), line.size()).get(document);
    if (error != simdjson::SUCCESS) {
      return InvalidArgument(std::string("the line is not JSON: ") + simdjson::error_message(error));
    }
    simdjson::dom::object members;
    if (document.get(members) != simdjson::SUCCESS) return InvalidArgument("the line is not a JSON object");
    for (const simdjson::dom::key_value_pair member : members) {
      if (row.cells.size() == kFeedColumnsMax)
        return InvalidArgument("the object has more than 2000 members");
      if (!IsCleanText(member.key)) return InvalidArgument("a member's name holds NUL");
      std::string_view text;
      if (member.value.get(text) == simdjson::SUCCESS) {
        row.cells.push_back({std::string(member.key), std::string(text), false});
      } else {
        row.cells.push_back({std::string(member.key), simdjson::minify(member.value), true});
      }
    }
    return Status();
  }

  const std::unique_ptr<ImportBuffer> buffer_;
  simdjson::dom::parser parser_;
  uint64_t lines_read_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> MakeNdjsonReader(std::unique_ptr<ImportBuffer> buffer) {
  return std::make_unique<NdjsonReader>(std::move(buffer));
}

}  // namespace attune::catalog
