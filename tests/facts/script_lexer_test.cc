#include "verifier/facts/script_lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::facts {
namespace {

using Kind = ScriptToken::Kind;

// Tokens with blanks between them: <decoded string>, ~pattern~, names,
// numbers and operators as they are, "$" for the end of a line.
std::string Tokens(ScriptLanguage language, std::string_view text) {
  TextPool pool;
  ScriptLexer lexer(language, text, pool);
  std::string all;
  for (ScriptToken token = lexer.Next(); token.kind != Kind::kEnd;
       token = lexer.Next()) {
    EXPECT_LE(token.place.end(), text.size()) << text;
    all += all.empty() ? "" : " ";
    switch (token.kind) {
      case Kind::kString:
        all.append("<").append(token.text).append(">");
        break;
      case Kind::kPattern:
        all.append("~").append(token.text).append("~");
        break;
      case Kind::kLineEnd:
        all += "$";
        break;
      default:
        all += token.text;
    }
  }
  return all;
}

using Cases = std::vector<std::pair<std::string_view, std::string_view>>;

void Check(ScriptLanguage language, const Cases& cases) {
  for (const auto& [text, tokens] : cases) {
    EXPECT_EQ(Tokens(language, text), tokens) << text;
  }
}

// Python 3 reference, chapter 2.
TEST(ScriptLexerTest, ReadsPython) {
  Check(
      ScriptLanguage::kPython,
      {
          {"a # 'b'\nc", "a $ c"},
          {"a = \\\n  1", "a = 1"},
          // 2.4.1: quotes, prefixes, escapes.
          {"'a\"b' \"c'd\"", "<a\"b> <c'd>"},
          {R"('\x41\102\u0043\'\
d\q')",
           R"(<ABC'd\q>)"},
          {R"(r'\x41' Rb'\'' u'\t')", "<\\x41> <\\'> <\t>"},
          {"'''a\n'b' \"\"\"c'''", "<a\n'b' \"\"\"c>"},
          {"''''a'''", "<'a>"},
          {"'' + \"\"", "<> + <>"},
          // A prefix is no name, and a name no prefix.
          {"bar'x'", "bar <x>"},
          {"rb = f", "rb = f"},
          // 2.4.3: formatted strings.
          {"f'a{b}c'", "( <a> + ( b ) + <c> )"},
          {"f'{{a}}'", "<{{a}}>"},
          {"f'{a!r:>{w}}'", "( <> + ( a ) + <> )"},
          {"f'{a != b}'", "( <> + ( a != b ) + <> )"},
          {"f'{d[\"k\"]}'", "( <> + ( d [ <k> ] ) + <> )"},
          {"f'{f'{1}'}'", "( <> + ( ( <> + ( 1 ) + <> ) ) + <> )"},
          {"f'{lambda x: 1}'", "( <> + ( lambda x ) + <> )"},
          // 2.4.4 to 2.4.6: numbers.
          {"0x1F 1_000 1e-5 .5 3.j", "0x1F 1_000 1e-5 .5 3.j"},
          {"x.y(1).z", "x . y ( 1 ) . z"},
          {"a:=b->c...", "a := b -> c ..."},
          // PEP 3131: full-width letters are the same name.
          {"\xEF\xBD\x85\xEF\xBD\x96\xEF\xBD\x81\xEF\xBD\x8C(x)", "eval ( x )"},
          // What never closes ends with the line, or with the text.
          {"'a\nb", "<a> $ b"},
          {"'''a\nb", "<a\nb>"},
          {"'a\\", "<a\\>"},
          {"f'{a", "( <> + ( a"},
      });
}

// ECMA-262, chapter 12.
TEST(ScriptLexerTest, ReadsJavascript) {
  Check(ScriptLanguage::kJavascript,
        {
            {"a // b\n/* c\n */ d", "a d"},
            {"#!/usr/bin/node\na", "a"},
            {R"('a\x41\u{42}\u0043\
d\'' "e\0")",
             std::string_view("<aABCd'> <e\0>", 13)},
            {"'a\nb", "<a> b"},
            // 12.9.6: templates, with code and templates in them.
            {"`a`", "( <a> )"},
            {"`a${b}c`", "( <a> + ( b ) + <c> )"},
            {"`${{a: 1}}`", "( <> + ( { a : 1 } ) + <> )"},
            {"`${`${a}`}`", "( <> + ( ( <> + ( a ) + <> ) ) + <> )"},
            {"`\\${a}$b`", "( <${a}$b> )"},
            {"tag`a`", "tag ( <a> )"},
            {"`a", "( <a> )"},
            // 12.9.5: a pattern or a division.
            {"a / b / c", "a / b / c"},
            {"a = /b\"/ + 'c'", "a = ~/b\"/~ + <c>"},
            {"f(/[/\"]/g)", "f ( ~/[/\"]/g~ )"},
            {"return /\\//.test(a)", "return ~/\\//~ . test ( a )"},
            {"x.return / 2 / 3", "x . return / 2 / 3"},
            {"if (a) /b'/.c()", "if ( a ) ~/b'/~ . c ( )"},
            {"(a) / b / c", "( a ) / b / c"},
            {"a[0] / b / c", "a [ 0 ] / b / c"},
            {"a++ / b / c", "a ++ / b / c"},
            {"{} /'/", "{ } ~/'/~"},
            {"a = {} / b / c", "a = { } / b / c"},
            {"`a` / b / c", "( <a> ) / b / c"},
            {"a = /b\nc", "a = ~/b~ c"},
            // 12.7: escapes in names; private names.
            {"\\u0065val(\\u{61}b)", "eval ( ab )"},
            {"this.#a", "this . #a"},
            {"a?.5:b", "a ? .5 : b"},
            {"a?.b ?? c", "a ?. b ?? c"},
            {"1.0.toString() 1n 0xFFn", "1.0 . toString ( ) 1n 0xFFn"},
        });
}

// PHP manual, "Basic syntax", "Strings", "Comments".
TEST(ScriptLexerTest, ReadsPhp) {
  Check(ScriptLanguage::kPhp,
        {
            {"eval(1) <b> <?php a ?> c <?= d ?>e", "; a ; ; d ;"},
            {"<?xml a ?><?PHP b", "; ; b"},
            {"<? a", "; a"},
            {"<?php # a\n// b\n/* c */ d", "; d"},
            {"<?php // a ?> b <?php c", "; ; ; c"},
            {"<?php #[A] b", "; #[ A ] b"},
            {"<?php 'a\\n\\'\\\\$b'", "; <a\\n'\\$b>"},
            {R"(<?php "\x41\102\u{43}\$a\"\q")", R"(; <ABC$a"\q>)"},
            // Variable parsing: simple and complex.
            {"<?php \"a$b c\"", "; ( <a> . $b . < c> )"},
            {"<?php \"$a[k]$b[0]$c->d->e\"",
             "; ( <> . $a [ <k> ] . <> . $b [ <0> ] . <> . $c -> d . <->e> )"},
            {"<?php \"{$a['k']}${b}\"",
             "; ( <> . ( $a [ <k> ] ) . <> . ( $b ) . <> )"},
            {"<?php \"{ $ a\"", "; <{ $ a>"},
            {"<?php `a`", "; shell_exec ( <a> )"},
            // Heredoc and nowdoc.
            {"<?php <<<A\nb $c\n  A;", "; ( <b > . $c . <> ) ;"},
            {"<?php <<<'A'\nb $c\nA;", "; <b $c> ;"},
            {"<?php <<<\"A\"\nA;", "; <> ;"},
            {"<?php <<<A\nAB\nA . 1", "; <AB> . 1"},
            {"<?php <<<A\nb", "; <b>"},
            {"<?php $a<<<3", "; $a << < 3"},
            {"<?php \\system(A\\b)", "; \\system ( A\\b )"},
            {"<?php $$a . 1.5 . '2'", "; $ $a . 1.5 . <2>"},
            {"<?php 'a", "; <a>"},
        });
}

// Lua 5.4 manual, 3.1.
TEST(ScriptLexerTest, ReadsLua) {
  Check(ScriptLanguage::kLua,
        {
            {"#!/usr/bin/lua\na", "a"},
            {"a -- b\nc --[[ d\n]] e --[==[ ]] ]==] f", "a c e f"},
            {"--[ a\nb", "b"},
            {"[[a'\nb]] [==[c]]d]==]", "<a'\nb> <c]]d>"},
            {"[[\na]]", "<a>"},
            {"a[b[1]]", "a [ b [ 1 ] ]"},
            {"a[=b", "a [ = b"},
            {R"('\65\x42\u{43}\z
    d\'')",
             "<ABCd'>"},
            {"'a\nb", "<a> b"},
            {"1 ..2 a..b...", "1 .. 2 a .. b ..."},
            {"a//b~=c::d::", "a // b ~= c :: d ::"},
            {"[[a", "<a>"},
            {"--[[a", ""},
        });
}

TEST(ScriptLexerTest, CountsLines) {
  TextPool pool;
  ScriptLexer lexer(ScriptLanguage::kJavascript, "`a\n${b}\n`\nc", pool);
  ScriptToken token = lexer.Next();
  std::uint32_t line = 0;
  for (; token.kind != Kind::kEnd; token = lexer.Next()) {
    line = token.text == "b" || token.text == "c" ? token.line : line;
    if (token.text == "b") {
      EXPECT_EQ(line, 2U);
    }
  }
  EXPECT_EQ(line, 4U);
}

}  // namespace
}  // namespace assay::facts
