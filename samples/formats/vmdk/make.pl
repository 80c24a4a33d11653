#!/usr/bin/perl
# Writes the samples next to this script, straight from VMware's Virtual Disk
# Format 5.0: qemu-img makes none of less than 128 KiB. Needs perl (with
# Compress::Zlib). The disk has six grains of two sectors: numbers, a hole,
# 1024 times Z, a zeroed grain, two holes.
use strict;
use warnings;
use Compress::Zlib qw(compress);
use File::Basename qw(dirname);

my $numbers = substr(join('', map { "$_\n" } 1 .. 400), 0, 1024);
my $letters = 'Z' x 1024;

sub sector { my $text = shift; return $text . "\0" x (-length($text) % 512) }

sub header {
  my ($flags, $descriptor, $redundant, $directory, $overhead, $packed) = @_;
  return sector(
    pack('a4 V V Q< Q< Q< Q< V Q< Q< Q< C a4 v',
      'KDMV', 1, $flags, 12, 2, 1, $descriptor, 16,
      $redundant, $directory, $overhead, 0, "\n \r\n", $packed));
}

sub descriptor {
  my $type = shift;
  return sector("# Disk DescriptorFile\nversion=1\nCID=12345678\n"
      . "parentCID=ffffffff\ncreateType=\"$type\"\n\n"
      . "RW 12 SPARSE \"disk.vmdk\"\n\nddb.adapterType = \"ide\"\n");
}

sub keep {
  my ($name, $image) = @_;
  open my $file, '>', dirname(__FILE__) . "/$name.hex" or die;
  print $file "# make.pl: $name\n";
  print $file unpack('H*', $_), "\n" for unpack('(a38)*', $image);
}

# Redundant directory and table in sectors 2 and 3, the others in 4 and 5.
my $table = sector(pack('V*', 6, 0, 8, 1, 0, 0));
keep('sparse', header(7, 1, 2, 4, 6, 0) . descriptor('monolithicSparse')
    . sector(pack('V', 3)) . $table . sector(pack('V', 5)) . $table
    . $numbers . $letters);

sub grain {
  my ($at, $content) = @_;
  my $packed = compress($content);
  return sector(pack('Q< V', $at, length $packed) . $packed);
}
sub marker { return sector(pack('Q< V V', shift, 0, shift)) }

my $first = grain(0, $numbers);
my $second = grain(4, $letters);
my $start = 2;
my $next = $start + length($first) / 512;
my $tables = $next + length($second) / 512;
my $packed_table = sector(pack('V*', $start, 0, $next, 1, 0, 0));
my $flags = 1 | 4 | 1 << 16 | 1 << 17;
keep('stream', header($flags, 1, 0, ~0, 2, 1) . descriptor('streamOptimized')
    . $first . $second . marker(1, 1) . $packed_table
    . marker(1, 2) . sector(pack('V', $tables + 1))
    . marker(1, 3) . header($flags, 1, 0, $tables + 3, 2, 1) . marker(0, 0));
