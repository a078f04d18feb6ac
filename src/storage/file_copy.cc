#include "storage/file_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/hash.h"
#include "storage/store_folder.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = 1u << 20;

bool IsPrivate(const std::string& name) {
  return name == "LOCK" || name == "PROBE" || name == "LOG" || name.starts_with("LOG.old.") ||
         name.starts_with(".") || name.ends_with(".partial");
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

Status MakeParent(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return Unavailable("cannot create the folder of: " + path + ": " + error.message());
  return Status();
}

// Fills `block`; fewer bytes only at the end of the file.
Result<size_t> ReadBlock(int descriptor, std::string& block, const std::string& path) {
  size_t filled = 0;
  while (filled < block.size()) {
    const ssize_t got = ::read(descriptor, block.data() + filled, block.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("cannot read file", path, errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

Status WriteBlock(int descriptor, std::string_view block, const std::string& path) {
  while (!block.empty()) {
    const ssize_t written = ::write(descriptor, block.data(), block.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("cannot write file", path, errno);
    block.remove_prefix(static_cast<size_t>(written));
  }
  return Status();
}

Result<CopiedFile> CopyBytes(const std::string& source, const std::string& target, const std::string& path) {
  RETURN_IF_ERROR(MakeParent(target));
  const Descriptor from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  if (from.number() < 0) return FileError("cannot open file", source, errno);
  const Descriptor to(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (to.number() < 0) return FileError("cannot create file", target, errno);
  CopiedFile file{path, 0, 0};
  std::string block(kBlockBytes, '\0');
  for (;;) {
    ASSIGN_OR_RETURN(const size_t filled, ReadBlock(from.number(), block, source));
    if (filled == 0) break;
    const std::string_view bytes(block.data(), filled);
    file.fingerprint = StableHash64(bytes, file.fingerprint);
    file.bytes += filled;
    RETURN_IF_ERROR(WriteBlock(to.number(), bytes, target));
  }
  if (::fsync(to.number()) != 0) return FileError("cannot sync file", target, errno);
  return file;
}

}  // namespace

Result<std::vector<std::string>> ListTree(const std::string& folder, const std::set<std::string>& skip) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (IsPrivate(name) || (entry.depth() == 0 && skip.contains(name))) {
      if (entry->is_directory(error)) entry.disable_recursion_pending();
      continue;
    }
    if (entry->is_regular_file(error)) {
      paths.push_back(fs::relative(entry->path(), folder, error).generic_string());
    }
  }
  if (error) return Unavailable("cannot list folder: " + folder + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Status LinkFile(const std::string& from, const std::string& to, const std::string& path) {
  const std::string source = from + "/" + path;
  const std::string target = to + "/" + path;
  RETURN_IF_ERROR(MakeParent(target));
  if (::link(source.c_str(), target.c_str()) == 0 || errno == EEXIST) return Status();
  if (errno == ENOENT) return NotFound("a file went away: " + source);
  return CopyBytes(source, target, path).status();
}

Result<CopiedFile> TreeCopy::Copy(const std::string& path) {
  const std::string source = from_ + "/" + path;
  const std::string target = to_ + "/" + path;
  struct stat found = {};
  if (::stat(source.c_str(), &found) != 0) return FileError("cannot read file", source, errno);
  const Source key{found.st_dev, found.st_ino};
  if (found.st_nlink > 1) {
    const auto before = copied_.find(key);
    if (before != copied_.end()) {
      RETURN_IF_ERROR(MakeParent(target));
      CopiedFile file = before->second;
      const std::string first = to_ + "/" + file.path;
      file.path = path;
      if (::link(first.c_str(), target.c_str()) == 0) return file;
    }
  }
  ASSIGN_OR_RETURN(CopiedFile file, CopyBytes(source, target, path));
  copied_.emplace(key, file);
  return file;
}

}  // namespace attune::storage
