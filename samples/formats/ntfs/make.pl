#!/usr/bin/perl
# Writes the sample next to this script, straight from what Linux
# fs/ntfs3/ntfs.h says: mkntfs makes none of less than 1 MiB. Clusters and file
# records of 512 bytes, 48 clusters:
#   0 boot   1 bitmap   2-32 file records   33-36 mirror   37 plain
#   38 sparse   39 packed   40 plain   41 sparse   48 (sector) boot again
use strict;
use warnings;
use File::Basename qw(dirname);

my $clusters = 48;
my $records = 31;
my $time = (1714979290 + 11644473600) * 10_000_000;

sub utf16 { return pack 'v*', map { ord } split //, shift }
sub padded { my $text = shift; return $text . "\0" x (-length($text) % 8) }

my $id = 0;
sub resident {
  my ($type, $value, $name) = @_;
  my $units = utf16($name // '');
  my $offset = length padded("\0" x 24 . $units);
  return padded(pack('V V C C v v v V v v', $type,
      length padded("\0" x $offset . $value), 0, length($units) / 2, 24, 0,
      $id++, length $value, $offset, 0)
    . $units . "\0" x ($offset - 24 - length $units) . $value);
}
sub nonresident {
  my ($type, $first, $last, $runs, $size, $valid, $flags, $unit) = @_;
  my $header = pack 'V V C C v v v Q< Q< v v V Q< Q< Q<', $type,
    length padded("\0" x 64 . $runs . "\0"), 1, 0, 64, $flags // 0, $id++,
    $first, $last, 64, $unit // 0, 0, ($last + 1) * 512, $size, $valid // $size;
  return padded($header . $runs . "\0");
}
sub run { return pack 'C C c', 0x11, @_ }  # length, distance
sub hole { return pack 'C C', 0x01, shift }
sub name {
  my ($parent, $name, $space) = @_;
  return resident(0x30, pack('Q< Q<4 Q<2 V V C C', $parent | 1 << 48,
      ($time) x 4, 0, 0, 0, 0, length $name, $space // 1) . utf16($name));
}
sub information {
  return resident(0x10, pack 'Q<4 V4', ($time) x 4, shift // 0, 0, 0, 0);
}

my @table = ("\0" x 512) x $records;
sub record {
  my ($number, $flags, $links, $base, @attributes) = @_;
  my $body = join('', @attributes) . pack 'V', 0xFFFFFFFF;
  my $all = pack('a4 v v Q< v v v v V V Q< v v V', 'FILE', 48, 2, 0, 1, $links,
    56, $flags, 56 + length $body, 512, $base, 99, 0, $number);
  $all .= pack('v v x4', 1, 0) . $body;
  die "record $number is too long" if length $all > 510;
  $all .= "\0" x (512 - length $all);
  substr($all, 50, 2) = substr $all, 510, 2;
  substr($all, 510, 2) = pack 'v', 1;
  $table[$number] = $all;
  $id = 0;
}

record(0, 1, 1, 0, information(6), name(5, '$MFT', 3),
  nonresident(0x80, 0, $records - 1, run($records, 2), $records * 512),
  resident(0xB0, pack 'V', 0x7F0009EB));
record(1, 1, 1, 0, information(6), name(5, '$MFTMirr', 3),
  nonresident(0x80, 0, 3, run(4, 33), 4 * 512));
record(3, 1, 1, 0, information(6), name(5, '$Volume', 3),
  resident(0x60, utf16('LABEL')), resident(0x70, pack 'x8 C C v', 3, 1, 0));
record(5, 3, 1, 0, information(6), name(5, '.', 3));
record(6, 1, 1, 0, information(6), name(5, '$Bitmap', 3),
  nonresident(0x80, 0, 0, run(1, 1), 6));
record(7, 1, 1, 0, information(6), name(5, '$Boot', 3),
  nonresident(0x80, 0, 0, run(1, 0), 512));
record(8, 1, 1, 0, information(6), name(5, '$BadClus', 3),
  resident(0x80, ''), resident(0x80, '', '$Bad'));
record(11, 3, 1, 0, information(6), name(5, '$Extend', 3));
record(24, 1, 3, 0, information(1), name(5, 'hello.txt'),
  name(5, 'HELLO~1.TXT', 2), name(25, 'again.txt', 0),
  resident(0x80, 'hello'));
record(25, 3, 1, 0, information(), name(5, 'dir', 3));
record(26, 1, 1, 0, information(),
  resident(0x20, join '', map { pack 'V v C C Q< Q< v x6', @$_ }
      [0x10, 32, 0, 26, 0, 26 | 1 << 48, 0],
      [0x30, 32, 0, 26, 0, 26 | 1 << 48, 0],
      [0x80, 32, 0, 26, 0, 26 | 1 << 48, 0],
      [0x80, 32, 0, 26, 1, 30 | 1 << 48, 0]),
  name(25, 'plain'), nonresident(0x80, 0, 0, run(1, 37), 700));
record(30, 1, 0, 26 | 1 << 48, nonresident(0x80, 1, 1, run(1, 40), 0));
record(27, 1, 1, 0, information(), name(5, 'packed'),
  nonresident(0x80, 0, 31, run(1, 39) . hole(31), 10000, 10000, 1, 4),
  resident(0x80, 'in a stream', 'stream'));
record(28, 1, 1, 0, information(), name(5, 'sparse'),
  nonresident(0x80, 0, 2, run(1, 38) . hole(1) . run(1, 3), 1500, 1030,
    0x8000));
record(29, 1, 1, 0, information(), name(5, 'link'),
  resident(0xC0, pack('V v v v v v v V', 0xA000000C, 12 + 24, 0, 0, 12, 12, 12,
      1) . utf16('target') x 2));

my $boot = pack('a3 a8 v C x7 C x2 v v V x4 V Q< Q< Q< C x3 C x3 V V x4',
  "\xEB\x52\x90", 'NTFS    ', 512, 1, 0xF8, 63, 255, 0, 0x00800080, $clusters,
  2, 33, 1, 1, 0x12345678, 0x9ABCDEF0);
$boot .= "\0" x (510 - length $boot) . "\x55\xAA";

my @disk = ("\0" x 512) x $clusters;
$disk[0] = $boot;
$disk[1] = pack('b48', '1' x 42) . "\0" x 506;
@disk[2 .. 1 + $records] = @table;
@disk[33 .. 36] = @table[0 .. 3];
$disk[37] = 'P' x 512;
$disk[40] = 'Q' x 188 . "\0" x 324;
$disk[38] = 'S' x 512;
$disk[41] = 'T' x 512;
# LZNT1: two chunks of a literal A and one pair, 1 back and 4095 long.
$disk[39] = pack('v C a v', 0xB003, 2, 'A', 0x0FFC) x 2 . "\0" x 500;
my $image = join('', @disk) . $boot;

open my $file, '>', dirname(__FILE__) . '/small.hex' or die;
print $file "# make.pl\n";
print $file unpack('H*', $_), "\n" for unpack('(a38)*', $image);
