// The address of a scheduled feed: what may be one, and how it is shown to people.
//
//   https://shop:secret@files.example/feed.csv?token=abc   is shown as
//   https://shop:***@files.example/feed.csv?token=***
//
// A masked address that comes back in a change of settings means "as it was": see UnmaskFeedUrl().
//
// Thread safety: pure functions.

#ifndef ATTUNE_SERVER_FEED_URL_H_
#define ATTUNE_SERVER_FEED_URL_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace attune::server {

// An empty address is fine: no feed.  Fails with kInvalidArgument when it is not an http or https address
// with a host.
Status CheckFeedUrl(const std::string& url);

// Without the password and the values of the query.
std::string MaskFeedUrl(std::string_view url);

// `given`, unless it is how `stored` is shown: then `stored`.
std::string UnmaskFeedUrl(std::string given, const std::string& stored);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FEED_URL_H_
