#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# DHCP against dnsmasq: a lease and what it sets, its end, renewal, refusal, no server, a late one,
# and a server that sends garbage.
# lib.sh sets job, jobs and work.
# shellcheck disable=SC2154
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need dnsmasq perl

dnsmasq() { # OPTIONS...
	start dnsmasq.out 'DHCP, IP range' dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--interface=pil0 --bind-interfaces --port=0 --log-facility=- --user=root \
		--pid-file= --dhcp-authoritative --no-ping --dhcp-leasefile="$work/leases" \
		--dhcp-option=option:dns-server,192.0.2.53,192.0.2.54 --domain=test.example "$@"
	server=$job
}

donor() {
	inside timeout 40 "$NET_BIN/lease" pil0 "$@"
}

make_tap pil0
is "$(donor lease 700 show)" "ETIMEDOUT
address none" "no server: a timeout, and nothing is set"

dnsmasq --dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,1h
ok "dnsmasq starts" || exit 1
donor lease 5000 show >out
read -r addr _ gw _ from _ seconds _ <out
ip=${addr%/*}
[[ $addr == 192.0.2.1[0-5][0-9]/24 && $gw == 192.0.2.1 && $from == 192.0.2.1 ]]
ok "a lease: address, gateway, server" || sed 's/^/# /' out
is "$seconds" 3600 "its time"
grep -q 'dns 192.0.2.53 dns 192.0.2.54 domain test.example' out
ok "name servers and domain"
is "$(sed -n 2p out)" "address $ip default 192.0.2.1" "address and default route are set"
grep -q " $ip " leases
ok "the server knows the lease"
[[ $(donor dhcp 5000) == 192.0.2.1[0-5][0-9]/24 ]]
ok "pillion_net_dhcp() says the address"
is "$(donor lease 5000 renew 5000 show | sed -n '2s/ gw.*for/ for/;2s/ dns.*//p;3p' |
	sed "s/192.0.2.1[0-5][0-9]/X/")" "X/24 for 3600
address X default 192.0.2.1" "a lease is renewed"
stop "$server" 2>/dev/null

# Two minutes are the least that dnsmasq gives; a server of our own gives two seconds, no router,
# an address alone. Before each answer it sends what must be ignored.
cat >server.pl <<'PERL'
use strict;
use warnings;
use Socket;

my $mode = $ARGV[0];
socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
setsockopt($s, SOL_SOCKET, SO_BROADCAST, 1);
setsockopt($s, SOL_SOCKET, 25, "pil0\0");	# SO_BINDTODEVICE
bind($s, sockaddr_in(67, INADDR_ANY)) or die "bind: $!";
$| = 1;
print "ready\n";
my $to = sockaddr_in(68, INADDR_BROADCAST);
my $asked = 0;

sub option { pack('CC/a', @_) }
sub reply {
	my ($request, $options, %change) = @_;
	my @f = (2, 1, 6, 0, substr($request, 4, 4), 0, 0x8000, 0, inet_aton('192.0.2.77'), 0, 0,
		substr($request, 28, 6), '', '', "\x63\x82\x53\x63");
	$f[$_] = $change{$_} for keys %change;
	return pack('CCCCa4nnNa4NNa16a64a128a4', @f) . $options;
}

while (1) {
	recv($s, my $m, 2000, 0);
	next unless $m =~ /\x35\x01([\x01\x03])/;
	my $type = $1 eq "\x01" ? 2 : 5;
	next if $mode eq 'late' && $asked++ < 2;
	my $id = option(54, inet_aton('192.0.2.1'));
	my $good = option(53, chr $type) . $id . option(1, inet_aton('255.255.255.255')) .
		option(51, pack('N', 2)) . option(3, inet_aton('198.51.100.9'));
	my @bad = (
		reply($m, "$good\xff", 4 => 'abcd'),			# another transaction
		reply($m, "$good\xff", 11 => 'abcdef'),			# another client
		reply($m, "$good\xff", 0 => 1),				# a request
		reply($m, "$good\xff", 14 => 'abcd'),			# no magic
		reply($m, "$good\xff", 8 => inet_aton('127.0.0.1')),
		reply($m, "$good\xff", 8 => inet_aton('0.0.0.0')),
		reply($m, "$good\xff", 8 => inet_aton('255.255.255.255')),
		reply($m, "\x33\x04\x00\x00\x0e\x10" . substr($good, 0, -3)),	# cut short
		reply($m, option(53, chr $type) . "\xff"),		# no server
		reply($m, option(53, chr $type) . "$id\x33\xff"),	# a length behind the end
		reply($m, option(53, chr $type) . $id . option(51, "\0\0") . "\xff"),
		reply($m, option(53, chr $type) . $id . option(51, "\0\0\0\0") . "\xff"),
		reply($m, option(53, chr $type) . $id . option(51, "\0\0\1\0") .
			option(1, "\xff\0\xff\0") . "\xff"),		# not a mask
		reply($m, "\xff"), substr(reply($m, ''), 0, 239), 'x', '');
	send($s, $_, 0, $to) for @bad;
	my $nak = option(53, "\6") . $id . "\xff";
	my $renewal = substr($m, 12, 4) ne "\0\0\0\0";
	if ($type == 5 && ($mode eq "refuse" || ($mode eq "change" && $renewal))) {
		send($s, reply($m, $nak), 0, $to);
	} elsif ($mode eq 'overload') {
		# the options are in the file's and the server's name
		send($s, reply($m, option(52, "\3") . $id . option(53, chr $type) . "\xff",
			12 => option(51, pack('N', 99)) . "\xff",
			13 => option(3, inet_aton('192.0.2.1')) . "\xff"), 0, $to);
	} else {
		send($s, reply($m, "\0\0$good\xff"), 0, $to);
	}
}
PERL

own() { # MODE
	start server.out ready perl server.pl "$1"
	server=$job
}

own late
ok "a server that is late"
is "$(donor lease 10000 show reach 198.51.100.1 sleep 2500 show reach 192.0.2.1)" \
	"192.0.2.77/32 gw 198.51.100.9 from 192.0.2.1 for 2
address 192.0.2.77 default 198.51.100.9
sent
address none
ENETUNREACH" "garbage is ignored, a message is sent again, and a lease that is over leaves nothing"
stop "$server" 2>/dev/null
own refuse
is "$(donor lease 10000 show)" "EADDRNOTAVAIL
address none" "a server that offers and refuses"
stop "$server" 2>/dev/null
own change
is "$(donor lease 10000 renew 10000 show | tail -n 2)" "EADDRNOTAVAIL
address none" \
	"a renewal that is refused takes the address away"
stop "$server" 2>/dev/null
own overload
is "$(donor lease 5000)" "192.0.2.77/24 gw 192.0.2.1 from 192.0.2.1 for 99" \
	"options in the other fields, and no mask"
done_testing
