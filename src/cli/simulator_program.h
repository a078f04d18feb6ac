// Where the simulator is: beside the attune binary.
//
//   /usr/local/bin/attune  =>  "/usr/local/bin/attune-simulator"
//
// Does not look whether it is there: whoever starts it learns that from execv.  The file name alone where the
// system does not tell the path of the running program.
//
// Thread safety: pure function of the running program.

#ifndef ATTUNE_CLI_SIMULATOR_PROGRAM_H_
#define ATTUNE_CLI_SIMULATOR_PROGRAM_H_

#include <string>

namespace attune::cli {

std::string SimulatorPath();

}  // namespace attune::cli

#endif  // ATTUNE_CLI_SIMULATOR_PROGRAM_H_
