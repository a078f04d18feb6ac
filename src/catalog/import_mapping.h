// Which column of a feed fills which field of a product: guessed from the names, shown, and overridden.
//
//   g:image_link -> image      supplier -> brand      attr_t_colour -> attributes.colour      EK-Preis ->
//   (nothing)
//
// Targets are the fields of the API's product, and a few of feeds: `price_cents` (whole minor units),
// `availability` (in words), `group_id` (rows with the same one are variants of one product),
// `compare_at_price`, `published`, `status`, `stock_policy`, `option_name` and `option_value` (1 to 3), and
// `variant.<field>`.  A column that nobody knows fills nothing: it may hold what no shopper should see.
//
// Of several columns for one field the first of the synonyms wins (image before img_low).
//
// Thread safety: value type.

#ifndef ATTUNE_CATALOG_IMPORT_MAPPING_H_
#define ATTUNE_CATALOG_IMPORT_MAPPING_H_

#include <absl/container/flat_hash_map.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/import_rows.h"

namespace attune::catalog {

enum class FeedKind : uint8_t { kPlain, kIcecat, kShopify };

class FieldMapping {
 public:
  struct Line {
    std::string column;
    std::string target;  // Empty: not imported.
    std::string sample;  // The first value that is not empty.
    bool is_overridden = false;
  };

  // From the first rows of a feed.
  static FieldMapping Guess(const std::vector<ImportRow>& rows);

  // "column=field"; "column=" leaves the column out.  Fails with kInvalidArgument for a field that there is
  // not. A column may be named that the first rows do not have.
  Status Override(std::string_view spec);

  // Empty: not imported.  Columns that come up later are guessed on their own, and may not take a taken
  // field.
  std::string_view TargetOf(const std::string& column);

  FeedKind kind() const { return kind_; }
  bool has_target(std::string_view target) const;
  const std::vector<Line>& lines() const { return lines_; }

  // A table for people: column, field, sample.
  std::string ToText() const;

 private:
  Line& LineOf(const std::string& column);
  void DropWeakerColumns();

  FeedKind kind_ = FeedKind::kPlain;
  std::vector<Line> lines_;  // In the order of the feed.
  absl::flat_hash_map<std::string, size_t> places_;
};

// "Variant Inventory Qty" => "variant_inventory_qty"; "g:image_link" => "image_link".
std::string NormalColumn(std::string_view column);

// Whether there is such a field to map to.
bool IsImportTarget(std::string_view target);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_MAPPING_H_
