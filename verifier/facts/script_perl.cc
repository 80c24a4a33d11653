// perldoc perlsyn, perlop, perldata. Nothing is decided here but words; what
// is not understood passes as it is.
#include "verifier/facts/script_perl.h"

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/facts/script_perl_reader.h"

namespace assay::facts {
namespace {

using Piece = PerlReader::Piece;

// "if" of "return 1 if $x;": where it stands in a statement; 0: nowhere.
std::size_t ModifierOf(const std::vector<Piece>& statement) {
  static constexpr std::array<std::string_view, 6> kWords = {
      "if", "unless", "while", "until", "for", "foreach"};
  int depth = 0;
  for (std::size_t i = 0; i < statement.size(); ++i) {
    const std::string_view text = statement[i].text;
    const bool sign = statement[i].kind == Piece::Kind::kSign;
    depth += sign && (text == "(" || text == "[" || text == "{") ? 1 : 0;
    depth -= sign && (text == ")" || text == "]" || text == "}") ? 1 : 0;
    if (i > 0 && depth == 0 && statement[i].kind == Piece::Kind::kWord &&
        std::find(kWords.begin(), kWords.end(), text) != kWords.end()) {
      return i;
    }
  }
  return 0;
}

class Writer {
 public:
  explicit Writer(PerlText& into) : into_(into) { into_.text = "<?php "; }

  void Put(const Piece& piece) {
    into_.places.emplace_back(into_.text.size(), piece.offset);
    into_.text += piece.text;
    into_.text += ' ';
    into_.text.append(piece.lines, '\n');
  }
  void Put(std::string_view text, std::size_t offset) {
    Put(Piece{.text = std::string(text), .offset = offset});
  }

  void Statement(const std::vector<Piece>& statement) {
    const std::size_t at = ModifierOf(statement);
    const bool ends = !statement.empty() && statement.back().text == ";";
    if (at == 0 || !ends) {
      for (const Piece& piece : statement) {
        Put(piece);
      }
      return;
    }
    const std::size_t end = statement.size() - 1;
    const std::string_view word = statement[at].text;
    const bool negated = word == "unless" || word == "until";
    const bool loops = word == "for" || word == "foreach";
    Put(word == "unless"  ? "if"
        : word == "until" ? "while"
        : loops           ? "foreach"
                          : word,
        statement[at].offset);
    Put(negated ? "(!(" : "(", statement[at].offset);
    for (std::size_t i = at + 1; i < end; ++i) {
      Put(statement[i]);
    }
    Put(negated ? ")) {" : loops ? "as $_) {" : ") {", statement[at].offset);
    for (std::size_t i = 0; i < at; ++i) {
      Put(statement[i]);
    }
    Piece close = statement[end];
    close.text = "; }";
    close.lines += statement[at].lines;
    Put(close);
  }

 private:
  PerlText& into_;
};

}  // namespace

std::size_t PerlText::SourceOf(std::size_t at) const {
  const auto next = std::upper_bound(
      places.begin(), places.end(), at,
      [](std::size_t offset, const auto& one) { return offset < one.first; });
  return next == places.begin() ? 0 : std::prev(next)->second;
}

PerlText PerlInPhp(std::string_view source) {
  PerlText php;
  Writer writer(php);
  PerlReader reader(source);
  std::vector<Piece> statement;
  int depth = 0;  // of round and square brackets
  while (auto piece = reader.Next()) {
    const bool sign = piece->kind == Piece::Kind::kSign;
    const std::string_view text = piece->text;
    depth += sign && (text == "(" || text == "[") ? 1 : 0;
    depth -= sign && (text == ")" || text == "]") && depth > 0 ? 1 : 0;
    const bool block = sign && (text == "{" || text == "}");
    depth = block ? 0 : depth;
    const bool ends = block || (sign && text == ";" && depth == 0);
    statement.push_back(std::move(*piece));
    if (ends) {
      writer.Statement(statement);
      statement.clear();
    }
  }
  writer.Statement(statement);
  return php;
}

}  // namespace assay::facts
