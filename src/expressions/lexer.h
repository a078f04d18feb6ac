// Cuts a filter text into tokens.
//
//   price<50 AND brand IN ("Sony")  =>  word price, symbol <, number 50, word AND, word brand, word IN,
//   symbol (, ...
//
// Words are letters, digits and '_' (a leading letter or '_'); case is kept.  Numbers are decimal with an
// optional fraction and exponent; a unit right after a number makes it a duration (30d); four digits and a
// dash begin a time. Texts stand between double or single quotes with the escapes \" \' \\ \/ \n \r \t
// \uXXXX.
//
// Thread safety: stateless.

#ifndef ATTUNE_EXPRESSIONS_LEXER_H_
#define ATTUNE_EXPRESSIONS_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::expressions {

struct Token {
  enum class Kind : uint8_t { kWord, kText, kNumber, kDuration, kTime, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;   // kWord, kText: its value; kSymbol: one of ( ) , . : = != < <= > >= + -
  double number = 0;  // kNumber; kDuration and kTime in milliseconds.
  size_t begin = 0;   // Byte where it stands in the source.

  bool Is(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
};

// The last token is kEnd.  Fails with kInvalidArgument and the column.
Result<std::vector<Token>> Tokenize(std::string_view source, std::string_view status_field);

// "... (column 9)": columns count characters from 1.
Status SyntaxError(std::string_view source, size_t byte, std::string message, std::string_view status_field);

}  // namespace attune::expressions

#endif  // ATTUNE_EXPRESSIONS_LEXER_H_
