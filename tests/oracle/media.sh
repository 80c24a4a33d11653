#!/bin/bash
# Images that netpbm writes stand in a file with other bytes around them: each
# is found where it begins and ends where netpbm ended it.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

ppmpat -gingham2 -randomseed=7 120 90 >pattern.ppm
ppmquant 64 pattern.ppm >few.ppm 2>/dev/null
pnmtopng pattern.ppm >plain.png 2>/dev/null
pnmtopng -interlace -compression=9 few.ppm >interlaced.png 2>/dev/null
ppmtopgm pattern.ppm | pnmtopng >gray.png 2>/dev/null
ppmtogif few.ppm >plain.gif 2>/dev/null
pamtogif -interlace -transparent=black -comment=sample few.ppm >special.gif 2>/dev/null
pnmtojpeg -quality=90 pattern.ppm >plain.jpg
pnmtojpeg -progressive -optimize pattern.ppm >progressive.jpg
ppmtopgm pattern.ppm | pnmtojpeg -restart=2 -comment=sample >gray.jpg

: >expected
printf 'no image here\n' >image
for part in *.png *.gif *.jpg; do
  case $part in *.jpg) format=jpeg ;; *) format=${part##*.} ;; esac
  printf '%d\t%s\t%s\n' "$(stat -c %s image)" "$format" \
    "$(sha256sum "$part" | cut -d' ' -f1)" >>expected
  { cat "$part"; printf 'between %s\n' "$part"; } >>image
  whole=$("$assay" ls --json "$part" | jq -r '.artifacts[0] | "\(.format) \(.anomalies // [] | length)"')
  if [[ $whole != "$format 0" ]]; then
    echo "FAILED: $part reads as $whole"
    failed=$((failed + 1))
  fi
done
"$assay" ls --json image |
  jq -r '.artifacts[] | select(.format == ("png", "gif", "jpeg"))
    | select(.path | test("^image!/@0x[0-9a-f]+\\.[a-z]+$"))
    | [.path, .format, .digests.sha256] | @tsv' |
  while IFS=$'\t' read -r path format sha; do
    offset=${path#*@}
    printf '%d\t%s\t%s\n' "$((${offset%.*}))" "$format" "$sha"
  done | sort -n >found
agree media-offsets expected found
accounted image
finish
