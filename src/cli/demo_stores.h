// The two demo stores: made once in the data folder, from the files that the project ships.
//
//   giftshop     real order lines (Online Retail), moved by whole weeks so that the last falls on yesterday
//   or shortly
//                before; no views are invented
//   electronics  real products (Open Icecat); its shoppers are simulated, through the public API
//
// Thread safety: one thread, before the server starts.

#ifndef ATTUNE_CLI_DEMO_STORES_H_
#define ATTUNE_CLI_DEMO_STORES_H_

#include <string>
#include <vector>

#include "base/status.h"

namespace attune::cli {

inline constexpr const char* kGiftshop = "giftshop";
inline constexpr const char* kElectronics = "electronics";

struct DemoFiles {
  std::string data;   // Where the stores are.
  std::string files;  // The project's root: data/ and web/ are below it.
};

// Makes what is not there yet.  A store that was left half made is made anew.
Status MakeGiftshop(const DemoFiles& demo);
Status MakeElectronics(const DemoFiles& demo);

// Whether the simulated shoppers of electronics have been sent; and that they now are.
bool HasSimulatedShoppers(const DemoFiles& demo);
Status NoteSimulatedShoppers(const DemoFiles& demo);

// Writes the playground: its page, its product lists and its config, and returns the folder.
Result<std::string> WritePlayground(const DemoFiles& demo);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_DEMO_STORES_H_
