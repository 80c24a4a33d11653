# Sourced by tests/oracle/<format>.sh ASSAY: what `assay ls --json` says about
# images made by a format's own tools, against the tree that went in or what
# an independent reader says comes out.
#
#   tree DIR             makes a tree with everything file systems disagree on
#   truth DIR FIELDS     what lies below DIR, one sorted line a file
#   ours IMAGE FIELDS [INNER]  the same of what assay sees in IMAGE, below the
#                        artifact INNER ("!/rootfs"; default: the image itself)
#   agree NAME A B       compares two such files; explained differences stand
#                        in tests/oracle/known/<name>.txt, with the reason
#   accounted IMAGE      every byte of every artifact has one owner
#   finish               exit status
# And for signatures, against the tool of the scheme:
#   trust TYPE FILE      policy.yaml with this anchor alone
#   verdict SCHEME PATH  "passes" when assay finds signatures of that scheme in
#                        a file or folder and takes them all, else "fails";
#                        now, or at the time $at
#   says COMMAND...      "passes" or "fails" by the exit status of the tool
#   both NAME TOOL OURS  two verdicts that have to agree
#   apart NAME TOOL OURS the tool passes what assay does not, on purpose: a line
#                        of the table in signatures/README.md
#   poke FILE OFFSET     another byte there
#   needs COMMAND...     skips the script where a tool is missing
# FIELDS is any of: type mode uid gid mtime link device sha256
set -euo pipefail
assay=$(realpath "$1")
known=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/known
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failed=0
compared=0

tree() {
  mkdir -p "$1"/{bin,etc/deep/er/still,var/empty,dev,big}
  printf '#!/bin/sh\necho tool\n' >"$1/bin/tool"
  chmod 4755 "$1/bin/tool"
  printf 'shared\n' >"$1/etc/one"
  ln "$1/etc/one" "$1/etc/two"
  chmod 2640 "$1/etc/one"
  printf 'x' >"$1/etc/deep/er/still/x"
  : >"$1/var/empty/file"
  chmod 1777 "$1/var/empty"
  ln -s ../etc/one "$1/bin/relative"
  ln -s /etc/passwd "$1/bin/absolute"
  seq 1 40000 >"$1/big/numbers"
  head -c 300000 /dev/zero >"$1/big/zeros"
  { printf 'head'; head -c 200000 /dev/zero; printf 'tail'; } >"$1/big/mixed"
  openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
    -iv 00000000000000000000000000000000 -in "$1/big/zeros" -out "$1/big/noise"
  truncate -s 3000000 "$1/big/sparse"
  printf 'middle' | dd of="$1/big/sparse" bs=1 seek=1500000 conv=notrunc 2>/dev/null
  printf 'long\n' >"$1/etc/$(printf 'n%.0s' {1..120})"
  for ((i = 0; i < 150; i++)); do printf '%s\n' "$i" >"$1/etc/deep/file$i"; done
  if ((EUID == 0)); then
    mknod "$1/dev/console" c 5 1
    mknod "$1/dev/disk" b 8 17
    mkfifo "$1/dev/fifo"
    chown 1000:1001 "$1/etc/deep/er/still/x"
  fi
  find "$1" -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
}

_pick() {  # FIELDS: keeps the named columns of tab-separated lines
  awk -F'\t' -v OFS='\t' -v want=" $1 " '
    BEGIN { n = split("type mode uid gid mtime link device sha256", all, " ") }
    { line = $1
      for (i = 1; i <= n; i++)
        if (index(want, " " all[i] " ")) line = line OFS $(i + 1)
      print line }' | LC_ALL=C sort
}

truth() {  # one process: thousands of forks would take most of a test's time
  perl -MDigest::SHA -MFcntl=:mode -MFile::Find -e '
    my $root = shift;
    my %types = (S_IFDIR, "directory", S_IFLNK, "symlink", S_IFIFO, "fifo",
                 S_IFCHR, "char-device", S_IFBLK, "block-device");
    find({no_chdir => 1, wanted => sub {
      return if $_ eq $root;
      my ($mode, $uid, $gid, $rdev, $mtime) = (lstat $_)[2, 4, 5, 6, 9];
      my $type = $types{S_IFMT($mode)} // "file";
      my $device = $type !~ /device/ ? "" : sprintf "%d:%d",
        $rdev >> 8 & 0xfff, $rdev & 0xff | $rdev >> 12 & 0xfff00;
      print join("\t", substr($_, 1 + length $root), $type,
        sprintf("%04o", S_IMODE($mode)), $uid, $gid, $mtime,
        $type eq "symlink" ? readlink $_ : "", $device,
        $type eq "file" ? Digest::SHA->new(256)->addfile($_, "b")->hexdigest : ""), "\n";
    }}, $root)' "${1%/}" | _pick "$2"
}

ours() {
  "$assay" ls --json "$1" | jq -r --arg prefix "$(basename "$1")${3:-}!/" '
    (.artifacts | map({key: .path, value: .}) | from_entries) as $all
    | .artifacts[]
    | select(.path | startswith($prefix))
    | select(.path | ltrimstr($prefix) | contains("!/") | not)
    # A hard link stands for the file it names.
    | . as $self
    | (if .type == "hardlink" then
        ($all[$prefix + (.link_target | ltrimstr("/") | ltrimstr("./"))] // .)
       else . end)
    | [($self.path | ltrimstr($prefix)), .type // "file", .mode // "",
       .uid // "", .gid // "", .mtime // "",
       (if .type == "symlink" then .link_target else "" end),
       .device // "",
       (if (.type // "file") == "file" then .digests.sha256 else "" end)]
    | @tsv' | grep -v -P '^\.\t' | _pick "$2"
}

agree() {
  compared=$((compared + 1))
  if [[ ! -s $2 ]]; then
    echo "FAILED: $1: nothing to compare with"
    failed=$((failed + 1))
    return
  fi
  diff "$2" "$3" | grep '^[<>]' >"$1.difference" || true
  if [[ -e $known/$1.txt ]]; then  # lines of the difference, # for reasons
    { grep -vxFf <(grep -v '^#' "$known/$1.txt") "$1.difference" || true; } >rest
    mv rest "$1.difference"
  fi
  if [[ -s $1.difference ]]; then
    echo "FAILED: $1 (<: expected, >: assay)"
    head -n 20 "$1.difference"
    failed=$((failed + 1))
  fi
}

accounted() {
  local wrong
  wrong=$("$assay" ls --json "$1" | jq -r '.artifacts[]
    | select(.structure)
    | . as $a
    | (reduce (.structure[] | split(" ")[0] | split("+") | map(tonumber)) as $r
        (0; if . == $r[0] then . + $r[1] else -1 end)) as $stop
    | select($stop != $a.size) | .path')
  if [[ -n $wrong ]]; then
    echo "FAILED: bytes without an owner in: $wrong"
    failed=$((failed + 1))
  fi
}

needs() {
  local tool
  for tool in "$@"; do
    if ! command -v "$tool" >/dev/null; then
      echo "SKIPPED: no $tool here"
      exit 77
    fi
  done
}

trust() {
  printf 'schema: assay-policy/1\nname: oracle\nanchors: [{name: a, type: %s, file: %s}]\n' \
    "$1" "$2" >policy.yaml
}

verdict() {
  { "$assay" signatures --policy policy.yaml ${at:+--at "$at"} \
      -o json "$2" 2>/dev/null || true; } |
    jq -r --arg scheme "$1" '[.checks[] | select(.scheme == $scheme)
        | .indication == "TOTAL-PASSED"]
      | if length > 0 and all then "passes" else "fails" end'
}

says() {
  if "$@" >/dev/null 2>&1; then echo passes; else echo fails; fi
}

both() {
  printf '%s\n' "$2" >truth
  printf '%s\n' "$3" >ours
  agree "$1" truth ours
}

apart() {
  echo "the tool passes, assay fails" >truth
  echo "the tool $2, assay $3" >ours
  agree "$1" truth ours
}

poke() {
  local byte
  byte=$(dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | xxd -p)
  printf '%02x' $((16#$byte ^ 1)) | xxd -r -p |
    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

finish() {
  echo "$compared comparisons, $failed failed"
  ((compared > 0 && failed == 0))
}
