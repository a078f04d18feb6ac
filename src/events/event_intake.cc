#include "events/event_intake.h"

#include <array>
#include <string>
#include <utility>

#include "events/event_record.h"

namespace attune::events {
namespace {

using storage::Column;

std::string EventIdKey(const Hash128& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

EventIntake::EventIntake(const storage::StorageEngine* engine, IdentityRegistry* registry,
                         ProductNamer* namer, ConsentDefaults defaults)
    : engine_(engine), registry_(registry), namer_(namer), defaults_(std::move(defaults)) {}

void EventIntake::Prepare(std::span<IncomingEvent> incoming, int64_t recorded_at_ms,
                          storage::WriteBatch& batch, PreparedEvents& prepared) {
  const size_t first_record = batch.records().size();
  IdentitySink sink{batch, recorded_at_ms, prepared.identity_changes};
  prepared.outcomes.reserve(incoming.size());
  prepared.records.reserve(incoming.size());
  for (IncomingEvent& event : incoming) {
    Status status = PrepareOne(event, first_record, sink, prepared);
    if (status.ok()) continue;
    prepared.failures.push_back({prepared.outcomes.size(), std::move(status)});
    prepared.outcomes.push_back(IntakeOutcome::kRejected);
  }
}

Result<bool> EventIntake::IsDuplicate(const Hash128& hash) {
  if (group_event_ids_.contains(hash)) return true;
  ASSIGN_OR_RETURN(const auto known, engine_->Get(Column::kEventIds, EventIdKey(hash)));
  return known.has_value();
}

Status EventIntake::LookupShoppers(const IncomingEvent& incoming, Shopper& browser, Shopper& customer) const {
  browser.is_named = !incoming.anonymous_id.empty();
  customer.is_named = !incoming.customer_id.empty();
  if (browser.is_named) {
    ASSIGN_OR_RETURN(browser.known, registry_->Lookup(IdentityKind::kAnonymous, incoming.anonymous_id));
  }
  if (customer.is_named) {
    ASSIGN_OR_RETURN(customer.known, registry_->Lookup(IdentityKind::kCustomer, incoming.customer_id));
  }
  return {};
}

Status EventIntake::RecordConsent(const IncomingEvent& incoming, std::string_view external_id,
                                  Shopper& shopper, IdentitySink& sink) {
  if (!shopper.is_named) return {};
  const auto& state = shopper.known.state;
  const auto record = ConsentToRecord(state ? state->consent : std::nullopt, defaults_.For(incoming.market),
                                      incoming.consent);
  if (!record) return {};
  if (!state) {
    // Not known yet.  A refusal sent along with an event is honoured without remembering who refused.
    if (!record->analytics && incoming.type != EventType::kConsentChanged) return {};
    RETURN_IF_ERROR(registry_->Make(external_id, incoming.occurred_at_ms, shopper.known, sink));
  }
  return registry_->SetConsent(*shopper.known.shopper, *record, incoming.occurred_at_ms, sink);
}

Status EventIntake::MakeShoppers(const IncomingEvent& incoming, Shopper& browser, Shopper& customer,
                                 IdentitySink& sink) {
  const int64_t at_ms = incoming.occurred_at_ms;
  if (browser.is_named) RETURN_IF_ERROR(registry_->Make(incoming.anonymous_id, at_ms, browser.known, sink));
  if (customer.is_named) RETURN_IF_ERROR(registry_->Make(incoming.customer_id, at_ms, customer.known, sink));
  if (browser.is_named && customer.is_named) {
    RETURN_IF_ERROR(registry_->Link(browser.known, customer.known, at_ms, sink));
  }
  if (incoming.type == EventType::kIdentify && !incoming.traits_json.empty()) {
    const Shopper& shopper = customer.is_named ? customer : browser;
    RETURN_IF_ERROR(registry_->SetTraits(shopper.known, incoming.traits_json, at_ms, sink));
  }
  return {};
}

Event EventIntake::ToEvent(IncomingEvent& incoming) {
  Event event;
  event.id = std::move(incoming.id);
  event.type = incoming.type;
  event.occurred_at_ms = incoming.occurred_at_ms;
  event.received_at_ms = incoming.received_at_ms;
  event.is_backfill = incoming.is_backfill;
  event.is_verified = incoming.is_verified;
  event.lines.reserve(incoming.lines.size());
  for (IncomingLine& from : incoming.lines) {
    EventLine& line = event.lines.emplace_back();
    line.product = namer_->IndexFor(from.product_id);
    line.variant_id = std::move(from.variant_id);
    line.quantity = from.quantity;
    line.price_minor = from.price_minor;
    line.discount_minor = from.discount_minor;
    line.decision = from.decision;
    line.position = from.position;
  }
  event.decision = incoming.decision;
  event.currency = incoming.currency;
  event.order_id = std::move(incoming.order_id);
  event.value_minor = incoming.value_minor;
  event.tax_minor = incoming.tax_minor;
  event.shipping_minor = incoming.shipping_minor;
  event.discount_minor = incoming.discount_minor;
  event.coupon = std::move(incoming.coupon);
  event.query = std::move(incoming.query);
  event.category = std::move(incoming.category);
  event.preferences = std::move(incoming.preferences);
  event.page_url = std::move(incoming.page_url);
  event.referrer = std::move(incoming.referrer);
  event.market = std::move(incoming.market);
  event.locale = std::move(incoming.locale);
  return event;
}

Status EventIntake::PrepareOne(IncomingEvent& incoming, size_t first_record, IdentitySink& sink,
                               PreparedEvents& prepared) {
  Hash128 id_hash{};
  if (!incoming.id.empty()) {
    id_hash = registry_->vault().EventIdHashOf(incoming.id);
    ASSIGN_OR_RETURN(const bool is_duplicate, IsDuplicate(id_hash));
    if (is_duplicate) {
      prepared.outcomes.push_back(IntakeOutcome::kDuplicate);
      ++prepared.duplicate_count;
      return {};
    }
  }
  Shopper browser;
  Shopper customer;
  RETURN_IF_ERROR(LookupShoppers(incoming, browser, customer));
  std::array<std::optional<Consent>, 3> recorded = {
      browser.known.state ? browser.known.state->consent : std::nullopt,
      customer.known.state ? customer.known.state->consent : std::nullopt};
  // A browser alone is still its customer's, whose choice was perhaps made elsewhere.
  if (!customer.is_named && browser.known.state && browser.known.state->owner != ShopperHandle()) {
    ASSIGN_OR_RETURN(recorded[2], registry_->PreparedConsent(browser.known.state->owner));
  }
  const Consent consent = ResolveConsent(defaults_, incoming.market, recorded, incoming.consent);
  if (consent.analytics) RETURN_IF_ERROR(MakeShoppers(incoming, browser, customer, sink));
  RETURN_IF_ERROR(RecordConsent(incoming, incoming.anonymous_id, browser, sink));
  RETURN_IF_ERROR(RecordConsent(incoming, incoming.customer_id, customer, sink));

  const bool has_id = !incoming.id.empty();
  Event event = ToEvent(incoming);
  event.consent = consent;
  const std::optional<ShopperHandle> shopper =
      customer.is_named ? customer.known.shopper : browser.known.shopper;
  event.shopper = shopper.value_or(ShopperHandle());
  if (!consent.analytics) {
    StripIdentity(event);
    // The choice itself stays with the one who made it, where there is a record of it: folds must learn of
    // it.
    if (event.type == EventType::kConsentChanged) event.shopper = shopper.value_or(ShopperHandle());
  } else if (has_id) {
    group_event_ids_.insert(id_hash);
    sink.batch.Put(Column::kEventIds, EventIdKey(id_hash),
                   storage::OrderedKey(static_cast<uint64_t>(event.received_at_ms)));
  }
  const size_t offset = sink.batch.records().size() - first_record;
  sink.batch.AppendRecord(storage::RecordKind::kEvent, sink.recorded_at_ms, EncodeEvent(event));
  prepared.records.push_back({offset, std::move(event)});
  prepared.outcomes.push_back(IntakeOutcome::kAccepted);
  ++prepared.accepted_count;
  return {};
}

Status EventIntake::Apply(const PreparedEvents& prepared) {
  for (const IdentityChange& change : prepared.identity_changes) RETURN_IF_ERROR(registry_->Apply(change));
  return {};
}

void EventIntake::OnGroupApplied() {
  group_event_ids_.clear();
  registry_->OnGroupApplied();
}

void EventIntake::OnCommitFailed() {
  group_event_ids_.clear();
  registry_->OnCommitFailed();
}

}  // namespace attune::events
