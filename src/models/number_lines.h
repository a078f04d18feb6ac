// Lines of decimal numbers: what the benchmark files of the published protocols are made of.
//
// Fields are divided by spaces or tabs; a line may end in CR LF.  Errors name line and field.
// Thread safety: pure functions; a stream belongs to one thread.

#ifndef ATTUNE_MODELS_NUMBER_LINES_H_
#define ATTUNE_MODELS_NUMBER_LINES_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::models {

// "line 3, field 2".
std::string FieldPlace(size_t line, size_t field);

// Reads one line of at most kSequenceLineBytesMax bytes.  False at the end of the input.
Result<bool> ReadNumberLine(std::istream& input, size_t line_number, std::string& line);

// Splits `line` into numbers.  Fails with InvalidArgument for a field that is not a decimal number of 64
// bits, and for more than kSequenceItemsMax + 1 fields.
Status ParseNumbers(std::string_view line, size_t line_number, std::vector<uint64_t>& numbers);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NUMBER_LINES_H_
