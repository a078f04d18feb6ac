#include "events/event_intake.h"

#include <array>
#include <utility>

#include "events/event_record.h"

namespace attune::events {

EventIntake::EventIntake(std::unique_ptr<EventIdRuns> runs, IdentityRegistry* registry, ProductNamer* namer,
                         ConsentDefaults defaults)
    : runs_(std::move(runs)), registry_(registry), namer_(namer), defaults_(std::move(defaults)) {}

Result<std::unique_ptr<EventIntake>> EventIntake::Open(storage::StorageEngine* engine,
                                                       IdentityRegistry* registry, ProductNamer* namer,
                                                       ConsentDefaults defaults) {
  ASSIGN_OR_RETURN(auto runs, EventIdRuns::Open(engine));
  std::unique_ptr<EventIntake> intake(new EventIntake(std::move(runs), registry, namer, std::move(defaults)));
  RETURN_IF_ERROR(intake->RecoverIds(*engine));
  return intake;
}

Status EventIntake::RecoverIds(const storage::StorageEngine& engine) {
  Event event;
  Status fault;
  const Sequence from(runs_->saved_sequence().value() + 1);
  RETURN_IF_ERROR(engine.ScanLog(from, [&](const storage::Record& record) {
    if (record.kind != storage::RecordKind::kEvent) return true;
    fault = DecodeEvent(record.payload, event);
    if (fault.ok() && !event.id.empty()) {
      recent_ids_.Add({registry_->vault().EventIdHashOf(event.id), event.received_at_ms});
    }
    return fault.ok();
  }));
  recent_ids_.CloseGroup();
  return fault;
}

Result<IntakeLookAhead> EventIntake::LookAhead(std::span<const IncomingEvent> incoming) const {
  const IdentityVault& vault = registry_->vault();
  IntakeLookAhead ahead;
  ahead.as_of_save = runs_->save_count();
  ahead.entries.reserve(incoming.size());
  std::vector<SeenEventId> ids;
  ids.reserve(incoming.size());
  std::vector<Hash128> hashes;
  hashes.reserve(incoming.size());
  for (const IncomingEvent& event : incoming) {
    IntakeLookAhead::Entry& entry = ahead.entries.emplace_back();
    if (!event.id.empty()) {
      entry.id = vault.EventIdHashOf(event.id);
      ids.push_back({entry.id, event.received_at_ms});
    }
    if (!event.anonymous_id.empty()) {
      entry.browser = vault.HashOf(IdentityKind::kAnonymous, event.anonymous_id);
      hashes.push_back(entry.browser);
    }
    if (!event.customer_id.empty()) {
      entry.customer = vault.HashOf(IdentityKind::kCustomer, event.customer_id);
      hashes.push_back(entry.customer);
    }
  }
  ASSIGN_OR_RETURN(auto shoppers, registry_->LookAhead(hashes));
  ASSIGN_OR_RETURN(const std::vector<bool> known, runs_->FindAny(ids));
  ahead.shoppers.reserve(shoppers.size());
  for (const IdentityRegistry::Ahead& shopper : shoppers) {
    if (shopper.shopper) ahead.shoppers.push_back(*shopper.shopper);
  }
  size_t next_id = 0;
  size_t next_shopper = 0;
  for (size_t i = 0; i < incoming.size(); ++i) {
    IntakeLookAhead::Entry& entry = ahead.entries[i];
    if (!incoming[i].id.empty()) entry.is_known = known[next_id++];
    if (!incoming[i].anonymous_id.empty()) entry.known_browser = std::move(shoppers[next_shopper++]);
    if (!incoming[i].customer_id.empty()) entry.known_customer = std::move(shoppers[next_shopper++]);
  }
  return ahead;
}

void EventIntake::Prepare(std::span<IncomingEvent> incoming, const IntakeLookAhead& ahead,
                          int64_t recorded_at_ms, storage::WriteBatch& batch, PreparedEvents& prepared) {
  CHECK(ahead.entries.size() == incoming.size());
  const size_t first_record = batch.records().size();
  IdentitySink sink{batch, recorded_at_ms, prepared.identity_changes};
  prepared.outcomes.reserve(incoming.size());
  prepared.records.reserve(incoming.size());
  for (size_t i = 0; i < incoming.size(); ++i) {
    Status status = PrepareOne(incoming[i], ahead.entries[i], ahead.as_of_save, first_record, sink, prepared);
    if (status.ok()) continue;
    prepared.failures.push_back({prepared.outcomes.size(), std::move(status)});
    prepared.outcomes.push_back(IntakeOutcome::kRejected);
  }
}

Result<bool> EventIntake::IsDuplicate(const SeenEventId& seen, bool is_known, uint64_t as_of_save) const {
  if (is_known || recent_ids_.Contains(seen.id, seen.received_at_ms, as_of_save)) return true;
  if (recent_ids_.Covers(as_of_save)) return false;
  ASSIGN_OR_RETURN(const std::vector<bool> known, runs_->FindAny({&seen, 1}));
  return known.front();
}

Status EventIntake::LookupShoppers(const IncomingEvent& incoming, const IntakeLookAhead::Entry& ahead,
                                   Shopper& browser, Shopper& customer) const {
  browser.is_named = !incoming.anonymous_id.empty();
  customer.is_named = !incoming.customer_id.empty();
  if (browser.is_named) {
    ASSIGN_OR_RETURN(browser.known,
                     registry_->Lookup(IdentityKind::kAnonymous, ahead.browser, ahead.known_browser));
  }
  if (customer.is_named) {
    ASSIGN_OR_RETURN(customer.known,
                     registry_->Lookup(IdentityKind::kCustomer, ahead.customer, ahead.known_customer));
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
    line.product = from.product ? *from.product : namer_->IndexFor(from.product_id);
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

Status EventIntake::PrepareOne(IncomingEvent& incoming, const IntakeLookAhead::Entry& ahead,
                               uint64_t as_of_save, size_t first_record, IdentitySink& sink,
                               PreparedEvents& prepared) {
  const SeenEventId seen{ahead.id, incoming.received_at_ms};
  if (!incoming.id.empty()) {
    ASSIGN_OR_RETURN(const bool is_duplicate, IsDuplicate(seen, ahead.is_known, as_of_save));
    if (is_duplicate) {
      prepared.outcomes.push_back(IntakeOutcome::kDuplicate);
      ++prepared.duplicate_count;
      return {};
    }
  }
  Shopper browser;
  Shopper customer;
  RETURN_IF_ERROR(LookupShoppers(incoming, ahead, browser, customer));
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
  const IdentityRegistry::Known& owner = customer.is_named ? customer.known : browser.known;
  const std::optional<ShopperHandle> shopper = owner.shopper;
  event.shopper = shopper.value_or(ShopperHandle());
  if (!consent.analytics) {
    StripIdentity(event);
    // The choice itself stays with the one who made it, where there is a record of it: folds must learn of
    // it.
    if (event.type == EventType::kConsentChanged) event.shopper = shopper.value_or(ShopperHandle());
  } else if (has_id) {
    recent_ids_.Add(seen);
  }
  const size_t offset = sink.batch.records().size() - first_record;
  sink.batch.AppendRecord(storage::RecordKind::kEvent, sink.recorded_at_ms, EncodeEvent(event));
  const bool is_customer = event.shopper != ShopperHandle() && owner.state && IsCustomer(*owner.state);
  prepared.records.push_back({offset, std::move(event), is_customer});
  prepared.outcomes.push_back(IntakeOutcome::kAccepted);
  ++prepared.accepted_count;
  return {};
}

Status EventIntake::Apply(const PreparedEvents& prepared) {
  for (const IdentityChange& change : prepared.identity_changes) RETURN_IF_ERROR(registry_->Apply(change));
  return {};
}

void EventIntake::OnGroupApplied() {
  recent_ids_.CloseGroup();
  registry_->OnGroupApplied();
}

Status EventIntake::SaveIds(Sequence applied) {
  const Status saved = runs_->Save(recent_ids_.Unsaved(), applied);
  if (!saved.ok()) {
    save_at_count_ = recent_ids_.unsaved_count() + kEventIdsPerRun / 4;
    return saved;
  }
  recent_ids_.OnSaved();
  save_at_count_ = kEventIdsPerRun;
  return {};
}

Status EventIntake::SaveIdsIfDue(Sequence applied) {
  return recent_ids_.unsaved_count() < save_at_count_ ? Status() : SaveIds(applied);
}

void EventIntake::OnCommitFailed() {
  recent_ids_.DropGroup();
  registry_->OnCommitFailed();
}

}  // namespace attune::events
