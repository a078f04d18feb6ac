// Where the simulator is: beside the attune binary.

#ifndef ATTUNE_CLI_SIMULATOR_PROGRAM_H_
#define ATTUNE_CLI_SIMULATOR_PROGRAM_H_

#include <string>

namespace attune::cli {

std::string SimulatorPath();

}  // namespace attune::cli

#endif  // ATTUNE_CLI_SIMULATOR_PROGRAM_H_
