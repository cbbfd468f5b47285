#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# lua5.4: its libraries, errors, memory and exit status. The host's output is the reference.

# shellcheck source=tests/apps/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p files/root
cat >files/root/work.lua <<'END'
-- strings
print(("hello"):rep(3, ","), ("%q %5.2f %x"):format("a\nb", math.pi, 255))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("abc"):gsub("%w", "%0%0"))
print(string.pack("<i4z", 7, "x"):byte(1, -1))
print(utf8.char(228, 8364, 128512), utf8.len("äö"), #"äö")
-- numbers
print(math.maxinteger + 1 == math.mininteger, 7 // 2, -7 % 3, 2 ^ 53, 1e308 * 10, -(0 / 0) ~= 0)
-- tables and closures
local t = {}
for i = 1, 100000 do t[i] = (i * 7919) % 100003 end
table.sort(t)
print(t[1], t[50000], t[100000], select("#", table.unpack(t, 1, 200)))
-- coroutines
local function generate(n)
	return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
end
local sum = 0
for i in generate(100000) do sum = sum + i end
print(sum, coroutine.isyieldable())
-- errors
print(pcall(error, { code = 7 }) == false, pcall(function() return nil + 1 end))
print(select(2, pcall(string.rep, "x", 1 << 40)))
print(xpcall(function() error("deep", 2) end, function(m) return "handled: " .. m end))
local function deep(n) return 1 + deep(n + 1) end
print((select(2, pcall(deep, 1)):match("stack overflow")))
-- files
local dir = arg[1]
local name = dir .. "/lua.data"
local f = assert(io.open(name, "wb"))
for i = 1, 20000 do f:write(("line %d\n"):format(i)) end
print(f:seek("cur"), f:seek("set", 5), f:seek("end"))
f:close()
local n, bytes = 0, 0
for line in io.lines(name) do n = n + 1; bytes = bytes + #line end
print(n, bytes)
assert(os.rename(name, name .. ".2"))
print(io.open(name), os.remove(name .. ".2"))
print(pcall(io.lines, dir .. "/none"))
-- the system
print(os.getenv("HOME") ~= nil, os.getenv("NONE"), type(os.time()))
print(os.date("!%Y-%m-%d", 86400 * 365))
local p = io.popen("echo from a pipe; exit 3")
print(p:read("a"), p:close())
p = io.popen("read -r x; echo $x >" .. dir .. "/piped", "w")
p:write(("y"):rep(200000), "\n")
print(p:close())
print(#io.open(dir .. "/piped"):read("a"))
print(os.execute("kill -TERM $$"))
print(os.execute("exit 9"))
-- memory
for round = 1, 5 do
	local keep = {}
	for i = 1, 20000 do keep[i] = { i, tostring(i), function() return i end } end
end
collectgarbage()
print(collectgarbage("count") < 8000)
os.exit(42, true)
END
echo 'local function f() error("oops") end print(1) f()' >files/root/bad.lua
disk_put files
mkdir host
HOME=/root here lua5.4 files/root/work.lua host >wanted 2>&1
run /usr/bin/lua5.4 /root/work.lua /root >got 2>&1 </dev/null
is "$?" 42 "a script's exit status"
is "$(sed 's|/root/|DIR/|g' got)" "$(sed 's|files/root/|DIR/|g; s|host/|DIR/|g' wanted)" \
	"a script that uses every library says what it says on the host"

exits 1 "an error that nobody handles" run /usr/bin/lua5.4 /root/bad.lua </dev/null
like "$out" "oops" "is told"
like "$out" "stack traceback:" "with a traceback"

out=$(printf 'x = 6\n= x * 7\nfor i=1,3 do io.write(i, " ") end print()\n' |
	run /usr/bin/lua5.4 -i 2>&1 | tr -d '\r')
like "$out" "42" "a session on standard input"
like "$out" "1 2 3" "of several lines"
disk_is_clean "e2fsck finds the disk clean"
done_testing
