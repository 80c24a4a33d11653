// The words of a Perl source, one after the other, as PHP has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::facts {

class PerlReader {
 public:
  struct Piece {
    enum class Kind : std::uint8_t { kWord, kValue, kSign };
    Kind kind = Kind::kSign;
    std::string text = {};
    std::size_t offset = 0;
    std::size_t lines = 0;  // that end behind it
  };

  explicit PerlReader(std::string_view source, unsigned depth = 0)
      : source_(source), depth_(depth) {}
  [[nodiscard]] std::optional<Piece> Next();

 private:
  using Kind = Piece::Kind;
  // What a bracket of Perl is in PHP.
  struct Bracket {
    char closer = 0;        // of Perl; 0: of a call without brackets
    std::string_view into;  // of PHP
    std::string tail = {};  // before it
    bool block = false;
  };

  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool Operand() const;  // whether one may begin here
  void Give(Kind kind, std::string_view text);
  void Read();
  [[nodiscard]] bool SkipBlank();
  void LineEnd();
  [[nodiscard]] bool SkipPod();
  [[nodiscard]] std::string_view WordAt(std::size_t at) const;
  [[nodiscard]] std::string Delimited(bool more = false);

  void Word();
  [[nodiscard]] bool Quoting(std::string_view word);
  [[nodiscard]] bool Declaring(std::string_view word);
  [[nodiscard]] bool Controlling(std::string_view word);
  [[nodiscard]] bool Operating(std::string_view word);
  [[nodiscard]] std::size_t EndIn(std::size_t at, char sign) const;
  void Sub();
  void SkipStatement();
  void CallWithoutBrackets();
  void EndCalls();

  void Variable();
  void Matched(std::string_view pattern);
  [[nodiscard]] bool Binds();
  void Text(std::string_view content);
  [[nodiscard]] std::size_t VariableIn(std::string_view text,
                                       std::size_t at) const;
  void Constant(std::string_view content, bool plain);
  void Heredoc();
  void Input();
  void Sign();
  void Open(char bracket);
  void Close(char bracket);
  [[nodiscard]] bool IsKey() const;

  std::string_view source_;
  unsigned depth_;
  std::size_t at_ = 0;
  std::size_t from_ = 0;  // of what is being read
  std::vector<Piece> queue_;
  std::size_t fetched_ = 0;
  std::vector<Bracket> brackets_;
  Piece last_;
  bool variable_ = false;       // `last_` may be followed by a subscript
  std::string subject_ = "$_";  // of the last pattern
  std::string base_ = {};       // the variable that was read last
  bool several_ = false;        // which is a list or a hash
  int bind_ = 0;                // 1 behind "=~", 2 behind "!~"
  std::size_t bodies_ = 0;      // where the texts behind "<<" end; 0: nowhere
  std::size_t pending_ = 0;     // lines that were read ahead
};

}  // namespace assay::facts
