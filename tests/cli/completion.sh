#!/bin/bash
# tests/cli/completion.sh ASSAY: the scripts for shells, in these shells.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
mkdir bin inner
ln -s "$assay" bin/assay
PATH=$folder/bin:$PATH
touch product.bin
for shell in bash zsh fish; do
  assay completion $shell >completion.$shell || failed=$((failed + 1))
done
expect 64 "none of bash, zsh, fish" assay completion csh

# Each offers, one word a line, what may follow the words given; the last one
# is what was typed of it.
in_bash() {
  bash -c 'source completion.bash
    compopt() { :; }
    COMP_WORDS=(assay "$@")
    COMP_CWORD=$#
    _assay
    printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}
in_fish() {
  HOME=$folder fish --no-config -c 'source completion.fish; complete -C "$argv"' "assay $*" | cut -f1
}
# A real zsh at a pseudo terminal: what it adds to the line, or lists.
in_zsh() {
  HOME=$folder zsh -f -c '
    zmodload zsh/zpty
    zpty z zsh -f -i
    zpty -w z "PS1=; TERM=dumb; autoload -U compinit; compinit -u -D; source ./completion.zsh; LISTMAX=0; zstyle :completion:\\\* list-colors"
    zpty -w z "setopt no_list_ambiguous; unsetopt list_beep; echo READ\\Y"
    zpty -r z line "*READY*"
    zpty -n -w z "$1"$'"'\t\t'"'
    sleep 2
    zpty -r -t z all
    while zpty -r -t z more; do all+=$more; done
    zpty -d z
    print -r -- "$all"' zsh "assay $*" | tr -c 'a-zA-Z0-9._\n-' '\n'
}
# offers SHELL WORD WORDS...
offers() {
  local shell=$1 word=$2
  shift 2
  count=$((count + 1))
  "in_$shell" "$@" >out
  if ! grep -qxF -- "$word" out; then
    echo "FAILED: $shell does not offer $word after: $*"
    head -n 20 out
    failed=$((failed + 1))
  fi
}

check "bash -n" bash -n completion.bash
shells=(bash)
for shell in zsh fish; do
  if command -v $shell >/dev/null; then
    shells+=($shell)
    check "$shell -n" $shell -n completion.$shell
  else
    echo "$shell is not installed: not tried"
  fi
done
for shell in "${shells[@]}"; do
  offers "$shell" verify veri
  offers "$shell" convert sbom conv
  offers "$shell" --policy-key verify --policy-
  offers "$shell" --no-color sbom diff --no-c
  offers "$shell" none verify --progress n
  offers "$shell" json verify -o j
done
# A word of a product's name is no command.
offers bash --json ls sbom --js
offers bash none verify --progress = n
offers bash inner unpack -C in
check "bash: readline completes files itself" test -z "$(in_bash verify prod)"
if command -v fish >/dev/null; then
  offers fish product.bin verify prod
  offers fish inner/ unpack -C in
fi

finish
