#include "catalog/product_aliases.h"

#include <optional>

namespace attune::catalog {

std::set<std::string> AliasesOf(const Product& product) {
  std::set<std::string> aliases;
  aliases.insert(product.sku);
  aliases.insert(product.eans.begin(), product.eans.end());
  for (const Variant& variant : product.variants) {
    aliases.insert(variant.variant_id);
    aliases.insert(variant.sku);
    aliases.insert(variant.ean);
  }
  aliases.erase(std::string());
  aliases.erase(product.product_id);
  return aliases;
}

void ProductAliases::Replace(ProductIndex index, const Product* before, const Product* after) {
  const std::set<std::string> old_aliases = before == nullptr ? std::set<std::string>() : AliasesOf(*before);
  const std::set<std::string> new_aliases = after == nullptr ? std::set<std::string>() : AliasesOf(*after);
  for (const std::string& alias : old_aliases) {
    if (!new_aliases.contains(alias)) Release(alias, index);
  }
  for (const std::string& alias : new_aliases) {
    if (!old_aliases.contains(alias)) Claim(alias, index);
  }
}

void ProductAliases::Claim(const std::string& alias, ProductIndex index) {
  const std::optional<ProductIndex> holder = ids_->FindAlias(alias);
  if (!holder) {
    ids_->SetAlias(alias, index);
    return;
  }
  if (*holder == index) return;
  std::set<ProductIndex>& claimants = contested_[alias];
  claimants.insert(*holder);
  claimants.insert(index);
  ids_->SetAlias(alias, *claimants.begin());
}

void ProductAliases::Release(const std::string& alias, ProductIndex index) {
  const auto contested = contested_.find(alias);
  if (contested == contested_.end()) {
    ids_->RemoveAlias(alias);
    return;
  }
  contested->second.erase(index);
  ids_->SetAlias(alias, *contested->second.begin());
  if (contested->second.size() == 1) contested_.erase(contested);
}

}  // namespace attune::catalog
