#include "models/session_file.h"

#include <string>
#include <string_view>

#include "models/number_lines.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

std::string LinePlace(size_t line_number) { return "line " + std::to_string(line_number); }

// Appends one list; fails when the file has grown past a limit.
Status AddProducts(const std::vector<uint64_t>& numbers, size_t line_number, ItemNumbering& numbering,
                   Sequences& lists) {
  std::vector<uint32_t> products;
  products.reserve(numbers.size());
  for (const uint64_t number : numbers) products.push_back(numbering.IndexOf(number));
  if (numbering.item_count() > kModelProductsMax || lists.size() >= kSequenceLinesMax ||
      lists.interaction_count() + products.size() > kSequenceFileItemsMax) {
    return InvalidArgument("file passes a limit of items, lines or interactions", LinePlace(line_number));
  }
  lists.Add(products);
  return {};
}

}  // namespace

Result<Sequences> ReadSessionFile(std::istream& input, ItemNumbering& numbering) {
  Sequences sessions;
  std::string line;
  std::vector<uint64_t> numbers;
  for (size_t line_number = 1;; ++line_number) {
    ASSIGN_OR_RETURN(const bool has_line, ReadNumberLine(input, line_number, line));
    if (!has_line) break;
    RETURN_IF_ERROR(ParseNumbers(line, line_number, numbers));
    if (!numbers.empty()) RETURN_IF_ERROR(AddProducts(numbers, line_number, numbering, sessions));
  }
  if (input.bad()) return Unavailable("reading the sessions stopped short");
  if (sessions.size() == 0) return InvalidArgument("no sessions: the file is empty", "line 1");
  return sessions;
}

Result<SessionQuestions> ReadSessionQuestions(std::istream& input, ItemNumbering& numbering) {
  SessionQuestions questions;
  std::string line;
  std::vector<uint64_t> numbers;
  for (size_t line_number = 1;; ++line_number) {
    ASSIGN_OR_RETURN(const bool has_line, ReadNumberLine(input, line_number, line));
    if (!has_line) break;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const size_t tab = line.find('\t');
    if (tab == std::string::npos)
      return InvalidArgument("no tab before the next item", LinePlace(line_number));
    RETURN_IF_ERROR(ParseNumbers(std::string_view(line).substr(0, tab), line_number, numbers));
    if (numbers.empty()) return InvalidArgument("no clicks before the tab", LinePlace(line_number));
    RETURN_IF_ERROR(AddProducts(numbers, line_number, numbering, questions.prefixes));
    RETURN_IF_ERROR(ParseNumbers(std::string_view(line).substr(tab + 1), line_number, numbers));
    if (numbers.size() != 1) {
      return InvalidArgument("there must be one item after the tab", LinePlace(line_number));
    }
    questions.nexts.push_back(numbering.IndexOf(numbers[0]));
  }
  if (input.bad()) return Unavailable("reading the questions stopped short");
  if (questions.nexts.empty()) return InvalidArgument("no questions: the file is empty", "line 1");
  return questions;
}

}  // namespace attune::models
