/**
 * The process that holds the lines, in Perl: its ioctl() and pack() are in every Debian (perl-base is essential), Node has none.
 * GPIO character device, second version of its interface (Linux 5.10 and later, include/uapi/linux/gpio.h).
 *
 * Arguments: `in|out NAME CHIP LINE ACTIVE_LOW BIAS DEBOUNCE_US VALUE` joined by tabs, one a line, and `leave NAME` or
 * `wait MS`. Input: `set NAME 0|1`. Output: `in NAME 0|1`, `error NAME TEXT`, `well NAME`, `ready`. When its input ends, the program
 * that started it is gone: it does the leaving steps and ends. A line without interrupts is looked at ten times a second.
 */
export const HOLDER_PROGRAM = String.raw`
use strict; use warnings;
my ($CHIP_INFO, $LINE_INFO, $GET_LINE, $GET, $SET) = (0x8044B401, 0xC100B405, 0xC250B407, 0xC010B40E, 0xC010B40F);
my %BIAS = ('as-is' => 0, 'pull-up' => 1 << 8, 'pull-down' => 1 << 9, 'disabled' => 1 << 10);
my (%line, @leaving, %chip);
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = $SIG{PIPE} = 'IGNORE';
$| = 1;
sub say_ { print join(' ', @_), "\n" }
sub fail { my ($name, $why) = @_; $why =~ s/\s+/ /g; say_('error', $name, $why); return }

sub open_chip {
  my ($want) = @_;
  return $chip{$want} if $chip{$want};
  my @paths = $want =~ m{^/} ? ($want) : -e "/dev/$want" ? ("/dev/$want") : glob('/dev/gpiochip*');
  for my $path (@paths) {
    open(my $fh, '+<', $path) or die "$path: $!\n";
    my $info = "\0" x 68;
    ioctl($fh, $CHIP_INFO, $info) or die "$path: $!\n";
    my ($name, $label, $lines) = unpack('Z32 Z32 L', $info);
    next unless @paths == 1 || $label eq $want;
    return $chip{$want} = { fh => $fh, lines => $lines };
  }
  die "no chip $want\n";
}

sub offset_of {
  my ($chip, $want) = @_;
  return $want if $want =~ /^\d+$/;
  for my $offset (0 .. $chip->{lines} - 1) {
    my $info = pack('x64 L x188', $offset);
    ioctl($chip->{fh}, $LINE_INFO, $info) or next;
    return $offset if unpack('Z32', $info) eq $want;
  }
  die "no line $want\n";
}

sub request {
  my ($chip, $offset, $flags, @attributes) = @_;
  my $attributes = join('', map { pack('L2 L2 L2', $_->[0], 0, $_->[1], 0, 1, 0) } @attributes);
  my $config = pack('L2 L x20 a240', $flags, 0, scalar @attributes, $attributes);
  my $asked = pack('L x252 Z32 a272 L L x20 l', $offset, 'loa', $config, 1, 0, -1);
  ioctl($chip->{fh}, $GET_LINE, $asked) or return;
  open(my $fh, '+<&=', unpack('l', substr($asked, 588))) or return;
  return $fh;
}

sub take {
  my ($direction, $name, $want, $where, $low, $bias, $debounce, $value) = @_;
  my $chip = open_chip($want);
  my $offset = offset_of($chip, $where);
  my $flags = ($low ? 2 : 0) | $BIAS{$bias};
  if ($direction eq 'out') {
    my $fh = request($chip, $offset, $flags | 8, [2, $value]) or die "$!\n";
    return { fh => $fh, out => 1 };
  }
  my @debounce = $debounce ? ([3, $debounce]) : ();
  my $fh = request($chip, $offset, $flags | 4 | 16 | 32, @debounce);
  return { fh => $fh } if $fh;
  $fh = request($chip, $offset, $flags | 4) or die "$!\n";
  return { fh => $fh, polled => 1 };
}

sub look {
  my ($name) = @_;
  my $values = pack('L4', 0, 0, 1, 0);
  ioctl($line{$name}{fh}, $GET, $values) or return fail($name, "$!");
  my $active = unpack('L', $values) & 1;
  return if defined $line{$name}{active} && $line{$name}{active} == $active;
  $line{$name}{active} = $active;
  say_('in', $name, $active);
}

sub set {
  my ($name, $value) = @_;
  return fail($name, 'not held') unless $line{$name} && $line{$name}{out};
  my $values = pack('L4', $value, 0, 1, 0);
  return fail($name, "$!") unless ioctl($line{$name}{fh}, $SET, $values);
  say_('well', $name);
}

for (@ARGV) {
  my ($what, @rest) = split /\t/;
  if ($what eq 'leave' || $what eq 'wait') { push @leaving, [$what, @rest]; next }
  my $held = eval { take($what, @rest) };
  if ($held) { $line{$rest[0]} = $held } else { fail($rest[0], $@) }
}
my @inputs = grep { !$line{$_}{out} } sort keys %line;
look($_) for @inputs;
say_('ready');

my $input = '';
while (1) {
  my $bits = '';
  vec($bits, 0, 1) = 1;
  vec($bits, fileno($line{$_}{fh}), 1) = 1 for grep { !$line{$_}{polled} } @inputs;
  my $found = select($bits, undef, undef, (grep { $line{$_}{polled} } @inputs) ? 0.1 : undef);
  $found = 0 if $found < 0;
  for (@inputs) {
    if (!$line{$_}{polled}) {
      next unless $found && vec($bits, fileno($line{$_}{fh}), 1);
      sysread($line{$_}{fh}, my $events, 768);
    }
    look($_);
  }
  next unless $found && vec($bits, 0, 1);
  last unless sysread(STDIN, $input, 4096, length $input);
  while ($input =~ s/^(.*)\n//) { set($1, $2) if $1 =~ /^set (\S+) ([01])$/ }
}
for (@leaving) {
  if ($_->[0] eq 'wait') { select(undef, undef, undef, $_->[1] / 1000) } else { set($_->[1], 0) }
}
`;
