#include "storage/writer_strand.h"

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace attune::storage {

// The line of strands that have work.  Each is in it at most once, and not while it runs.
struct WriterPool::State {
  Mutex mutex;
  ConditionVariable changed;
  std::deque<std::shared_ptr<WriterStrand::State>> ready GUARDED_BY(mutex);
  bool stopping GUARDED_BY(mutex) = false;
  std::vector<std::thread> threads;

  void Enqueue(std::shared_ptr<WriterStrand::State> strand) {
    {
      MutexLock lock(mutex);
      ready.push_back(std::move(strand));
    }
    changed.NotifyOne();
  }

  void Work();
};

struct WriterStrand::State : std::enable_shared_from_this<WriterStrand::State> {
  State(WriterPool::State* its_pool, StorageEngine* its_engine, GroupListener* its_listener,
        const WriterLimits& its_limits)
      : pool(its_pool), engine(its_engine), listener(its_listener), limits(its_limits) {}

  struct Prepared {
    std::unique_ptr<WriteCommand> command;
    Status status;
    size_t records_before = 0;  // In the batch, of the commands ahead of it.
  };

  // One group; on a pool thread, never two at once.
  void RunGroup();
  std::unique_ptr<WriteCommand> TakeCommand();
  void PrepareGroup();
  Status CommitGroup(Sequence& first);

  WriterPool::State* const pool;
  StorageEngine* const engine;
  GroupListener* const listener;
  const WriterLimits limits;

  Mutex mutex;
  ConditionVariable idle;
  std::deque<std::unique_ptr<WriteCommand>> queue GUARDED_BY(mutex);
  bool scheduled GUARDED_BY(mutex) = false;  // In the pool's line or running.
  bool stopped GUARDED_BY(mutex) = false;

  // Only touched while running; kept for their memory.
  WriteBatch batch;
  std::vector<Prepared> group;
};

std::unique_ptr<WriteCommand> WriterStrand::State::TakeCommand() {
  MutexLock lock(mutex);
  if (queue.empty()) return nullptr;
  std::unique_ptr<WriteCommand> command = std::move(queue.front());
  queue.pop_front();
  return command;
}

void WriterStrand::State::PrepareGroup() {
  batch.Clear();
  group.clear();
  while (group.size() < limits.group_commands_max && batch.bytes() < limits.group_bytes_max) {
    std::unique_ptr<WriteCommand> command = TakeCommand();
    if (!command) break;
    const WriteBatch::Mark mark = batch.mark();
    Status status = command->Prepare(batch);
    if (!status.ok()) batch.RollBackTo(mark);
    group.push_back({std::move(command), std::move(status), mark.records});
  }
}

Status WriterStrand::State::CommitGroup(Sequence& first) {
  if (batch.empty()) {
    first = Sequence{engine->last_sequence().value() + 1};
    return Status();
  }
  Result<Sequence> committed = engine->Commit(batch, Durability::kSynced);
  if (!committed.ok()) return committed.status();
  first = *committed;
  return Status();
}

void WriterStrand::State::RunGroup() {
  PrepareGroup();
  bool any_prepared = false;
  for (const Prepared& entry : group) any_prepared = any_prepared || entry.status.ok();
  if (any_prepared) {
    Sequence first;
    const Status committed = CommitGroup(first);
    for (Prepared& entry : group) {
      if (!entry.status.ok()) continue;
      entry.status = committed;
      if (committed.ok()) entry.command->Apply(Sequence{first.value() + entry.records_before});
    }
    if (listener != nullptr) {
      if (committed.ok()) {
        listener->OnGroupApplied();
      } else {
        listener->OnCommitFailed(committed);
      }
    }
  }
  for (const Prepared& entry : group) entry.command->Done(entry.status);
  group.clear();

  bool again = false;
  {
    MutexLock lock(mutex);
    again = !queue.empty();
    scheduled = again;
    if (!again) idle.NotifyAll();
  }
  if (again) pool->Enqueue(shared_from_this());
}

void WriterPool::State::Work() {
  for (;;) {
    std::shared_ptr<WriterStrand::State> strand;
    {
      MutexLock lock(mutex);
      while (ready.empty() && !stopping) changed.Wait(lock);
      if (ready.empty()) return;
      strand = std::move(ready.front());
      ready.pop_front();
    }
    strand->RunGroup();
  }
}

WriterStrand::WriterStrand(WriterPool* pool, StorageEngine* engine, GroupListener* listener,
                           const WriterLimits& limits)
    : state_(std::make_shared<State>(pool->state_.get(), engine, listener, limits)) {
  CHECK(engine != nullptr);
  CHECK(limits.queue_commands_max > 0);
  CHECK(limits.group_commands_max > 0);
  CHECK(limits.group_bytes_max > 0);
}

WriterStrand::~WriterStrand() { Stop(); }

Status WriterStrand::Submit(std::unique_ptr<WriteCommand> command) {
  CHECK(command != nullptr);
  bool schedule = false;
  {
    MutexLock lock(state_->mutex);
    if (state_->stopped) return Unavailable("the store is stopping");
    if (state_->queue.size() >= state_->limits.queue_commands_max) {
      return ResourceExhausted("too many writes are waiting; retry later");
    }
    state_->queue.push_back(std::move(command));
    schedule = !state_->scheduled;
    state_->scheduled = true;
  }
  if (schedule) state_->pool->Enqueue(state_);
  return Status();
}

bool WriterStrand::is_idle() const {
  MutexLock lock(state_->mutex);
  return state_->queue.empty();
}

void WriterStrand::Stop() {
  MutexLock lock(state_->mutex);
  state_->stopped = true;
  while (state_->scheduled) state_->idle.Wait(lock);
}

WriterPool::WriterPool(int thread_count) : state_(std::make_unique<State>()) {
  CHECK(thread_count > 0);
  for (int i = 0; i < thread_count; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->Work(); });
  }
}

WriterPool::~WriterPool() {
  {
    MutexLock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.NotifyAll();
  for (std::thread& thread : state_->threads) thread.join();
}

}  // namespace attune::storage
