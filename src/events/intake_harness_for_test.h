// A store's intake over memory, for tests of this room: prepare, commit, apply, as the writer strand does it.
//
// A refusal that a test does not ask for is a failed CHECK.  The clock stands until a test moves it, and
// random numbers repeat.  Thread safety: one thread, that of the test.

#ifndef ATTUNE_EVENTS_INTAKE_HARNESS_FOR_TEST_H_
#define ATTUNE_EVENTS_INTAKE_HARNESS_FOR_TEST_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "events/event_intake.h"
#include "events/event_record.h"
#include "events/vault_first_storage.h"
#include "storage/faulty_storage.h"
#include "storage/memory_storage.h"

namespace attune::events {

class CountingNamer final : public ProductNamer {
 public:
  ProductIndex IndexFor(std::string_view external_id) override {
    const auto [entry, is_new] =
        indices_.emplace(std::string(external_id), static_cast<uint32_t>(indices_.size()));
    return ProductIndex(entry->second);
  }

 private:
  std::map<std::string, uint32_t> indices_;
};

class IntakeHarness {
 public:
  explicit IntakeHarness(ConsentDefaults defaults = {})
      : clock(1'767'225'600'000),
        memory_(&clock),
        vault_memory_(&clock),
        engine(&memory_),
        vault_engine(&vault_memory_),
        random(1),
        defaults_(std::move(defaults)) {
    Restart();
  }

  // Opens the registry anew and folds the log from the watermark, as a start does.
  void Restart() {
    intake.reset();
    auto opened = IdentityRegistry::Open(&engine, &vault_engine, &random, {64, 64});
    CHECK(opened.ok());
    registry = std::move(opened).value();
    store = std::make_unique<VaultFirstStorage>(&engine, registry.get());
    auto opened_intake = EventIntake::Open(&engine, registry.get(), &namer, defaults_);
    CHECK(opened_intake.ok());
    intake = std::move(opened_intake).value();
    CHECK(engine
              .ScanLog(Sequence(watermark + 1),
                       [this](const storage::Record& record) {
                         if (record.kind != storage::RecordKind::kIdentity) return true;
                         const auto change = DecodeIdentityChange(record.payload);
                         CHECK(change.ok() && registry->Apply(*change).ok());
                         return true;
                       })
              .ok());
  }

  void Snapshot() {
    storage::WriteBatch batch;
    registry->SaveChanged(batch);
    CHECK(store->Commit(batch, storage::Durability::kSynced).ok());
    registry->OnSaved();
    watermark = engine.last_sequence().value();
  }

  // One group with one command per element.
  std::vector<PreparedEvents> Write(std::vector<std::vector<IncomingEvent>> commands) {
    storage::WriteBatch batch;
    std::vector<PreparedEvents> prepared(commands.size());
    for (size_t i = 0; i < commands.size(); ++i) {
      const auto ahead = intake->LookAhead(commands[i]);
      CHECK(ahead.ok());
      intake->Prepare(commands[i], *ahead, clock.NowMs(), batch, prepared[i]);
    }
    committed = store->Commit(batch, storage::Durability::kSynced).status();
    if (!committed.ok()) {
      intake->OnCommitFailed();
      return prepared;
    }
    for (const PreparedEvents& command : prepared) CHECK(intake->Apply(command).ok());
    intake->OnGroupApplied();
    return prepared;
  }

  PreparedEvents WriteOne(IncomingEvent event) { return std::move(Write({{std::move(event)}})[0]); }

  void Erase(ShopperHandle shopper) {
    storage::WriteBatch batch;
    PreparedEvents prepared;
    IdentitySink sink{batch, clock.NowMs(), prepared.identity_changes};
    CHECK(registry->Erase(shopper, clock.NowMs(), sink).ok());
    committed = store->Commit(batch, storage::Durability::kSynced).status();
    if (!committed.ok()) return intake->OnCommitFailed();
    CHECK(intake->Apply(prepared).ok());
    intake->OnGroupApplied();
  }

  IncomingEvent View(const std::string& anonymous_id, const std::string& customer_id = {}) const {
    IncomingEvent event;
    event.type = EventType::kProductViewed;
    event.anonymous_id = anonymous_id;
    event.customer_id = customer_id;
    event.received_at_ms = clock.NowMs();
    event.occurred_at_ms = clock.NowMs();
    event.lines.resize(1);
    event.lines[0].product_id = "p1";
    return event;
  }

  ShopperHandle Handle(IdentityKind kind, const std::string& id) const {
    const auto found = registry->Find(kind, id);
    CHECK(found.ok());
    return found->value_or(ShopperHandle());
  }
  ShopperHandle Browser(const std::string& id) const { return Handle(IdentityKind::kAnonymous, id); }
  ShopperHandle Customer(const std::string& id) const { return Handle(IdentityKind::kCustomer, id); }

  // Everything on disk of both engines, to look for what must not be there.
  std::string AllBytes() const {
    std::string bytes;
    const auto add = [&bytes](std::string_view key, std::string_view value) {
      bytes.append(key).append("|").append(value).append("\n");
      return true;
    };
    for (int column = 0; column < storage::kColumnCount; ++column) {
      CHECK(engine.Scan(static_cast<storage::Column>(column), {}, {}, add).ok());
      CHECK(vault_engine.Scan(static_cast<storage::Column>(column), {}, {}, add).ok());
    }
    CHECK(
        engine.ScanLog(Sequence(1), [&](const storage::Record& record) { return add("log", record.payload); })
            .ok());
    return bytes;
  }

  // From now on commits fail, or no longer.
  static void SetFailing(storage::FaultyStorage& engine, bool fails) {
    engine.FailCommits(Unavailable("no space left"), fails ? UINT64_MAX : 0);
  }

  VirtualClock clock;

 private:
  storage::MemoryStorage memory_;
  storage::MemoryStorage vault_memory_;

 public:
  storage::FaultyStorage engine;
  storage::FaultyStorage vault_engine;
  SeededRandomSource random;
  CountingNamer namer;
  std::unique_ptr<IdentityRegistry> registry;
  std::unique_ptr<VaultFirstStorage> store;
  std::unique_ptr<EventIntake> intake;
  uint64_t watermark = 0;
  Status committed;

 private:
  ConsentDefaults defaults_;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_INTAKE_HARNESS_FOR_TEST_H_
