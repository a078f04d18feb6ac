#include "storage/store_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

namespace attune::storage {
namespace {

constexpr std::string_view kFormatPrefix = "attune-storage ";

std::string FormatPath(const std::string& store_folder) { return store_folder + "/FORMAT"; }

Status WriteAll(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return FileError("cannot write file", path, errno);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(descriptor) != 0) return FileError("cannot sync file", path, errno);
  return Status();
}

}  // namespace

std::string DatabaseFolder(const std::string& store_folder) { return store_folder + "/db"; }

Status FileError(const std::string& what, const std::string& path, int error_number) {
  return Unavailable(what + ": " + path + ": " + std::generic_category().message(error_number));
}

Result<std::optional<uint32_t>> ReadFormatVersion(const std::string& store_folder) {
  const std::string path = FormatPath(store_folder);
  if (::access(path.c_str(), F_OK) != 0) {
    if (errno == ENOENT) return std::optional<uint32_t>();
    return FileError("cannot read file", path, errno);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError("cannot read file", path, errno);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string_view view(text);
  uint32_t version = 0;
  if (!view.starts_with(kFormatPrefix)) return Corruption("not a format version: " + path);
  const char* const end = view.data() + view.size();
  const auto [stop, error] = std::from_chars(view.data() + kFormatPrefix.size(), end, version);
  if (error != std::errc() || std::string_view(stop, end) != "\n" || version == 0) {
    return Corruption("not a format version: " + path);
  }
  return std::optional<uint32_t>(version);
}

Status WriteFormatVersion(const std::string& store_folder, uint32_t version) {
  return WriteFileDurably(FormatPath(store_folder),
                          std::string(kFormatPrefix) + std::to_string(version) + "\n");
}

Status WriteFileDurably(const std::string& path, const std::string& bytes) {
  const std::string partial = path + ".partial";
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return FileError("cannot create file", partial, errno);
  Status status = WriteAll(descriptor, bytes, partial);
  ::close(descriptor);
  if (status.ok() && ::rename(partial.c_str(), path.c_str()) != 0) {
    status = FileError("cannot rename file", partial, errno);
  }
  if (!status.ok()) {
    ::unlink(partial.c_str());
    return status;
  }
  return SyncFolder(path.substr(0, path.find_last_of('/') + 1));
}

Status SyncFolder(const std::string& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError("cannot open folder", folder, errno);
  const int result = ::fsync(descriptor);
  const int error_number = errno;
  ::close(descriptor);
  return result == 0 ? Status() : FileError("cannot sync folder", folder, error_number);
}

Result<FolderLock> FolderLock::Take(const std::string& store_folder) {
  const std::string path = store_folder + "/LOCK";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return FileError("cannot create file", path, errno);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error_number = errno;
    ::close(descriptor);
    if (error_number == EWOULDBLOCK) return Conflict("another process uses this folder: " + store_folder);
    return FileError("cannot lock file", path, error_number);
  }
  return FolderLock(descriptor);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace attune::storage
