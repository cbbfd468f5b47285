# SPDX-License-Identifier: BSD-2-Clause
"""
The nucleus in GDB: its threads, their backtraces, the log.

    gdb -x nucleus/gdb.py IMAGE -ex 'target remote :1234'

    nucleus-threads         every thread: id, state, priority, CPU time, what it waits for, where
    nucleus-bt ID           backtrace of one that does not run
    nucleus-log             the kernel's log
"""
import gdb

STATES = ("ready", "running", "sleeping", "ended")


def value(expr):
    return gdb.parse_and_eval(expr)


def threads():
    """Every struct thread, in the order of creation."""
    head = value("&threads")
    kind = gdb.lookup_type("struct thread")
    offset = next(f.bitpos // 8 for f in kind.fields() if f.name == "all_link")
    link = head["next"]
    while link != head:
        address = int(link) - offset
        yield gdb.Value(address).cast(kind.pointer()).dereference()
        link = link["next"]


def saved(thread):
    """Program counter, frame pointer and stack pointer of a thread that does not run."""
    sp = int(thread["context"]["sp"])
    words = gdb.Value(sp).cast(gdb.lookup_type("long").pointer())
    # As cpu_switch() of the CPU leaves them: places of both, and words in all.
    arm = "aarch64" in gdb.selected_inferior().architecture().name()
    pc, fp, size = (1, 0, 12) if arm else (6, 5, 7)
    return int(words[pc]), int(words[fp]), sp + size * 8


def name_of(address):
    text = gdb.execute("info symbol %#x" % (address & 0xffffffffffffffff), to_string=True)
    return text.split(" in section")[0].strip()


def callers(thread):
    """The chain of return addresses, by frame pointers."""
    pc, fp, _ = saved(thread)
    long_pointer = gdb.lookup_type("long").pointer()
    yield pc
    while fp < 0 and fp % 8 == 0:       # the kernel's half
        try:
            frame = gdb.Value(fp).cast(long_pointer)
            above, pc = int(frame[0]), int(frame[1])
        except gdb.MemoryError:
            return
        if pc == 0:
            return
        yield pc
        if above <= fp:
            return
        fp = above


class Threads(gdb.Command):
    def __init__(self):
        super().__init__("nucleus-threads", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print("%4s %-23s %-8s %5s %9s  %s" % ("id", "name", "state", "prio", "ms", "at"))
        for t in threads():
            state = STATES[int(t["state"])]
            inner = ("schedule", "sched_", "wait", "cpu_", "finish", "lock_contended")
            where = ""
            if state != "running":
                names = [name_of(pc) for pc in callers(t)]
                outer = [n for n in names if not n.startswith(inner)]
                where = (outer or names)[0]
            if int(t["blocked_on"]) != 0:
                owner = int(t["blocked_on"]["owner"]) & ~1
                kind = gdb.lookup_type("struct thread").pointer()
                where += ", mutex of thread %d" % int(gdb.Value(owner).cast(kind)["id"])
            print("%4d %-23s %-8s %2d/%2d %9d  %s" % (
                int(t["id"]), t["name"].string(), state, int(t["prio"]), int(t["base_prio"]),
                int(t["run_time"]) // 1000000, where))


class Backtrace(gdb.Command):
    def __init__(self):
        super().__init__("nucleus-bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        for t in threads():
            if int(t["id"]) == int(argument):
                for pc in callers(t):
                    print("  %#x %s" % (pc & 0xffffffffffffffff, name_of(pc)))
                return
        raise gdb.GdbError("no thread %s" % argument)


class Log(gdb.Command):
    def __init__(self):
        super().__init__("nucleus-log", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        written, ring = int(value("'log.c'::written")), value("'log.c'::buffer")
        size = ring.type.sizeof
        data = gdb.selected_inferior().read_memory(int(ring.address), size).tobytes()
        at = written % size
        text = data[:written] if written <= size else data[at:] + data[:at]
        gdb.write(text.decode("ascii", "replace"))


Threads()
Backtrace()
Log()
