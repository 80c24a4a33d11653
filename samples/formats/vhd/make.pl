#!/usr/bin/perl
# Writes the samples of vhd and vhd_fixed, straight from the Virtual Hard Disk
# Image Format Specification 1.0: qemu-img makes none of less than 2 MiB. The
# disk has three blocks of 4096 bytes: numbers, a hole, 4096 times Z.
use strict;
use warnings;
use File::Basename qw(dirname);

my $numbers = substr(join('', map { "$_\n" } 1 .. 1000), 0, 3500);
$numbers .= "\0" x (4096 - length $numbers);
my $letters = 'Z' x 4096;

sub summed {
  my ($block, $at) = @_;
  my $sum = 0;
  $sum += $_ for unpack 'C*', $block;
  substr($block, $at, 4) = pack 'N', ~$sum & 0xFFFFFFFF;
  return $block;
}

sub footer {
  my ($type, $offset, $size) = @_;
  return summed(
    pack('a8 N N Q> N a4 N a4 Q> Q> n C C N N a16 C x427', 'conectix', 2,
      0x10000, $offset, 0x2A000000, 'qem2', 0x50003, 'Wi2k', $size, $size, 1,
      1, 24, $type, 0, 'assay sample id.', 0), 64);
}

sub keep {
  my ($name, $image) = @_;
  open my $file, '>', dirname(__FILE__) . "/../$name.hex" or die;
  print $file "# vhd/make.pl\n";
  print $file unpack('H*', $_), "\n" for unpack('(a38)*', $image);
}

my $header = summed(
  pack('a8 Q> Q> N N N N x16 N N x512 x448', 'cxsparse', ~0, 1536, 0x10000, 3,
    4096, 0, 0, 0), 36);
my $bitmap = "\xff" . "\0" x 511;
my $footer = footer(3, 512, 3 * 4096);
keep('vhd/dynamic', $footer . $header
    . pack('N*', 4, 0xFFFFFFFF, 13, (0xFFFFFFFF) x 125)
    . $bitmap . $numbers . $bitmap . $letters . $footer);
keep('vhd_fixed/fixed', $numbers . footer(2, ~0, 4096));
