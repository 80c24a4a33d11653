#include "verifier/facts/script_perl_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/facts/script_perl_characters.h"

namespace assay::facts {
namespace {

using perl::IsBlank;
using perl::IsDigit;
using perl::IsLetter;
using perl::IsPart;
using perl::OneOf;

constexpr unsigned kMaxDepth = 4;  // of code in texts
char CloserOf(char c) {
  return c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : c == '<' ? '>' : c;
}

std::size_t Lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

std::optional<PerlReader::Piece> PerlReader::Next() {
  while (fetched_ == queue_.size()) {
    queue_.clear();
    fetched_ = 0;
    if (at_ >= source_.size()) {
      if (brackets_.empty() || brackets_.back().closer != 0) {
        return std::nullopt;
      }
      EndCalls();
      continue;
    }
    Read();
  }
  return std::move(queue_[fetched_++]);
}

void PerlReader::Give(Kind kind, std::string_view text) {
  last_ = {kind, std::string(text), from_, std::exchange(pending_, 0)};
  variable_ = false;
  queue_.push_back(last_);
}

// Whether what follows is an operand rather than an operator.
bool PerlReader::Operand() const {
  static constexpr std::array<std::string_view, 4> kEnds = {")", "]", "}", ""};
  if (last_.kind == Kind::kValue) {
    return false;
  }
  if (last_.kind == Kind::kWord) {
    return true;
  }
  return last_.text.empty() || !OneOf(last_.text, kEnds);
}

void PerlReader::Read() {
  if (SkipBlank()) {
    return;
  }
  from_ = at_;
  const char c = Peek();
  if (IsLetter(c)) {
    return Word();
  }
  const bool name = IsLetter(Peek(1)) || Peek(1) == ':';
  if (c == '$' || (c == '@' && (name || Peek(1) == '{' || Peek(1) == '$')) ||
      (c == '%' && Operand() &&
       (name || Peek(1) == '{' || Peek(1) == '$' || Peek(1) == '+'))) {
    return Variable();
  }
  if (IsDigit(c)) {
    while (IsPart(Peek()) || (Peek() == '.' && IsDigit(Peek(1)))) {
      ++at_;
    }
    return Give(Kind::kValue, source_.substr(from_, at_ - from_));
  }
  if (c == '"' || c == '\'' || c == '`') {
    const std::string text = Delimited();
    if (c == '\'') {
      return Constant(text, true);
    }
    if (c == '`') {
      Give(Kind::kValue, "shell_exec");
    }
    return Text(text);
  }
  if (c == '/' && (Operand() || bind_ != 0)) {
    return Matched(Delimited());
  }
  if (c == '<' && Operand()) {
    return Peek(1) == '<' ? Heredoc() : Input();
  }
  Sign();
}

bool PerlReader::SkipBlank() {
  const std::size_t start = at_;
  while (at_ < source_.size()) {
    if (Peek() == '\n') {
      LineEnd();
      if (SkipPod()) {
        continue;
      }
    } else if (IsBlank(Peek()) || static_cast<unsigned char>(Peek()) < 0x20 ||
               static_cast<unsigned char>(Peek()) >= 0x80) {
      ++at_;
    } else if (Peek() == '#') {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else {
      break;
    }
  }
  return at_ > start;
}

// Behind a line stand the texts that it has begun by "<<".
void PerlReader::LineEnd() {
  const std::size_t end = std::max(at_ + 1, std::exchange(bodies_, 0));
  const std::size_t lines = Lines(source_.substr(at_, end - at_));
  at_ = std::min(end, source_.size());
  if (!queue_.empty()) {
    queue_.back().lines += lines;
  } else {
    from_ = at_;
    queue_.push_back({Kind::kSign, "", at_, lines});
  }
}

// "=pod" up to "=cut"; "__END__" ends the program.
bool PerlReader::SkipPod() {
  if (source_.substr(at_, 7) == "__END__" ||
      source_.substr(at_, 8) == "__DATA__") {
    at_ = source_.size();
    return false;
  }
  if (Peek() != '=' || !IsLetter(Peek(1))) {
    return false;
  }
  std::size_t end = source_.find("\n=cut", at_);
  end = end == std::string_view::npos ? source_.size() : end + 5;
  queue_.back().lines += Lines(source_.substr(at_, end - at_));
  at_ = end;
  return true;
}

std::string_view PerlReader::WordAt(std::size_t at) const {
  const std::size_t start = at;
  while (at < source_.size() &&
         (IsPart(source_[at]) ||
          (source_.substr(at, 2) == "::" && at + 2 < source_.size() &&
           IsPart(source_[at + 2])) ||
          (source_[at] == ':' && at > start && source_[at - 1] == ':'))) {
    ++at;
  }
  return source_.substr(start, at - start);
}

// What stands between a mark and its counterpart; `more`: up to the next mark
// of the same kind, for the second half of s///.
std::string PerlReader::Delimited(bool more) {
  const char open = more ? source_[at_ - 1] : Peek();
  const char close = CloserOf(open);
  at_ = std::min(at_ + (more ? 0U : 1U), source_.size());
  const std::size_t start = at_;
  std::size_t depth = 1;
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == '\\') {
      ++at_;
    } else if (c == close && --depth == 0) {
      break;
    } else if (c == open && close != open) {
      ++depth;
    }
  }
  at_ = std::min(at_, source_.size());
  std::string text(source_.substr(start, at_ - start));
  pending_ += Lines(text);
  at_ = std::min(at_ + 1, source_.size());
  return text;
}

// A constant: new lines in it are escaped, so that lines stay where they are.
void PerlReader::Constant(std::string_view content, bool plain) {
  std::string text = "\"";
  for (std::size_t i = 0; i < content.size(); ++i) {
    const char c = content[i];
    const bool escape = c == '\\' && i + 1 < content.size();
    if (c == '\n') {
      text += "\\n";
    } else if (c == '"' || c == '$') {
      text.append("\\") += c;
    } else if (escape && !plain && content[i + 1] != '\n') {
      text.append("\\") += content[++i] == '@' ? '\\' : content[i];
    } else if (c == '\\') {
      const bool quoted =
          escape && (content[i + 1] == '\\' || content[i + 1] == '\'');
      text += quoted && content[++i] == '\'' ? "'" : "\\\\";
    } else {
      text += c;
    }
  }
  Give(Kind::kValue, text + "\"");
}

// Where the variable at `at` of a text ends.
std::size_t PerlReader::VariableIn(std::string_view text,
                                   std::size_t at) const {
  std::size_t end = at + 1;
  const bool braces = text.substr(end, 1) == "{";
  if (braces) {
    end = std::min(text.find('}', end), text.size() - 1) + 1;
  } else if (end < text.size() && IsDigit(text[end])) {
    return end + 1;
  }
  while (end < text.size() &&
         (IsPart(text[end]) ||
          (text.substr(end, 2) == "::" && end + 2 < text.size() &&
           IsLetter(text[end + 2])) ||
          (text[end] == ':' && text[end - 1] == ':' && end > at + 2))) {
    ++end;
  }
  if (end == at + 1) {
    return at;
  }
  constexpr unsigned kMaxParts = 8;
  constexpr std::size_t kLongestPart = 256;  // of a subscript
  for (unsigned i = 0; i < kMaxParts && end < text.size(); ++i) {
    const std::size_t next = end + (text.substr(end, 2) == "->" ? 2U : 0U);
    const char open = next < text.size() ? text[next] : '\0';
    const bool word = next + 1 < text.size() &&
                      (IsPart(text[next + 1]) || text[next + 1] == '$' ||
                       text[next + 1] == '\'' || text[next + 1] == '"');
    const std::size_t close =
        open == '{' || open == '['
            ? text.substr(next, kLongestPart).find(CloserOf(open))
            : 0;
    if (!word || close == 0 || close == std::string_view::npos) {
      break;
    }
    end = next + close + 1;
  }
  return end;
}

// "a $b->{c} d" as ("a " . $b["c"] . " d").
void PerlReader::Text(std::string_view content) {
  Give(Kind::kSign, "(");
  std::size_t from = 0;
  bool any = false;
  const auto constant = [&](std::size_t to) {
    if (to > from || (!any && to == content.size())) {
      if (any) {
        Give(Kind::kSign, ".");
      }
      Constant(content.substr(from, to - from), false);
      any = true;
    }
  };
  for (std::size_t at = 0; at < content.size(); ++at) {
    if (content[at] == '\\') {
      ++at;
      continue;
    }
    const bool mark = content[at] == '$' || content[at] == '@';
    const std::size_t end =
        mark && depth_ < kMaxDepth ? VariableIn(content, at) : at;
    if (end <= at) {
      continue;
    }
    constant(at);
    if (any) {
      Give(Kind::kSign, ".");
    }
    PerlReader inner(content.substr(at, end - at), depth_ + 1);
    inner.subject_ = subject_;
    while (const auto piece = inner.Next()) {
      if (!piece->text.empty()) {
        Give(piece->kind, piece->text);
      }
    }
    any = true;
    from = end;
    at = end - 1;
  }
  constant(content.size());
  Give(Kind::kSign, ")");
}

// "<<EOT": the text begins behind this line.
void PerlReader::Heredoc() {
  std::size_t at = at_ + 2;
  const bool indented = at < source_.size() && source_[at] == '~';
  at += indented ? 1U : 0U;
  const char quote = at < source_.size() ? source_[at] : '\0';
  const bool quoted = quote == '"' || quote == '\'';
  const std::size_t start = at + (quoted ? 1U : 0U);
  std::size_t end = start;
  while (end < source_.size() && IsPart(source_[end])) {
    ++end;
  }
  const std::string label =
      "\n" + std::string(source_.substr(start, end - start));
  const std::size_t line = bodies_ != 0 ? bodies_ - 1 : source_.find('\n', end);
  if (end == start || line == std::string_view::npos) {
    return Sign();
  }
  std::size_t close = source_.find(label, line);
  while (indented && close == std::string_view::npos) {
    close = source_.find(label.substr(1), line);
    break;
  }
  close = std::min(close, source_.size());
  const std::size_t begin = std::min(line + 1, close);
  const std::string body(source_.substr(begin, close - begin));
  at_ = end + (quoted ? 1U : 0U);
  bodies_ = std::min(source_.find(
                         '\n', std::min(close + label.size(), source_.size())),
                     source_.size() - 1) +
            1;
  if (quote == '\'') {
    Constant(body, true);
  } else {
    Text(body);
  }
}

// "<STDIN>", "<$socket>": a line of it. Files by a pattern say nothing.
void PerlReader::Input() {
  constexpr std::size_t kLongest = 64;
  const std::string_view rest = source_.substr(at_ + 1, kLongest);
  const std::string_view name = rest.substr(0, rest.find('>'));
  const bool handle = name.size() < rest.size() &&
                      std::all_of(name.begin(), name.end(),
                                  [](char c) { return IsPart(c) || c == '$'; });
  if (!handle) {
    return Sign();
  }
  at_ += name.size() + 2;
  Give(Kind::kValue, "readline");
  Give(Kind::kSign, "(");
  Give(Kind::kValue, name.empty() ? "STDIN" : name);
  Give(Kind::kSign, ")");
}

// A pattern was read. With "=~" before it, its subject stands there already;
// one that is nothing but a text compares.
void PerlReader::Matched(std::string_view pattern) {
  while (IsLetter(Peek())) {
    ++at_;  // flags
  }
  if (bind_ == 0) {
    subject_ = "$_";
    Give(Kind::kValue, subject_);
  }
  const int bind = std::exchange(bind_, 0);
  if (pattern.size() < 3 || pattern.front() != '^' ||
      (!pattern.ends_with("$") && !pattern.ends_with("\\z"))) {
    return;
  }
  pattern.remove_prefix(1);
  pattern.remove_suffix(pattern.back() == '$' ? 1 : 2);
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
    i += escaped ? 1U : 0U;
    if (escaped ? IsPart(pattern[i])
                : std::string_view(".[(*+?{|$@^").find(pattern[i]) !=
                      std::string_view::npos) {
      return;
    }
    text += pattern[i];
  }
  Give(Kind::kSign, bind == 2 ? "!=" : "==");
  Constant(text, true);
}

}  // namespace assay::facts
