// Files of a web page, held in memory and served by name: /demo now, the console later.
//
// A folder is read once, at the start.  A request can only name what was found then: the name is looked up in
// a map and never becomes a path of the file system, so nothing outside the folder can be reached, whatever
// dots a path holds.
//
// Answers carry an ETag; pages are revalidated at each use (an upgrade is seen at once), and files below
// "assets/", whose names the build derives from their content, are kept for a year.
//
// Thread safety: immutable after construction.

#ifndef ATTUNE_HTTP_STATIC_FILES_H_
#define ATTUNE_HTTP_STATIC_FILES_H_

#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/message.h"

namespace attune::http {

class StaticFiles {
 public:
  StaticFiles() = default;  // None.
  // Name ("index.html", "assets/a.js") to content.
  explicit StaticFiles(std::map<std::string, std::string> files);

  // Reads regular files below `directory`; symbolic links are not followed and names that begin with a dot
  // are left out. Fails with kNotFound when there is no such folder, with kResourceExhausted when it holds
  // too much.
  static Result<StaticFiles> Load(const std::string& directory);

  // `name`: the decoded rest of the path; empty or a folder: its index.html.  404 when there is none.
  Response Serve(std::string_view name, const Request& request) const;

  size_t file_count() const { return files_.size(); }

 private:
  struct File {
    std::string content;
    std::string etag;  // With quotes.
    std::string_view content_type;
    bool is_immutable = false;
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_STATIC_FILES_H_
