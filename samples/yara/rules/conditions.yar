import "math"
import "hash"
/* Every construct once. */
private global rule size : tag { condition: filesize < 1MB }
rule texts : one two {
  meta:
    description = "every form \x41 of a string"
    score = 60
    on = true
  strings:
    $text = "marker\n" nocase wide ascii fullword
    $keys = "marker" xor(1-3) private
    $code = "marker" base64 base64wide
    $hex = { 6d ?1 7? [2-4] ( 65 | 66 67 ) 72 }
    $jump = { 6d 61 [-] 72 }
    $regex = /m[a-c]+\w{2,5}(k|x)er?\b/is
  condition:
    any of them or all of ($text, $h*) or 50% of them or none of ($keys) or
    $text at 0 or $hex in (0..filesize) or #regex > 2 or @code[1] < !hex[1]
}
rule numbers {
  condition:
    size and uint16be(0) & 0xff == 0x4d and not defined uint32(filesize) and
    (1 + 2 * 3 \ 4 % 5 - -6 << 1 >> 1 | 7 ^ ~8) != 9 and
    for any i in (0..3) : ( uint8(i) == 0x61 ) and
    for all i in (1, 2, 3) : ( i <= 3 ) and
    math.entropy(0, filesize) >= 1.5 and
    hash.md5(0, 4) icontains "AB" and "abc" matches /^a.c$/ and
    1 of (texts, s*)
}
rule loops {
  strings:
    $a = "a"
    $b = "b"
  condition:
    for 1 of ($a, $b) : ( # > 1 and $ in (1..10) and @ > 0 )
}
