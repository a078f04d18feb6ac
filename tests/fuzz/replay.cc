// Runs a fuzz target without a fuzzer:  <name>_replay [--write-seeds FOLDER] [FOLDER or FILE]...
//
// Every seed and every file of the folders is run as it is, cut at each byte, with each byte changed, and
// after seeded random mutations; long inputs at evenly spread places.  The same inputs at every run.  A
// failed CHECK or a sanitizer ends the process; the input at fault is then in the file replay_failure of the
// working folder.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "fuzz_target.h"

namespace attune::fuzz {
namespace {

// Keeps a replay to seconds for slow readers too.
constexpr size_t kPlacesMax = 400;
constexpr int kMutationsPerInput = 300;

// Where the input that runs now is; read by the handler only.
const char* volatile running_data = nullptr;
volatile size_t running_size = 0;

void SaveRunning(int signal_number) {
  const int file = open("replay_failure", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0) {
    [[maybe_unused]] const ssize_t written = write(file, running_data, running_size);
    close(file);
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

class Replay {
 public:
  // In a buffer of exactly its size, so that a sanitizer sees a read past the end.
  void Run(std::string_view input) {
    const auto copy = std::make_unique<char[]>(input.size());
    std::copy(input.begin(), input.end(), copy.get());
    running_data = copy.get();
    running_size = input.size();
    CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(copy.get()), input.size()) == 0);
    running_size = 0;
    ++runs_;
  }
  void RunDamaged(const std::string& input, const std::vector<std::string>& all) {
    Run(input);
    const size_t step = std::max<size_t>(1, input.size() / kPlacesMax);
    for (size_t i = 0; i < input.size(); i += step) {
      Run(std::string_view(input).substr(0, i));
      std::string damaged = input;
      for (const int flip : {1, 2, 4, 7, 0x20, 0x80, 0xff}) {
        damaged[i] = static_cast<char>(input[i] ^ flip);
        Run(damaged);
      }
    }
    for (int i = 0; i < kMutationsPerInput; ++i) {
      std::string damaged = input;
      for (uint64_t steps = 1 + random_.NextBelow(4); steps > 0; --steps) Mutate(damaged, all);
      Run(damaged);
    }
  }
  size_t runs() const { return runs_; }

 private:
  size_t Place(const std::string& input) { return random_.NextBelow(input.size() + 1); }
  void Mutate(std::string& input, const std::vector<std::string>& all) {
    static constexpr std::array<std::string_view, 10> kPieces = {
        "\"", "{", "[", "\\u0000", "\xff", "99999999999999999999", "-1", "\n", ",", "\xef\xbb\xbf"};
    const size_t at = Place(input);
    const size_t count = std::min<size_t>(input.size() - at, random_.NextBelow(16));
    switch (random_.NextBelow(6)) {
      case 0:
        input.erase(at, count);
        break;
      case 1:
        input.insert(at, input.substr(at, count));
        break;
      case 2:
        input.insert(at, kPieces[random_.NextBelow(kPieces.size())]);
        break;
      case 3: {
        const std::string& other = all[random_.NextBelow(all.size())];
        input = input.substr(0, at) + other.substr(std::min(other.size(), Place(other)));
        break;
      }
      default:
        if (at < input.size()) input[at] = static_cast<char>(random_.NextBelow(256));
    }
  }

  Random random_{20};
  size_t runs_ = 0;
};

std::string BytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void AddFiles(const std::filesystem::path& path, std::vector<std::string>& inputs) {
  if (std::filesystem::is_regular_file(path)) inputs.push_back(BytesOf(path));
  if (!std::filesystem::is_directory(path)) return;  // No input was ever saved for this target.
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) inputs.push_back(BytesOf(file));
}

void WriteSeeds(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(folder);
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream file(folder / ("seed_" + std::to_string(i)), std::ios::binary);
    file << seeds[i];
    CHECK(file.good());
  }
}

}  // namespace
}  // namespace attune::fuzz

int main(int argc, char** argv) {
  using namespace attune::fuzz;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const std::vector<std::string> seeds = Seeds();
  CHECK(!seeds.empty());
  if (arguments.size() == 2 && arguments[0] == "--write-seeds") {
    WriteSeeds(arguments[1], seeds);
    return 0;
  }
  for (const int signal_number : {SIGABRT, SIGSEGV, SIGFPE, SIGILL}) std::signal(signal_number, SaveRunning);
  std::vector<std::string> inputs = seeds;
  for (const std::string_view path : arguments) AddFiles(path, inputs);
  Replay replay;
  replay.Run("");
  for (const std::string& seed : seeds) {
    accepted_count = 0;
    replay.Run(seed);
    if (accepted_count == 0) {
      std::cerr << "no reader takes this seed as it is:\n" << seed << "\n";
      return 1;
    }
  }
  for (const std::string& input : inputs) replay.RunDamaged(input, inputs);
  std::cout << inputs.size() << " inputs, " << replay.runs() << " runs\n";
  return 0;
}
