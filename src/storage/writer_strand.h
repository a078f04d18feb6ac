// One store's writer: takes commands from any thread, and on one thread at a time prepares, commits and
// applies them.
//
//   Submit --> [queue] --> group { Prepare* -> one synced Commit -> Apply* } --> Done*
//
// Group commit: whatever waits when the strand is free (at most group_commands_max commands) becomes one
// batch and one sync; the latency of the disk sets the size of the groups.  Done is called after the group is
// durable and applied, so a caller that answers its client there has promised nothing early.
//
// The strands of all stores share a fixed pool of threads (WriterPool); a strand is on at most one of them.
//
// Thread safety: Submit from any thread; the methods of a command are called on the strand, never two at
// once.

#ifndef ATTUNE_STORAGE_WRITER_STRAND_H_
#define ATTUNE_STORAGE_WRITER_STRAND_H_

#include <cstddef>
#include <memory>

#include "base/ids.h"
#include "base/status.h"
#include "storage/storage_engine.h"

namespace attune::storage {

class WriteCommand {
 public:
  virtual ~WriteCommand() = default;

  // Adds what is to be written.  Earlier commands of the same group are prepared but not yet applied.  When
  // it fails, what it added is taken back, Apply is skipped and Done gets its status.
  virtual Status Prepare(WriteBatch& batch) = 0;

  // After the commit, in the order of the log.  `first` is the sequence of this command's first record, or of
  // the next one to be written when it has none.
  virtual void Apply(Sequence first) = 0;

  // Last call.  `status` is that of Prepare or of the commit.
  virtual void Done(const Status& status) = 0;
};

struct WriterLimits {
  size_t queue_commands_max = 4096;  // More waiting ones are refused with kResourceExhausted: retry later.
  size_t group_commands_max = 512;
  // A group is closed when its payloads pass this: about 2 000 events.  Larger groups would save little of the sync,
  // and everybody would wait for one thread at a time; with these the next group is read while one is written.
  size_t group_bytes_max = 256u << 10;
};

class WriterPool;

class WriterStrand {
 public:
  // Called on the strand after each group was applied and before its Done calls: the place to publish views
  // and to write snapshots.  A group in which every Prepare failed is not announced.
  class GroupListener {
   public:
    virtual ~GroupListener() = default;
    virtual void OnGroupApplied() = 0;
    // The commit of a group failed: nothing of it was applied.  Comes before the Done calls and before the
    // next group's Prepare: the place to undo what Prepare noted.
    virtual void OnCommitFailed(const Status& status) = 0;
  };

  // All pointers must outlive the strand; `listener` may be null.
  WriterStrand(WriterPool* pool, StorageEngine* engine, GroupListener* listener, const WriterLimits& limits);
  // Waits for queued commands to end.
  ~WriterStrand();

  WriterStrand(const WriterStrand&) = delete;
  WriterStrand& operator=(const WriterStrand&) = delete;

  // Fails with kResourceExhausted when the queue is full and with kUnavailable after Stop(); Done is not
  // called then.
  Status Submit(std::unique_ptr<WriteCommand> command);
  // No command waits for its turn: the time for work that can wait.  Any thread.
  bool is_idle() const;

  // Refuses new commands and waits for queued ones: when it returns, every accepted command has had its Done.
  // May be called again, from any thread but the strand's own.
  void Stop();

 private:
  friend class WriterPool;
  struct State;
  std::shared_ptr<State> state_;
};

// Fixed threads on which strands run.  A strand with more work goes to the back of the line after each group,
// so none starves.  Outlives its strands.
class WriterPool {
 public:
  explicit WriterPool(int thread_count);
  ~WriterPool();

  WriterPool(const WriterPool&) = delete;
  WriterPool& operator=(const WriterPool&) = delete;

 private:
  friend class WriterStrand;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_WRITER_STRAND_H_
