#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# redis-server, its log and snapshots on the disk; redis-benchmark from the host and from beside
# it; fork for a snapshot while clients write; the data after another boot.

# shellcheck source=tests/apps/lib.sh
. "$(dirname "$0")/lib.sh"
free_port
mkdir -p files/var/lib/redis
disk_put files

cli() {
	here redis-cli -p "$port" "$@"
}
pong() {
	[ "$(cli ping)" = PONG ]
}
serve() {
	start --mem=128M --publish="$port:6379" /bin/sh
	type_in "redis-server --dir /var/lib/redis --protected-mode no --enable-debug-command yes \
		--appendonly yes --save '' &"
	within 60 pong
}

serve
ok "the server answers" || sed 's/^/# /' out
is "$(cli set name 'a value' && cli get name)" "OK
a value" "a value goes in and out"
is "$(cli eval 'local s = 0 for i = 1, 100000 do s = s + i end return s' 0)" 5000050000 "a script"
is "$(printf 'MULTI\nINCR n\nINCR n\nEXEC\n' | cli | tail -n 2 | tr '\n' ' ')" "1 2 " \
	"a transaction"

# redis-benchmark: requests a second for each test; all must be there
bench() { # NAME WHERE...: a command that runs it
	local name=$1
	shift
	"$@" >bench.csv 2>bench.err
	is "$(awk -F'"' 'NR > 1 && $4 > 0 { print $2 }' bench.csv | tr '\n' ' ')" \
		"PING_MBULK SET GET INCR LPUSH " "$name" || sed 's/^/# /' bench.csv bench.err
	awk -F'"' 'NR > 1 { printf "# %-12s %8d requests/s\n", $2, $4 }' bench.csv
}
options='-c 20 -q --csv -t ping_mbulk,set,get,incr,lpush -d 64 -r 1000'
# shellcheck disable=SC2086 # a list
bench "20 connections from the host" here redis-benchmark -p "$port" -n 2000 -P 1 $options
# shellcheck disable=SC2086
bench "with 16 requests on the way" here redis-benchmark -p "$port" -n 10000 -P 16 $options
beside() {
	: >out
	type_in "redis-benchmark -n 3000 -P $1 $options; echo the'' end"
	within 90 says "the end" && tr -d '\r' <out | grep '^"'
}
bench "20 connections from beside it" beside 1
bench "and with 16 requests on the way" beside 16

# a snapshot: the child has the memory as it was at the fork
cli eval 'for i = 1, 20000 do redis.call("set", "key:" .. i, ("x"):rep(200)) end' 0 >/dev/null
cli set marker before >/dev/null
is "$(cli bgsave)" "Background saving started" "a snapshot is begun"
cli set marker after >/dev/null
here redis-benchmark -p "$port" -n 3000 -c 5 -P 8 -q -t set -d 200 -r 20000 >/dev/null
saved() {
	cli info persistence | tr -d '\r' | grep -q rdb_bgsave_in_progress:0
}
within 30 saved
ok "while others write"
is "$(cli info persistence | tr -d '\r' | grep rdb_last_bgsave_status)" rdb_last_bgsave_status:ok \
	"it is written"
like "$(cli info stats | tr -d '\r')" "total_forks:1" "by a child"
cli set last word >/dev/null
size=$(cli dbsize)
list=$(cli llen mylist)
sum=$(cli debug digest)
cli shutdown nosave
type_in "exit 3"
stop
is "$?" 3 "the server ends when it is told to" || sed "s|^|# |" out

disk_get /var/lib/redis/dump.rdb dump.rdb
ok "the snapshot is on the disk"
is "$(here redis-check-rdb dump.rdb 2>&1 | grep -c 'RDB looks OK')" 1 "the host finds it sound"
like "$(strings -n 5 dump.rdb)" "before" "it is of the time of the fork"

serve
ok "the server starts again"
is "$(cli dbsize) $(cli llen mylist)" "$size $list" "with all keys"
is "$(cli debug digest)" "$sum" "and all values"
is "$(cli get last)" word "up to the last one"
# no shutdown: the log is what counts
cli config set appendfsync always >/dev/null
is "$(cli set power off)" OK "a value, with the log written at once"
power_off
serve
is "$(cli get power) $(cli get last)" "off word" "is there after the power went"
cli shutdown
type_in "exit"
stop
is "$?" 0 "the end"
disk_is_clean "e2fsck finds the disk clean"
done_testing
