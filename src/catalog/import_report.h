// What became of a feed: rows read, taken and refused, and for each reason the first rows that it met.
//
//   read 541909 rows, took 540455, refused 1454
//     price: is not an amount                           1452   line 622: "free", line 1415: ...
//     product_id: is required                              2   line 77
//
// Thread safety: value type.

#ifndef ATTUNE_CATALOG_IMPORT_REPORT_H_
#define ATTUNE_CATALOG_IMPORT_REPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace attune::catalog {

struct ImportExample {
  uint64_t line = 0;
  std::string message;  // Whole, with the value at fault where there is one.
};

struct ImportReason {
  std::string field;    // Without positions: "variants[].price".
  std::string message;  // What comes before the value: "is not an amount".
  uint64_t count = 0;
  std::vector<ImportExample> examples;  // The first few.
};

class ImportReport {
 public:
  uint64_t rows_read = 0;
  uint64_t rows_accepted = 0;
  uint64_t rows_rejected = 0;
  uint64_t products = 0;  // Changes that came out.

  // `rows` rows were refused together; `line` is that of the first.
  void Reject(const Status& status, uint64_t line, uint64_t rows = 1);

  // Most frequent first; of equals, by name.
  std::vector<ImportReason> reasons() const;

  // For people.  `seconds` 0: without the rate.
  std::string ToText(double seconds) const;

 private:
  std::map<std::pair<std::string, std::string>, ImportReason> reasons_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_REPORT_H_
