#!/usr/bin/perl
# Writes the sample next to this script, straight from VirtualBox VDICore.h:
# the tools make none of less than 1 MiB. The disk has five blocks of 1024
# bytes: numbers, not there, 1024 times Z, zeroed, half a block not there.
use strict;
use warnings;
use File::Basename qw(dirname);

my $numbers = substr(join('', map { "$_\n" } 1 .. 400), 0, 1024);
my $header = pack('a64 V V V V V a256 V V V V V V V Q< V V V V a64 x16',
  "<<< Oracle VM VirtualBox Disk Image >>>\n", 0xBEDA107F, 0x10001, 400, 1, 0,
  'sample', 512, 1024, 0, 0, 0, 512, 0, 4 * 1024 + 512, 1024, 0, 5, 2, '');
my $map = pack('V*', 1, 0xFFFFFFFF, 0, 0xFFFFFFFE, 0xFFFFFFFF);
my $image = $header . "\0" x (512 - length $header) . $map
  . "\0" x (512 - length $map) . 'Z' x 1024 . $numbers;
open my $file, '>', dirname(__FILE__) . '/dynamic.hex' or die;
print $file "# make.pl\n";
print $file unpack('H*', $_), "\n" for unpack('(a38)*', $image);
