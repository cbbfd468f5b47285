#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nginx with worker processes: sendfile, ranges, kept connections, many at once, a log, a reload by
# signal while a transfer is on the way.

# shellcheck source=tests/apps/lib.sh
. "$(dirname "$0")/lib.sh"
have curl || skip_all "curl is missing (Debian package curl)"
free_port

mkdir -p files/srv files/etc/nginx/sites-enabled
cat >files/etc/nginx/sites-enabled/site <<'END'
server {
	listen 80;
	root /srv;
	location /zip/ { alias /srv/; gzip on; gzip_types text/plain; default_type text/plain; }
	location = /version { return 200 "one\n"; }
}
END
sed 's/one/two/' files/etc/nginx/sites-enabled/site >files/etc/nginx/site2
sed 's/worker_processes .*/worker_processes 2;/' "$TREE/etc/nginx/nginx.conf" \
	>files/etc/nginx/nginx.conf
(
	cd files/srv || exit 1
	head -c 20000000 /dev/urandom >big
	seq 1 20000 >text
	echo small >small
)
disk_put files

get() { # PATH [CURL-OPTION...]
	local path=$1
	shift
	curl -sS --max-time 60 "$@" "http://127.0.0.1:$port$path"
}
answers() {
	[ "$(get /version)" = "${1:-one}" ]
}

start --mem=64M --publish="$port:80" /bin/sh
type_in nginx
within 60 answers
ok "it answers" || sed 's/^/# /' out
: >out
type_in 'for f in /proc/[0-9]*/comm; do read -r name <$f; echo $name; done |
	busybox grep -c nginx; echo counted'
within 20 says counted
is "$(tr -d '\r' <out | head -n 1)" 3 "a master and two workers"

is "$(get /big | sha256sum)" "$(sha256sum <files/srv/big)" "20 MB, every byte"
is "$(get /small -o /dev/null -w '%{http_code} %{size_download}')" "200 6" "a small file"
is "$(get /none -o /dev/null -w '%{http_code}')" 404 "a file that is not there"
is "$(get /../../etc/passwd --path-as-is -o /dev/null -w '%{http_code}')" 400 "a way out"
is "$(get /big -r 10000000-10999999 | sha256sum)" \
	"$(tail -c +10000001 files/srv/big | head -c 1000000 | sha256sum)" "a range"
is "$(get /big -r -5 | xxd -p)" "$(tail -c 5 files/srv/big | xxd -p)" "the last bytes"
is "$(get /zip/text --compressed | sha256sum)" "$(sha256sum <files/srv/text)" "compressed"
is "$(get '/small?[1-200]' -w '%{num_connects}\n' | grep -c '^1$')" 1 "200 requests, one connection"
is "$(seq 300 | xargs -P 30 -I{} curl -sS --max-time 60 "http://127.0.0.1:$port/small?{}" |
	grep -c small)" 300 "300 connections, 30 at a time"
# shellcheck disable=SC2016 # xargs' shell
is "$(seq 8 | xargs -P 8 -I{} sh -c 'curl -sS --max-time 90 "$0" | sha256sum' \
	"http://127.0.0.1:$port/big?{}" | sort -u)" "$(sha256sum <files/srv/big)" "eight big ones at once"

# a reload: old workers finish what they do, new ones do as the new configuration says
mkfifo slow
get /big --max-time 120 >slow &
slow=$!
exec 4<slow # nobody reads yet
head -c 1 <&4 >slow.got
type_in 'busybox mv /etc/nginx/site2 /etc/nginx/sites-enabled/site; nginx -s reload'
within 30 answers two
ok "a reload by a signal"
kill -0 $slow
ok "while a transfer is on the way"
cat <&4 >>slow.got
wait $slow
cmp -s slow.got files/srv/big
ok "which comes to its end"
: >out
type_in 'nginx -s quit; while [ -e /run/nginx.pid ]; do :; done; exit 5'
stop
is "$?" 5 "it ends when it is told to" || sed 's/^/# /' out

disk_get /var/log/nginx/access.log access.log
is "$(grep -c '"GET /small?' access.log)" 500 "the log on the disk has every request"
disk_get /var/log/nginx/error.log error.log
is "$(grep -c -e emerg -e alert -e crit error.log)" 0 "and nothing went wrong" ||
	sed 's/^/# /' error.log
disk_is_clean "e2fsck finds the disk clean"
done_testing
