#include "events/identity_record.h"

#include <algorithm>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/record_wire.h"
#include "events/limits.h"

namespace attune::events {
namespace {

constexpr uint32_t kKindMax = static_cast<uint32_t>(IdentityChange::Kind::kExpired);
constexpr std::string_view kChangeWires = "vfvvbfv";
constexpr std::string_view kStateWires = "vvbbfvfv";

// Numbers are on disk: never change one, never reuse one (docs/formats/events.md).
enum ChangeTag : protozero::pbf_tag_type {
  kChangeKind = 1,
  kChangeShopper = 2,
  kChangeAt = 3,
  kChangeIdentityKind = 4,
  kChangeSealed = 5,
  kChangeOwner = 6,
  kChangeConsent = 7,
};

enum StateTag : protozero::pbf_tag_type {
  kStateKind = 1,
  kStateMadeAt = 2,
  kStateSealedId = 3,
  kStateSealedTraits = 4,
  kStateOwner = 5,
  kStateLinkedAt = 6,
  kStateMember = 7,
  kStateConsent = 8,
};

uint32_t ConsentBits(const Consent& consent) {
  return (consent.analytics ? 1u : 0u) | (consent.personalization ? 2u : 0u);
}

Consent ConsentFromBits(uint32_t bits) { return {(bits & 1) != 0, (bits & 2) != 0}; }

bool IsIdentityKind(uint32_t kind) { return kind == 1 || kind == 2; }

std::string Text(protozero::data_view bytes) { return {bytes.data(), bytes.size()}; }

Status DecodeChangeFields(std::string_view payload, IdentityChange& change) {
  protozero::pbf_reader reader(payload.data(), payload.size());
  while (reader.next()) {
    if (!HasKnownWire(reader, kChangeWires)) return Corruption("identity record: a field of another type");
    switch (reader.tag()) {
      case kChangeKind: {
        const uint32_t kind = reader.get_uint32();
        if (kind < 1 || kind > kKindMax) return Corruption("identity record: unknown kind of change");
        change.kind = static_cast<IdentityChange::Kind>(kind);
        break;
      }
      case kChangeShopper:
        change.shopper = ShopperHandle(reader.get_fixed64());
        break;
      case kChangeAt:
        change.at_ms = reader.get_int64();
        break;
      case kChangeIdentityKind: {
        const uint32_t kind = reader.get_uint32();
        if (!IsIdentityKind(kind)) return Corruption("identity record: unknown kind of identity");
        change.identity_kind = static_cast<IdentityKind>(kind);
        break;
      }
      case kChangeSealed:
        change.sealed = Text(reader.get_view());
        break;
      case kChangeOwner:
        change.owner = ShopperHandle(reader.get_fixed64());
        break;
      case kChangeConsent:
        change.consent = ConsentFromBits(reader.get_uint32());
        break;
      default:
        reader.skip();
    }
  }
  if (change.shopper == ShopperHandle()) return Corruption("identity record: no shopper");
  return {};
}

Status DecodeStateFields(std::string_view value, IdentityState& state) {
  protozero::pbf_reader reader(value.data(), value.size());
  while (reader.next()) {
    if (!HasKnownWire(reader, kStateWires)) return Corruption("identity state: a field of another type");
    switch (reader.tag()) {
      case kStateKind: {
        const uint32_t kind = reader.get_uint32();
        if (!IsIdentityKind(kind)) return Corruption("identity state: unknown kind");
        state.kind = static_cast<IdentityKind>(kind);
        break;
      }
      case kStateMadeAt:
        state.made_at_ms = reader.get_int64();
        break;
      case kStateSealedId:
        state.sealed_id = Text(reader.get_view());
        break;
      case kStateSealedTraits:
        state.sealed_traits = Text(reader.get_view());
        break;
      case kStateOwner:
        state.owner = ShopperHandle(reader.get_fixed64());
        break;
      case kStateLinkedAt:
        state.linked_at_ms = reader.get_int64();
        break;
      case kStateMember:
        state.members.emplace_back(reader.get_fixed64());
        break;
      case kStateConsent:
        state.consent = ConsentFromBits(reader.get_uint32());
        break;
      default:
        reader.skip();
    }
  }
  return {};
}

using Pointer = IdentityStates::Pointer;

// Takes `member` off the list of its customer.
Status LeaveOwner(ShopperHandle member, ShopperHandle owner, IdentityStates& states) {
  ASSIGN_OR_RETURN(const Pointer before, states.StateOf(owner));
  if (!before) return {};
  auto after = std::make_shared<IdentityState>(*before);
  std::erase(after->members, member);
  states.SetState(owner, std::move(after));
  return {};
}

Status SetOwner(ShopperHandle member, ShopperHandle owner, int64_t at_ms, IdentityStates& states) {
  ASSIGN_OR_RETURN(const Pointer before, states.StateOf(member));
  if (!before) return {};
  auto after = std::make_shared<IdentityState>(*before);
  after->owner = owner;
  after->linked_at_ms = at_ms;
  states.SetState(member, std::move(after));
  return {};
}

Status FoldLink(const IdentityChange& change, IdentityStates& states) {
  ASSIGN_OR_RETURN(const Pointer member, states.StateOf(change.shopper));
  ASSIGN_OR_RETURN(const Pointer owner, states.StateOf(change.owner));
  if (!member || !owner || change.shopper == change.owner) return {};
  if (member->kind != IdentityKind::kAnonymous || owner->kind != IdentityKind::kCustomer) return {};
  if (member->owner == change.owner) return {};
  if (member->owner != ShopperHandle()) RETURN_IF_ERROR(LeaveOwner(change.shopper, member->owner, states));
  RETURN_IF_ERROR(SetOwner(change.shopper, change.owner, change.at_ms, states));
  auto after = std::make_shared<IdentityState>(*owner);
  after->members.push_back(change.shopper);
  if (after->members.size() > kHandlesPerPersonMax) {
    const ShopperHandle oldest = after->members.front();
    after->members.erase(after->members.begin());
    RETURN_IF_ERROR(SetOwner(oldest, ShopperHandle(), change.at_ms, states));
  }
  states.SetState(change.owner, std::move(after));
  return {};
}

Status FoldUnlink(const IdentityChange& change, IdentityStates& states) {
  ASSIGN_OR_RETURN(const Pointer member, states.StateOf(change.shopper));
  if (!member || member->owner == ShopperHandle()) return {};
  RETURN_IF_ERROR(LeaveOwner(change.shopper, member->owner, states));
  return SetOwner(change.shopper, ShopperHandle(), change.at_ms, states);
}

Status FoldErase(const IdentityChange& change, IdentityStates& states) {
  ASSIGN_OR_RETURN(const Pointer gone, states.StateOf(change.shopper));
  if (!gone) return {};
  if (gone->owner != ShopperHandle()) RETURN_IF_ERROR(LeaveOwner(change.shopper, gone->owner, states));
  for (const ShopperHandle member : gone->members) {
    RETURN_IF_ERROR(SetOwner(member, ShopperHandle(), change.at_ms, states));
  }
  states.SetState(change.shopper, nullptr);
  return {};
}

// Only of anonymous shoppers who belong to nobody; what they chose outlives them.
Status FoldExpiry(const IdentityChange& change, IdentityStates& states) {
  ASSIGN_OR_RETURN(const Pointer gone, states.StateOf(change.shopper));
  if (!gone || gone->kind != IdentityKind::kAnonymous || gone->owner != ShopperHandle()) return {};
  if (!gone->consent) states.SetState(change.shopper, nullptr);
  return {};
}

}  // namespace

std::string EncodeIdentityChange(const IdentityChange& change) {
  std::string payload;
  payload.reserve(24 + change.sealed.size());
  protozero::pbf_writer writer(payload);
  writer.add_uint32(kChangeKind, static_cast<uint32_t>(change.kind));
  writer.add_fixed64(kChangeShopper, change.shopper.value());
  writer.add_int64(kChangeAt, change.at_ms);
  if (change.kind == IdentityChange::Kind::kMade) {
    writer.add_uint32(kChangeIdentityKind, static_cast<uint32_t>(change.identity_kind));
  }
  if (!change.sealed.empty()) writer.add_bytes(kChangeSealed, change.sealed.data(), change.sealed.size());
  if (change.owner != ShopperHandle()) writer.add_fixed64(kChangeOwner, change.owner.value());
  if (change.kind == IdentityChange::Kind::kConsent)
    writer.add_uint32(kChangeConsent, ConsentBits(change.consent));
  return payload;
}

Result<IdentityChange> DecodeIdentityChange(std::string_view payload) {
  IdentityChange change;
  try {
    RETURN_IF_ERROR(DecodeChangeFields(payload, change));
  } catch (const std::exception& error) {
    return Corruption(std::string("identity record: ") + error.what());
  }
  return change;
}

std::string EncodeIdentityState(const IdentityState& state) {
  std::string value;
  protozero::pbf_writer writer(value);
  writer.add_uint32(kStateKind, static_cast<uint32_t>(state.kind));
  writer.add_int64(kStateMadeAt, state.made_at_ms);
  writer.add_bytes(kStateSealedId, state.sealed_id.data(), state.sealed_id.size());
  if (!state.sealed_traits.empty()) {
    writer.add_bytes(kStateSealedTraits, state.sealed_traits.data(), state.sealed_traits.size());
  }
  if (state.owner != ShopperHandle()) writer.add_fixed64(kStateOwner, state.owner.value());
  if (state.linked_at_ms != 0) writer.add_int64(kStateLinkedAt, state.linked_at_ms);
  for (const ShopperHandle member : state.members) writer.add_fixed64(kStateMember, member.value());
  if (state.consent) writer.add_uint32(kStateConsent, ConsentBits(*state.consent));
  return value;
}

Result<IdentityState> DecodeIdentityState(std::string_view value) {
  IdentityState state;
  try {
    RETURN_IF_ERROR(DecodeStateFields(value, state));
  } catch (const std::exception& error) {
    return Corruption(std::string("identity state: ") + error.what());
  }
  return state;
}

Status FoldIdentityChange(const IdentityChange& change, IdentityStates& states) {
  using Kind = IdentityChange::Kind;
  if (change.kind == Kind::kLinked) return FoldLink(change, states);
  if (change.kind == Kind::kUnlinked) return FoldUnlink(change, states);
  if (change.kind == Kind::kErased) return FoldErase(change, states);
  if (change.kind == Kind::kExpired) return FoldExpiry(change, states);

  ASSIGN_OR_RETURN(const Pointer before, states.StateOf(change.shopper));
  if (change.kind == Kind::kMade) {
    if (before) return {};
    auto made = std::make_shared<IdentityState>();
    made->kind = change.identity_kind;
    made->made_at_ms = change.at_ms;
    made->sealed_id = change.sealed;
    states.SetState(change.shopper, std::move(made));
    return {};
  }
  if (!before) return {};
  auto after = std::make_shared<IdentityState>(*before);
  if (change.kind == Kind::kTraits) after->sealed_traits = change.sealed;
  if (change.kind == Kind::kConsent) after->consent = change.consent;
  states.SetState(change.shopper, std::move(after));
  return {};
}

}  // namespace attune::events
