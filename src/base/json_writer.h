// Writes one JSON document into a string, in the order of the calls.
//
//   JsonWriter json;
//   json.BeginObject().Key("accepted").Int(1).Key("rejected").BeginArray().EndArray().EndObject();
//   json.text()  =>  {"accepted":1,"rejected":[]}
//
// Commas and escapes are its business; nesting is the caller's and is CHECKed at TakeText().  Doubles are
// written in their shortest form that reads back the same; NaN and infinities as null.  Invalid UTF-8 is
// replaced by U+FFFD, so what comes out is always valid JSON.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_BASE_JSON_WRITER_H_
#define ATTUNE_BASE_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace attune {

class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Uint(uint64_t value);
  JsonWriter& Double(double value);
  // At most `decimals` places, trailing zeros dropped: for scores that people read.
  JsonWriter& Fixed(double value, int decimals);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // `json` is copied as it is.  REQUIRES: it is one valid JSON value.
  JsonWriter& Raw(std::string_view json);

  const std::string& text() const { return text_; }
  // REQUIRES: every Begin has its End.
  std::string TakeText();

 private:
  void Separate();

  std::string text_;
  int depth_ = 0;
  bool needs_comma_ = false;
};

// Appends `value` as a JSON string with its quotes.
void AppendJsonString(std::string_view value, std::string& out);

}  // namespace attune

#endif  // ATTUNE_BASE_JSON_WRITER_H_
