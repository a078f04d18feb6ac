#include "golden/scenario.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "http/uri.h"

namespace attune::golden {
namespace {

// Headers that belong to what an answer means.
constexpr std::string_view kShownHeaders[] = {
    "etag", "location", "retry-after", "allow", "access-control-allow-origin", "idempotent-replayed"};

// One past the value that begins at `at`.
size_t EndOfValue(std::string_view json, size_t at) {
  int depth = 0;
  bool in_text = false;
  for (; at < json.size(); ++at) {
    const char c = json[at];
    if (in_text) {
      if (c == '\\') ++at;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (c == ',' && depth == 0) {
      return at;
    }
  }
  return at;
}

void LayOut(std::string_view value, size_t indent, std::string& out) {
  const bool is_object = value.starts_with('{');
  const bool is_list = value.starts_with("[{") || value.starts_with("[[");
  if ((!is_object && !is_list) || value.size() < 3 || indent + value.size() <= kAnswerColumns) {
    out += value;
    return;
  }
  const std::string margin(indent + 2, ' ');
  out += value.front();
  for (size_t at = 1; at + 1 < value.size();) {
    out += '\n' + margin;
    size_t end = EndOfValue(value, at);
    std::string_view member = value.substr(at, end - at);
    if (value.front() == '{') {
      size_t colon = 1;
      while (member[colon] != '"') colon += member[colon] == '\\' ? 2 : 1;
      colon += 2;
      out += member.substr(0, colon);
      member.remove_prefix(colon);
    }
    LayOut(member, indent + 2, out);
    if (end < value.size() && value[end] == ',') {
      out += ',';
      ++end;
    }
    at = end;
  }
  out += '\n' + std::string(indent, ' ') + value.back();
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

void Replace(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// "5m" => 300000.
std::optional<int64_t> ReadDuration(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end + 1 != text.data() + text.size() || count < 0) return std::nullopt;
  switch (*end) {
    case 's':
      return count * kSecondMs;
    case 'm':
      return count * kMinuteMs;
    case 'h':
      return count * kHourMs;
    case 'd':
      return count * kDayMs;
    default:
      return std::nullopt;
  }
}

class Player {
 public:
  explicit Player(GoldenShop& shop) : shop_(shop) {}

  // `lines` are those of one block.
  Status PlayBlock(const std::vector<std::string>& lines) {
    size_t at = 0;
    while (at < lines.size() && lines[at].starts_with('#')) play.text += lines[at++] + '\n';
    if (at == lines.size()) return Status();
    const std::string& command = lines[at];
    play.text += command + '\n';
    if (command.starts_with("> ")) return Ask(lines, at);
    if (at + 1 != lines.size()) return InvalidArgument("a block has one command: " + lines[at + 1]);
    if (command == "train") return shop_.Train();
    if (command == "reopen") {
      shop_.Reopen();
      return Status();
    }
    const auto duration =
        command.starts_with("advance ") ? ReadDuration(command.substr(8)) : std::optional<int64_t>();
    if (!duration) return InvalidArgument("no command: " + command);
    shop_.Advance(*duration);
    return Status();
  }

  Play play;

 private:
  // "> METHOD PATH [as KEY]"
  Status ReadRequestLine(std::string_view line, http::Request& request) {
    line.remove_prefix(2);
    std::string key = "server";
    if (const size_t as = line.find(" as "); as != std::string_view::npos) {
      key = line.substr(as + 4);
      line = line.substr(0, as);
    }
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return InvalidArgument("no path: " + std::string(line));
    request.method = line.substr(0, space);
    std::string target = Filled(std::string(line.substr(space + 1)));
    const size_t question = target.find('?');
    if (question != std::string::npos) {
      auto query = http::ParseQuery(std::string_view(target).substr(question + 1));
      if (!query.ok()) return query.status();
      request.query = std::move(query).value();
      target.resize(question);
    }
    request.path = std::move(target);
    if (key == "nobody") return Status();
    if (shop_.Key(key).empty()) return InvalidArgument("no such key: " + key);
    request.headers.push_back({"authorization", "Bearer " + shop_.Key(key)});
    return Status();
  }

  Status Ask(const std::vector<std::string>& lines, size_t at) {
    http::Request request;
    RETURN_IF_ERROR(ReadRequestLine(lines[at++], request));
    bool is_body = false;
    for (; at < lines.size() && !lines[at].starts_with('<'); ++at) {
      play.text += lines[at] + '\n';
      const std::string line = Filled(lines[at]);
      const size_t colon = line.find(": ");
      const bool is_header =
          !is_body && colon != std::string::npos && line.front() >= 'a' && line.front() <= 'z';
      if (is_header) {
        request.headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
      } else {
        if (is_body) request.body += '\n';
        request.body += line;
        is_body = true;
      }
    }
    Show(shop_.Send(std::move(request)));
    return Status();
  }

  // With ids and tokens in the place of their names.
  std::string Filled(std::string text) const {
    for (size_t i = decisions_.size(); i > 0; --i) {
      Replace(text, "$decision" + std::to_string(i), decisions_[i - 1]);
    }
    static constexpr std::string_view kIdentity = "$identity(";
    for (size_t at = text.find(kIdentity); at != std::string::npos; at = text.find(kIdentity)) {
      const size_t begin = at + kIdentity.size();
      const size_t end = text.find(')', begin);
      if (end == std::string::npos) break;
      text.replace(at, end + 1 - at, shop_.IdentityToken(text.substr(begin, end - begin)));
    }
    return text;
  }

  void Show(const http::Response& response) {
    play.transcript += std::to_string(response.status) + '\n';
    for (const http::Field& header : response.headers) {
      play.transcript += header.name + ": " + header.value + '\n';
    }
    play.transcript += response.body + '\n';
    play.text += "< " + std::to_string(response.status) + '\n';
    for (const std::string_view name : kShownHeaders) {
      const std::string_view value = response.Header(name);
      if (!value.empty()) play.text += std::string(name) + ": " + std::string(value) + '\n';
    }
    if (response.body.empty()) return;
    NoteDecision(response.body);
    std::string body = response.body;
    for (size_t i = 0; i < decisions_.size(); ++i) {
      Replace(body, decisions_[i], "$decision" + std::to_string(i + 1));
    }
    play.text += LayOutJson(body) + '\n';
  }

  void NoteDecision(std::string_view body) {
    static constexpr std::string_view kName = R"("decision_id":")";
    const size_t at = body.find(kName);
    if (at == std::string_view::npos) return;
    std::string id(body.substr(at + kName.size(), 32));
    for (const std::string& known : decisions_) {
      if (known == id) return;
    }
    decisions_.push_back(std::move(id));
  }

  GoldenShop& shop_;
  std::vector<std::string> decisions_;
};

}  // namespace

std::string LayOutJson(std::string_view json) {
  std::string out;
  LayOut(json, 0, out);
  return out;
}

Result<Play> PlayScenario(std::string_view scenario, GoldenShop& shop) {
  Player player(shop);
  std::vector<std::string> block;
  size_t number = 0;
  const auto play_block = [&]() -> Status {
    if (block.empty()) return Status();
    if (!player.play.text.empty()) player.play.text += '\n';
    const Status played = player.PlayBlock(block);
    block.clear();
    if (played.ok()) return Status();
    return InvalidArgument("before line " + std::to_string(number + 1) + ": " + played.message());
  };
  for (const std::string& line : Lines(scenario)) {
    if (line.empty()) RETURN_IF_ERROR(play_block());
    if (!line.empty()) block.push_back(line);
    ++number;
  }
  RETURN_IF_ERROR(play_block());
  return std::move(player.play);
}

}  // namespace attune::golden
