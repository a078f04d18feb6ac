#include <expat.h>

#include <deque>
#include <utility>

#include "base/utf8.h"
#include "catalog/import_rows.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

// Expat keeps a stack of its own; a feed is a handful of levels deep.
constexpr int kDepthMax = 64;

std::string_view WithoutPrefix(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class XmlReader final : public RowReader {
 public:
  explicit XmlReader(std::unique_ptr<ImportBuffer> buffer)
      : buffer_(std::move(buffer)), parser_(XML_ParserCreate(nullptr)) {
    CHECK(parser_ != nullptr);
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, &OnStart, &OnEnd);
    XML_SetCharacterDataHandler(parser_, &OnText);
    // Without a document type there are no entities but the five of XML: nothing expands, nothing is fetched.
    XML_SetStartDoctypeDeclHandler(parser_, &OnDoctype);
  }
  ~XmlReader() override { XML_ParserFree(parser_); }

  Result<bool> Next(ImportRow& row) override {
    while (ready_.empty()) {
      RETURN_IF_ERROR(failed_);
      if (is_done_) return false;
      ASSIGN_OR_RETURN(const std::string_view bytes, buffer_->Peek(1));
      is_done_ = bytes.empty();
      const auto outcome = XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()), is_done_ ? 1 : 0);
      if (outcome != XML_STATUS_OK && failed_.ok()) {
        failed_ = InvalidArgument("the XML is malformed at line " +
                                  std::to_string(XML_GetCurrentLineNumber(parser_)) + ": " +
                                  XML_ErrorString(XML_GetErrorCode(parser_)));
      }
      buffer_->Skip(bytes.size());
    }
    row = std::move(ready_.front());
    ready_.pop_front();
    return true;
  }

  const ImportBuffer& buffer() const override { return *buffer_; }

 private:
  static XmlReader& Self(void* data) { return *static_cast<XmlReader*>(data); }

  void Fail(Status status) {
    if (failed_.ok()) failed_ = std::move(status);
    XML_StopParser(parser_, XML_FALSE);
  }

  static void OnDoctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    Self(data).Fail(InvalidArgument("the XML declares a document type, which is refused"));
  }

  static void OnStart(void* data, const XML_Char* name, const XML_Char**) {
    XmlReader& self = Self(data);
    ++self.depth_;
    if (self.depth_ > kDepthMax) return self.Fail(InvalidArgument("the XML is nested deeper than 64 levels"));
    const std::string_view plain = WithoutPrefix(name);
    if (self.item_depth_ == 0) {
      if (plain != "item" && plain != "entry") return;
      self.item_depth_ = self.depth_;
      self.item_ = ImportRow();
      self.item_.line = XML_GetCurrentLineNumber(self.parser_);
      self.item_bytes_ = 0;
      return;
    }
    if (self.depth_ == self.item_depth_ + 1) {
      self.text_.clear();
      self.has_children_ = false;
    } else {
      self.has_children_ = true;
    }
  }

  static void OnText(void* data, const XML_Char* text, int size) {
    XmlReader& self = Self(data);
    if (self.item_depth_ == 0 || self.depth_ != self.item_depth_ + 1) return;
    self.item_bytes_ += static_cast<size_t>(size);
    if (self.item_bytes_ > kFeedRecordBytesMax) {
      return self.Fail(ResourceExhausted("an item is longer than 4 MB"));
    }
    self.text_.append(text, static_cast<size_t>(size));
  }

  static void OnEnd(void* data, const XML_Char* name) {
    XmlReader& self = Self(data);
    if (self.item_depth_ != 0 && self.depth_ == self.item_depth_ + 1 && !self.has_children_) {
      if (self.item_.cells.size() == kFeedColumnsMax) {
        return self.Fail(ResourceExhausted("an item has more than 2000 children"));
      }
      self.AddCell(WithoutPrefix(name));
    }
    if (self.depth_ == self.item_depth_) {
      self.ready_.push_back(std::move(self.item_));
      self.item_depth_ = 0;
    }
    --self.depth_;
  }

  void AddCell(std::string_view name) {
    constexpr std::string_view kSpace = " \t\r\n";
    const size_t begin = text_.find_first_not_of(kSpace);
    std::string value;
    if (begin != std::string::npos) value = text_.substr(begin, text_.find_last_not_of(kSpace) - begin + 1);
    item_.cells.push_back({std::string(name), std::move(value), false});
  }

  const std::unique_ptr<ImportBuffer> buffer_;
  const XML_Parser parser_;
  Status failed_;
  bool is_done_ = false;
  int depth_ = 0;
  int item_depth_ = 0;  // 0: outside of an item.
  bool has_children_ = false;
  size_t item_bytes_ = 0;
  ImportRow item_;
  std::string text_;
  std::deque<ImportRow> ready_;
};

}  // namespace

std::unique_ptr<RowReader> MakeXmlReader(std::unique_ptr<ImportBuffer> buffer) {
  return std::make_unique<XmlReader>(std::move(buffer));
}

}  // namespace attune::catalog
