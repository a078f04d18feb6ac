// GET /v1/products/{id}/shoppers: who would buy this.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "models/prospects.h"
#include "server/store.h"

namespace attune::server {
namespace {

constexpr int kScoreDecimals = 6;
// Some are left out when they are looked up: who refused since, was erased, or bought the product.
constexpr size_t kSpareProspects = 50;

std::string_view DoneName(models::InteractionKind kind) {
  switch (kind) {
    case models::InteractionKind::kView:
      return "viewed";
    case models::InteractionKind::kCart:
      return "in_cart";
    case models::InteractionKind::kPurchase:
      return "bought";
  }
  return "";
}

struct Named {
  bool is_customer = false;
  std::string id;
};

// The customer id of a person, else the id of a browser; nothing when none is known (any more).
Result<std::optional<Named>> NameOf(const events::IdentityRegistry& identities,
                                    const std::vector<ShopperHandle>& handles) {
  std::optional<Named> named;
  for (const ShopperHandle handle : handles) {
    ASSIGN_OR_RETURN(const auto state, identities.StateOf(handle));
    ASSIGN_OR_RETURN(const auto external, identities.ExternalIdOf(handle));
    if (state == nullptr || !external) continue;
    const bool is_customer = state->kind == events::IdentityKind::kCustomer;
    if (named && (named->is_customer || !is_customer)) continue;
    named = Named{is_customer, *external};
  }
  return named;
}

bool HasBought(const features::ShopperProfile& profile, ProductIndex product) {
  return std::any_of(profile.purchases.begin(), profile.purchases.end(),
                     [product](const features::Purchase& purchase) { return purchase.product == product; });
}

}  // namespace

// Nothing when the prospect may not be named.
Result<std::optional<std::string>> Store::ProspectJson(const models::Prospect& prospect, ProductIndex product,
                                                       const catalog::CatalogView& catalog,
                                                       int64_t now_ms) const {
  const events::IdentityRegistry& identities = state_->identities();
  ASSIGN_OR_RETURN(const ShopperHandle person, identities.PersonOf(prospect.shopper));
  ASSIGN_OR_RETURN(const auto handles, identities.HandlesOf(person));
  bool has_chosen = false;
  for (const ShopperHandle handle : handles) {
    ASSIGN_OR_RETURN(const auto choice, identities.RecordedConsent(handle));
    if (choice && !choice->personalization) return std::optional<std::string>();
    has_chosen = has_chosen || choice.has_value();
  }
  if (!has_chosen && !settings().consent_default) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const std::optional<Named> named, NameOf(identities, handles));
  if (!named) return std::optional<std::string>();
  const features::FeatureSettings settings = state_->feature_settings();
  ASSIGN_OR_RETURN(const auto reading,
                   profile_source_->ReadHandles(handles, {.now_ms = now_ms, .settings = settings}));
  if (HasBought(reading.profile, product)) return std::optional<std::string>();
  JsonWriter json;
  json.BeginObject().Key(named->is_customer ? "customer_id" : "anonymous_id").String(named->id);
  json.Key("score").Fixed(prospect.score, kScoreDecimals);
  json.Key("because").BeginObject().Key("product_id").String(catalog.IdOf(prospect.because));
  json.Key("was").String(DoneName(prospect.kind)).EndObject().EndObject();
  return std::optional<std::string>(json.TakeText());
}

void Store::ListProspects(std::string product_id, uint32_t limit, const http::Caller& /*caller*/,
                          http::Done done) {
  Touch();
  const auto catalog = state_->catalog_view();
  const auto index = catalog->Resolve(product_id);
  if (!index || catalog->Find(*index) == nullptr) return done(NotFound("no such product: " + product_id));
  const int64_t now_ms = services_.clock->NowMs();
  const auto directory = models_->published();
  std::vector<models::Prospect> prospects;
  if (directory->set() != nullptr) {
    prospects = models::FindProspects(*directory->set(), *catalog, *index, now_ms, limit + kSpareProspects);
  }
  JsonWriter json;
  json.BeginObject().Key("product_id").String(catalog->IdOf(*index)).Key("shoppers").BeginArray();
  uint32_t written = 0;
  for (const models::Prospect& prospect : prospects) {
    if (written == limit) break;
    const auto entry = ProspectJson(prospect, *index, *catalog, now_ms);
    if (!entry.ok()) return done(entry.status());
    if (!*entry) continue;
    json.Raw(**entry);
    ++written;
  }
  json.EndArray().EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

}  // namespace attune::server
