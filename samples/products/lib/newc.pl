# newc.pl DIR EPOCH: DIR as a cpio archive (newc) on standard output, plus dev/console.
# Everything belongs to root, is dated EPOCH and numbered in order of name, so that the bytes
# do not depend on the user or on the file system (cpio writes its link counts and needs mknod).
use strict;
use warnings;

my ($dir, $epoch) = @ARGV;
my ($inode, $written) = (0, 0);

sub put { print $_[0]; $written += length $_[0] }
sub pad { put("\0" x (-$written % 4)) }

sub entry {
	my ($name, $mode, $data, $major, $minor) = @_;
	my $links = ($mode & 0170000) == 0040000 ? 2 : 1;
	put(sprintf '070701' . '%08X' x 13, ++$inode, $mode, 0, 0, $links, $epoch, length $data,
		0, 0, $major // 0, $minor // 0, 1 + length $name, 0);
	put("$name\0"); pad();
	put($data); pad();
}

sub walk {
	my ($path) = @_;
	opendir my $handle, "$dir/$path" or die "$dir/$path: $!";
	for my $leaf (sort grep { !/^\.\.?$/ } readdir $handle) {
		my $name = $path eq '' ? $leaf : "$path/$leaf";
		my $mode = (lstat "$dir/$name")[2];
		if (-l _) { entry($name, 0120777, readlink "$dir/$name") }
		elsif (-d _) { entry($name, $mode, ''); walk($name) }
		else { entry($name, $mode, contents("$dir/$name")) }
		entry('dev/console', 0020600, '', 5, 1) if $name eq 'dev';
	}
}

sub contents {
	open my $file, '<:raw', $_[0] or die "$_[0]: $!";
	local $/;
	return <$file> // '';
}

binmode STDOUT;
walk('');
$inode = -1;
entry('TRAILER!!!', 0, '');
put("\0" x (-$written % 512));
