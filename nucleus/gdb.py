# SPDX-License-Identifier: BSD-2-Clause
"""
The nucleus in GDB: its threads, their backtraces, the log.

    gdb -x nucleus/gdb.py IMAGE -ex 'target remote :1234'

    nucleus-threads         every thread: id, state, priority, CPU time, what it waits for, where
    nucleus-bt ID           backtrace of one that does not run
    nucleus-log             the kernel's log
    nucleus-processes       native processes: id, parent, pages, threads, name
    nucleus-pages ID        what the page tables of a process map, and with which rights
    nucleus-ipc             native threads that call, receive or wait, and for whom
"""
import gdb

STATES = ("ready", "running", "sleeping", "ended")


def value(expr):
    return gdb.parse_and_eval(expr)


def entries(head, struct, member):
    """What is in a struct list, by the address of its head."""
    kind = gdb.lookup_type("struct " + struct)
    offset = next(f.bitpos // 8 for f in kind.fields() if f.name == member)
    link = head["next"]
    while link != head:
        address = int(link) - offset
        yield gdb.Value(address).cast(kind.pointer()).dereference()
        link = link["next"]


def threads():
    """Every struct thread, in the order of creation."""
    return entries(value("&threads"), "thread", "all_link")


def processes():
    return entries(value("&processes"), "process", "all_link")


def tasks(process):
    return entries(process["tasks"].address, "task", "link")


def is_arm():
    return "aarch64" in gdb.selected_inferior().architecture().name()


def saved(thread):
    """Program counter, frame pointer and stack pointer of a thread that does not run."""
    sp = int(thread["context"]["sp"])
    words = gdb.Value(sp).cast(gdb.lookup_type("long").pointer())
    # As cpu_switch() of the CPU leaves them: places of both, and words in all.
    pc, fp, size = (1, 0, 12) if is_arm() else (6, 5, 7)
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
        mult = int(gdb.parse_and_eval("clock_state.mult"))
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
                (int(t["run_ticks"]) * mult >> 32) // 1000000, where))


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


class Processes(gdb.Command):
    def __init__(self):
        super().__init__("nucleus-processes", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print("%4s %6s %6s %7s  %s" % ("id", "parent", "pages", "threads", "name"))
        for p in processes():
            pages = int(p["vm"]["pages"]) if int(p["vm"]) != 0 else 0
            parent = int(p["parent"]["id"]) if int(p["parent"]) != 0 else 0
            print("%4d %6d %6d %7d  %s%s" % (
                int(p["id"]), parent, pages, len(list(tasks(p))), p["name"].string(),
                ", ending" if int(p["ending"]) else ""))


def find_process(argument):
    for p in processes():
        if int(p["id"]) == int(argument):
            return p
    raise gdb.GdbError("no process %s" % argument)


def rights_arm(entry):
    return "r%s%s" % ("-" if entry & 0x80 else "w", "-" if entry >> 54 & 1 else "x")


def rights_x86(entry):
    return "r%s%s" % ("w" if entry & 2 else "-", "-" if entry >> 63 & 1 else "x")


def mapped(table, level, start):
    """(address, length, physical, rights) of what a table maps, in the order of addresses."""
    arm = is_arm()
    direct = 0xffff000000000000 if arm else 0xffff800000000000
    size = 1 << 12 + 9 * (level - 1)
    data = gdb.selected_inferior().read_memory(direct + table, 4096).tobytes()
    for i in range(512 if arm or level < 4 else 256):       # of x86's top the program's half
        entry = int.from_bytes(data[i * 8:i * 8 + 8], "little")
        if not entry & 1:
            continue
        physical = entry & 0x0000fffffffff000
        if level > 1 and (entry & 2 if arm else not entry & 0x80):
            yield from mapped(physical, level - 1, start + i * size)
        else:
            yield start + i * size, size, physical, (rights_arm if arm else rights_x86)(entry)


class Pages(gdb.Command):
    def __init__(self):
        super().__init__("nucleus-pages", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        root = int(find_process(argument)["vm"]["space"]["pt"]["root"])
        run = None
        for address, size, physical, rights in mapped(root, 4, 0):
            if run and (run[0] + run[1], run[2] + run[1], run[3]) == (address, physical, rights):
                run[1] += size
                continue
            if run:
                print("  %#14x %8d KiB at %#12x %s" % (run[0], run[1] // 1024, run[2], run[3]))
            run = [address, size, physical, rights]
        if run:
            print("  %#14x %8d KiB at %#12x %s" % (run[0], run[1] // 1024, run[2], run[3]))


class Ipc(gdb.Command):
    def __init__(self):
        super().__init__("nucleus-ipc", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        whose = {}                      # name by the address of a thread's struct ipc
        for p in processes():
            for t in tasks(p):
                name = "%s (%d, thread %d)" % (p["name"].string(), int(p["id"]),
                                               int(t["thread"]["id"]))
                whose[int(t["ipc"].address)] = name
        for p in processes():
            for t in tasks(p):
                ipc = t["ipc"]
                said = [str(ipc["state"].cast(gdb.lookup_type("enum ipc_state")))[4:].lower()]
                if int(ipc["server"]) != 0:
                    said.append("served by " + whose.get(int(ipc["server"]), "?"))
                if int(ipc["caller"]) != 0:
                    said.append("serves " + whose.get(int(ipc["caller"]), "?"))
                print("%-36s %s" % (whose[int(ipc.address)], ", ".join(said)))


Threads()
Backtrace()
Log()
Processes()
Pages()
Ipc()
