#!/usr/bin/perl
# populate.pl IMAGE FOLDER [CLUSTERS]: copies a tree into an empty exFAT volume
# made by mkfs.exfat, as Debian has no tool that does. Every third file and
# folder is scattered, the others lie in a row without a chain. CLUSTERS, if
# given, is how many the volume keeps. Written from the Microsoft exFAT
# specification; fsck.exfat finds no fault in the result.
use strict;
use warnings;

my ($image, $folder, $keep) = @ARGV;
open my $file, '+<:raw', $image or die "$image: $!";
my $disk = do { local $/; <$file> };

my ($fat_offset, $fat_length, $heap, $clusters, $root) =
  unpack 'x80 V V V V V', $disk;
my ($sector_shift, $cluster_shift) = unpack 'x108 C C', $disk;
my $sector = 1 << $sector_shift;
my $cluster = $sector << $cluster_shift;
if ($keep) {
  $clusters = $keep;
  for my $region (0, 12) {
    substr($disk, $region * $sector + 92, 4) = pack 'V', $clusters;
    substr($disk, $region * $sector + 72, 8) =
      pack 'Q<', $heap + ($clusters << $cluster_shift);
    my $sum = 0;
    for my $i (0 .. 11 * $sector - 1) {
      next if $i == 106 || $i == 107 || $i == 112;
      my $byte = ord substr $disk, $region * $sector + $i, 1;
      $sum = ((($sum & 1) << 31) + ($sum >> 1) + $byte) & 0xFFFFFFFF;
    }
    substr($disk, ($region + 11) * $sector, $sector) =
      pack('V', $sum) x ($sector / 4);
  }
  $disk = substr $disk, 0, ($heap + ($clusters << $cluster_shift)) * $sector;
}

sub place { return $heap * $sector + ($_[0] - 2) * $cluster }
sub fat {
  my ($number, $next) = @_;
  substr($disk, $fat_offset * $sector + 4 * $number, 4) = pack 'V', $next;
}
sub chain {
  my ($number, @chain) = @_;
  while ($number < 0xFFFFFFF7) {
    push @chain, $number;
    $number = unpack 'V',
      substr($disk, $fat_offset * $sector + 4 * $number, 4);
  }
  return @chain;
}

# The root of an empty volume: label, bitmap, up-case table.
my $entries = substr $disk, place($root), $cluster;
my ($bitmap, @upper) = (0, 0 .. 65535);
my $used = 0;
for (; ord(substr $entries, $used, 1) != 0; $used += 32) {
  my ($type, $first, $size) = unpack 'C x19 V Q<', substr $entries, $used, 32;
  $bitmap = $first if $type == 0x81;
  next if $type != 0x82;
  my $table = join '', map { substr $disk, place($_), $cluster } chain($first);
  my @units = unpack 'v*', substr $table, 0, $size;
  for (my ($i, $at) = (0, 0); $i < @units; ++$i) {
    if ($units[$i] == 0xFFFF && $i + 1 < @units) { $at += $units[++$i]; }
    else { $upper[$at++] = $units[$i]; }
  }
}
if ($keep) {  # the bitmap has less bytes now
  my $at = index $entries, "\x81";
  substr($disk, place($root) + $at + 24, 8) =
    pack 'Q<', int(($clusters + 7) / 8);
}

my @free = (0) x 2;
for my $i (0 .. $clusters - 1) {
  push @free, !vec(substr($disk, place($bitmap), $clusters / 8 + 1), $i, 1);
}
sub take {
  my ($count, $scattered) = @_;
  my @taken;
  my $step = $scattered ? 2 : 1;
  START: for my $start (2 .. $clusters + 1) {
    @taken = map { $start + $_ * $step } 0 .. $count - 1;
    for my $number (@taken) {
      next START if $number > $clusters + 1 || !$free[$number];
    }
    last;
  }
  die 'the volume is full' if grep { $_ > $clusters + 1 || !$free[$_] } @taken;
  $free[$_] = 0 for @taken;
  return @taken;
}

my $stored = 0;
sub store {  # returns flags, first cluster
  my $content = shift;
  return (1, 0) if $content eq '';
  my $count = int((length($content) + $cluster - 1) / $cluster);
  my $scattered = $count > 1 && ++$stored % 3 == 0;
  my @numbers = take($count, $scattered);
  link_chain(@numbers) if $scattered;
  put($content, @numbers);
  return ($scattered ? 1 : 3, $numbers[0]);
}
sub link_chain {
  my @numbers = @_;
  fat($numbers[$_], $_ == $#numbers ? 0xFFFFFFFF : $numbers[$_ + 1])
    for 0 .. $#numbers;
}
sub put {
  my ($content, @numbers) = @_;
  for my $i (0 .. $#numbers) {
    my $part = substr $content, $i * $cluster, $cluster;
    substr($disk, place($numbers[$i]), length $part) = $part;
  }
}

sub units {  # of a name in UTF-8
  my $name = shift;
  utf8::decode($name);
  return map { $_ < 0x10000 ? $_
      : (0xD800 + (($_ - 0x10000) >> 10), 0xDC00 + ($_ & 0x3FF)) }
    unpack 'W*', $name;
}
sub turned { return ((($_[0] & 1) << 15) + ($_[0] >> 1) + $_[1]) & 0xFFFF }

sub records {
  my ($name, $attributes, $mtime, $flags, $first, $size) = @_;
  my ($second, $minute, $hour, $day, $month, $year) = gmtime $mtime;
  my $stamp = ($year - 80) << 25 | ($month + 1) << 21 | $day << 16
    | $hour << 11 | $minute << 5 | $second >> 1;
  my @units = units($name);
  my $hash = 0;
  $hash = turned(turned($hash, $_ & 0xFF), $_ >> 8) for map { $upper[$_] } @units;
  my $parts = int((@units + 14) / 15);
  my $set = pack 'C C v v v V V V C C C C C x7', 0x85, 1 + $parts, 0,
    $attributes, 0, $stamp, $stamp, $stamp, 0, 0, 0x80, 0x80, 0x80;
  $set .= pack 'C C C C v v Q< V V Q<', 0xC0, $flags, 0, scalar @units, $hash,
    0, $size, 0, $first, $size;
  $set .= pack('C C v*', 0xC1, 0, splice @units, 0, 15) for 1 .. $parts;
  $set .= "\0" x (-length($set) % 32);
  my $sum = 0;
  for my $i (0 .. length($set) - 1) {
    $sum = turned($sum, ord substr $set, $i, 1) if $i != 2 && $i != 3;
  }
  substr($set, 2, 2) = pack 'v', $sum;
  return $set;
}

sub listing {
  my $path = shift;
  opendir my $handle, $path or die "$path: $!";
  my $all = '';
  for my $name (sort grep { $_ ne '.' && $_ ne '..' } readdir $handle) {
    my $mtime = (stat "$path/$name")[9];
    if (-d "$path/$name") {
      my $inner = listing("$path/$name");
      $inner .= "\0" x (-length($inner) % $cluster || ($inner eq '' ? $cluster : 0));
      $all .= records($name, 0x10, $mtime, store($inner), length $inner);
    } else {
      open my $in, '<:raw', "$path/$name" or die "$path/$name: $!";
      my $content = do { local $/; <$in> } // '';
      my $attributes = 0x20 | (-w _ && (stat _)[2] & 0200 ? 0 : 1);
      $all .= records($name, $attributes, $mtime, store($content),
        length $content);
    }
  }
  return $all;
}

my $all = substr($disk, place($root), $used) . listing($folder);
my $more = int(length($all) / $cluster);
my @chain = ($root, $more ? take($more, 1) : ());
link_chain(@chain);
put($all, @chain);
my $bits = '';
vec($bits, $_, 1) = $free[$_ + 2] ? 0 : 1 for 0 .. $clusters - 1;
substr($disk, place($bitmap), length $bits) = $bits;

seek $file, 0, 0;
print $file $disk;
truncate $file, length $disk;
close $file or die "$image: $!";
