#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# sqlite3: tables, transactions, write-ahead log, several processes and their locks, and what is
# left when the machine is switched off. The host's run of the same commands is the reference.

# shellcheck source=tests/apps/lib.sh
. "$(dirname "$0")/lib.sh"

cat >work.sql <<'END'
PRAGMA journal_mode = DELETE;
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL, data BLOB);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
	INSERT INTO t SELECT i, printf('name %05d', i * 7919 % 10000), i / 8.0, zeroblob(i % 40) FROM n;
COMMIT;
CREATE INDEX byname ON t (name);
SELECT count(*), sum(value), min(name), max(name), sum(length(data)) FROM t;
BEGIN;
DELETE FROM t WHERE id % 2;
SELECT count(*) FROM t;
ROLLBACK;
SELECT count(*) FROM t;
UPDATE t SET value = value + 1 WHERE name BETWEEN 'name 01000' AND 'name 01999';
INSERT INTO t VALUES (5, 'twice', 0, NULL);
SELECT a.id, b.id, a.name FROM t a JOIN t b ON a.name = b.name WHERE a.id % 1000 = 1 ORDER BY 1;
PRAGMA journal_mode = WAL;
CREATE TABLE log (n INTEGER);
INSERT INTO log VALUES (1);
INSERT INTO log VALUES (2);
PRAGMA wal_checkpoint(TRUNCATE);
SELECT hex(randomblob(8)) != hex(randomblob(8)), (SELECT count(*) FROM log);
PRAGMA integrity_check;
END
here sqlite3 host.db <work.sql >wanted 2>&1
run /usr/bin/sqlite3 /root/t.db <work.sql >got 2>errors
is "$?" 1 "a session with one command that fails"
is "$(cat got errors)" "$(cat wanted)" "says what it says on the host"
[ "$(grep -c . wanted)" -gt 18 ]
ok "and that is something"
disk_get /root/t.db t.db
ok "the database is on the disk"
sum='SELECT count(*), sum(value), sum(id), sum(length(data)) FROM t; PRAGMA integrity_check;'
is "$(here sqlite3 t.db "$sum")" "$(here sqlite3 host.db "$sum")" "the host reads it"

# Several writers: each transaction reads and writes, so that a lock that is none loses some.
mkdir -p files/root
cat >files/root/writers.sh <<'END'
sqlite3 /root/c.db 'PRAGMA journal_mode = WAL; CREATE TABLE c (n); INSERT INTO c VALUES (0)'
writer() {
	i=0
	while [ $i -lt 10 ]; do
		i=$((i + 1))
		echo 'BEGIN IMMEDIATE; UPDATE c SET n = n + 1; COMMIT;'
	done | sqlite3 -cmd '.timeout 60000' /root/c.db || echo failed
}
for w in 1 2 3 4; do writer & done
wait
sqlite3 /root/c.db 'SELECT n FROM c; PRAGMA integrity_check'
END
disk_put files
is "$(run /bin/sh /root/writers.sh </dev/null 2>&1 | tr '\n' ' ')" "wal 40 ok " \
	"four writers lose nothing"

# Power goes while transactions are written: what was said to be committed is there, if the
# removal of the journal is synced as well (EXTRA).
start /usr/bin/sqlite3 /root/p.db
type_in 'PRAGMA synchronous = EXTRA; CREATE TABLE p (n INTEGER PRIMARY KEY, x);'
for i in $(seq 400); do
	type_in "INSERT INTO p VALUES ($i, zeroblob(3000)); SELECT 'done $i';"
done
within 60 says "done 100"
ok "transactions are committed"
power_off
last=$(tr -d '\r' <out | sed -n 's/^done //p' | tail -n 1)
cat >after.sql <<'END'
PRAGMA integrity_check;
SELECT max(n) = count(*), max(n) FROM p;
END
out=$(run /usr/bin/sqlite3 /root/p.db <after.sql 2>&1 | tr '\n|' '  ')
read -r sound dense kept <<<"$out"
is "$sound $dense" "ok 1" "the database is sound after the power went"
[ "${kept:-0}" -ge "${last:-999}" ]
ok "and has all that was committed" || echo "# $out; the last that was told: $last"
disk_is_clean "e2fsck finds the disk clean after all of it"
done_testing
