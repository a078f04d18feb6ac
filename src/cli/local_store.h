// A store opened by the command line itself, without a server: for importers, evaluation, backup and keys.
//
// The folder is locked like by a server, so a running server keeps the command line out, with a sentence that
// says so.
//
// Thread safety: one thread.

#ifndef ATTUNE_CLI_LOCAL_STORE_H_
#define ATTUNE_CLI_LOCAL_STORE_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "server/store.h"

namespace attune::cli {

class LocalStore {
 public:
  // Makes the store when it does not exist and `creates` is set.
  static Result<std::unique_ptr<LocalStore>> Open(const std::string& data, const std::string& store_id,
                                                  bool creates);
  ~LocalStore();

  server::Store& operator*() { return *store_; }
  server::Store* operator->() { return store_.get(); }
  const Clock& clock() const { return clock_; }

 private:
  LocalStore();

  SystemClock clock_;
  SecureRandomSource random_;
  std::unique_ptr<CompanionThread> companion_;
  std::unique_ptr<storage::WriterPool> writers_;
  std::unique_ptr<server::Store> store_;
};

// Prints "error: ..." with the field at fault, and returns 1.
int Fail(const Status& status);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_LOCAL_STORE_H_
