#!/bin/bash
# The variables of Debian's UEFI firmware, Secure Boot keys among them, against
# UEFIExtract.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cat >truth.py <<'P'
import hashlib, os, sys
for folder, _, files in os.walk(sys.argv[1]):
    if 'info.txt' in files:
        info = open(os.path.join(folder, 'info.txt'), errors='replace').read()
        fields = dict(line.split(': ', 1) for line in info.split('\n')
                      if ': ' in line)
        if fields['Type'] == 'VSS entry' and fields['Subtype'] != 'Invalid':
            body = open(os.path.join(folder, 'body.bin'), 'rb').read()
            time = fields['Timestamp'].split('.')[0] + 'Z'
            name = fields['Text'] + '-' + fields['Variable GUID'].lower()
            time = '' if time[0] == '0' else time
            print(name, time, hashlib.sha256(body).hexdigest(), sep='\t')
P
for image in /usr/share/OVMF/OVMF{_VARS,_VARS.ms,_VARS_4M,_VARS_4M.ms,_VARS_4M.snakeoil,32_VARS_4M}.fd \
  /usr/share/AAVMF/AAVMF_VARS{,.ms,.snakeoil}.fd; do
  name=$(basename "$image")
  head -c 1M "$image" >"$name"  # what follows is erased
  UEFIExtract "$name" dump >/dev/null 2>&1 || true
  { echo '# variables'; python3 truth.py "$name.dump"; } | LC_ALL=C sort >truth
  { echo '# variables'
    "$assay" ls --json "$name" | jq -r '.artifacts[]
      | select(.path | contains("/nvram!/"))
      | select(.path | sub(".*/nvram!/"; "") | contains("!/") | not)
      | [(.path | sub(".*/nvram!/"; "")), .mtime // 0, .digests.sha256] | @tsv' |
      while IFS=$'\t' read -r variable time sha; do
        if [[ $time != 0 ]]; then time=$(date -u -d "@$time" +%FT%TZ); fi
        printf '%s\t%s\t%s\n' "$variable" "${time#0}" "$sha"
      done; } | LC_ALL=C sort >ours
  agree "uefi_nvram-$name" truth ours
  accounted "$name"
done
finish
