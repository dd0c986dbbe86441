#!/usr/bin/env python3
"""Holds src/ to src/layers.txt: who may lean on whom, and what a pure room may not touch.

usage: check_layers.py [SRC]      prints file:line, what is wrong and what to do; exit status 1 if anything is
"""
import fnmatch
import pathlib
import re
import sys

# A pure room runs the same in a test, a fuzzer, the simulator and the server: nothing of the machine it runs on.
IMPURE_HEADERS = """
    thread mutex shared_mutex condition_variable atomic stdatomic.h future semaphore latch barrier stop_token pthread.h
    fstream iostream filesystem cstdio stdio.h fcntl.h dirent.h poll.h netdb.h unistd.h signal.h csignal ctime time.h
    sys/* net/* netinet/* arpa/* linux/* openssl/ssl.h openssl/bio.h openssl/rand.h spdlog/*
    boost/asio boost/asio.hpp boost/asio/* boost/beast.hpp boost/beast/websocket* boost/beast/core/*stream*
    boost/thread* boost/filesystem* boost/process* boost/interprocess* boost/atomic*
""".split()
IMPURE_CALLS = {
    r"\b(steady|system|high_resolution|utc|file)_clock::now\b": "asks the clock: take the time as an argument",
    r"\b(clock_gettime|gettimeofday|time\s*\(\s*(nullptr|NULL|0)\s*\))": "asks the clock: take the time as an argument",
    r"\b(secure_)?getenv\b": "reads the environment: take an option",
    r"\brandom_(device|token)\b": "makes chance: take what was drawn as an argument",
    r"\b(sleep_for|sleep_until|usleep|nanosleep)\b": "sleeps: set a deadline and return",
    r"\bthread_local\b": "knows of threads: keep state in an object",
}
# Made by the build, so it has a line but no folder.
GENERATED = {"web"}

LINE = re.compile(r"^(?P<room>[a-z][a-z0-9_]*)(?P<pure>\*?):(?P<leans_on>[a-z0-9_ ]*)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<ours>[^"]+)"|<(?P<system>[^>]+)>)')


class Room:
    def __init__(self, line, pure, leans_on):
        self.line = line
        self.pure = pure
        self.leans_on = leans_on


class Layers:
    """What layers.txt says, and everything that is wrong under `src`, as sentences in `faults`."""

    def __init__(self, src):
        self.src = pathlib.Path(src)
        self.rooms = {}
        self.faults = []
        self.edges = 0
        self.read()

    def fault(self, file, line, what, remedy):
        self.faults.append(f"{file}:{line}: {what}\n    {remedy}")

    def read(self):
        self.file = self.src / "layers.txt"
        for number, text in enumerate(self.file.read_text().splitlines(), 1):
            text = text.split("#")[0].rstrip()
            if not text:
                continue
            match = LINE.match(text)
            if not match:
                self.fault(self.file, number, f"cannot read '{text}'", "A line is 'room: rooms' or 'pure_room*: rooms'.")
            elif match["room"] in self.rooms:
                self.fault(self.file, number, f"{match['room']} has a line already", "Make one line of the two.")
            else:
                self.rooms[match["room"]] = Room(number, bool(match["pure"]), match["leans_on"].split())

    def check(self):
        self.check_names()
        self.check_cycles()
        self.check_unused()
        for name, room in self.rooms.items():
            for file in sorted((self.src / name).rglob("*")):
                if file.suffix in (".h", ".cc"):
                    self.check_file(name, room, file)
        return self.faults

    def check_names(self):
        for name, room in self.rooms.items():
            for other in room.leans_on:
                if other not in self.rooms:
                    self.fault(self.file, room.line, f"{name} leans on {other}, which has no line",
                               f"Give {other} a line, or take it away here.")
                elif room.pure and not self.rooms[other].pure and other != "base":
                    self.fault(self.file, room.line, f"{name} is pure and leans on {other}, which is not",
                               "Let the caller fetch it and pass it in.")
            if name not in GENERATED and not any((self.src / name).glob("*.cc")) and not any(
                    (self.src / name).glob("*.h")):
                self.fault(self.file, room.line, f"there is no code in {self.src / name}", "Take the line away.")
        for folder in sorted(path for path in self.src.iterdir() if path.is_dir()):
            if folder.name not in self.rooms:
                self.fault(folder, 1, "is not in layers.txt", "Give it a line that says on whom it leans.")

    def check_cycles(self):
        done = set()

        def walk(name, path):
            if name in path:
                circle = " -> ".join(path[path.index(name):] + [name])
                self.fault(self.file, self.rooms[name].line, f"a circle: {circle}",
                           "Move what both need into a room below, or let the lower one own an interface.")
            elif name in self.rooms and name not in done:
                for other in self.rooms[name].leans_on:
                    walk(other, path + [name])
                done.add(name)

        for name in self.rooms:
            walk(name, [])

    def check_unused(self):
        leaned_on = {other for room in self.rooms.values() for other in room.leans_on}
        for name, room in self.rooms.items():
            if name not in leaned_on and not (self.src / name / "main.cc").exists():
                self.fault(self.file, room.line, f"nobody leans on {name}", "Use it, or take the room away.")

    def check_file(self, name, room, file):
        is_test = file.name.endswith("_test.cc")
        for number, text in enumerate(file.read_text().splitlines(), 1):
            include = INCLUDE.match(text)
            if include and include["ours"]:
                self.check_edge(name, room, file, number, include["ours"])
            elif include and room.pure and not is_test:
                self.check_header(name, file, number, include["system"])
            elif room.pure and not is_test:
                self.check_calls(name, file, number, text.split("//")[0])

    def check_edge(self, name, room, file, number, path):
        other = path.split("/")[0]
        if "/" not in path:
            self.fault(file, number, f'"{path}" has no room', f'Write "{name}/{path}": includes start at src/.')
        elif other not in self.rooms:
            self.fault(file, number, f'"{path}": there is no room {other}',
                       "Write <...> for a library's header; for one of ours see layers.txt.")
        elif other != name and other not in room.leans_on:
            self.fault(file, number, f"{name} may not lean on {other}", self.advice(name, other))
        elif other not in GENERATED and not (self.src / path).exists():
            self.fault(file, number, f'"{path}" does not exist', "Mend the name.")
        self.edges += other != name

    def advice(self, name, other):
        reaches_back = name in self.reach(other)
        if reaches_back:
            return f"{other} already leans on {name}: let {name} own an interface that {other} fulfils."
        return f"Pass in what it needs; or add {other} to {name}'s line in layers.txt, with an ADR that says why."

    def reach(self, name):
        seen, queue = set(), [name]
        while queue:
            for other in self.rooms[queue.pop()].leans_on:
                if other in self.rooms and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return seen

    def check_header(self, name, file, number, header):
        if any(fnmatch.fnmatchcase(header, pattern) for pattern in IMPURE_HEADERS):
            self.fault(file, number, f"{name} is pure and includes <{header}>",
                       "Threads, files, sockets and clocks live in net/ and server/: take what you need as an argument.")

    def check_calls(self, name, file, number, code):
        for pattern, why in IMPURE_CALLS.items():
            if re.search(pattern, code):
                self.fault(file, number, f"{name} is pure and {why}", "The caller of the room has it at hand.")


def main():
    src = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "src"
    src = pathlib.Path(src)
    layers = Layers(src.relative_to(pathlib.Path.cwd()) if src.is_relative_to(pathlib.Path.cwd()) else src)
    faults = layers.check()
    for fault in faults:
        print(fault)
    if faults:
        print(f"\n{len(faults)} against src/layers.txt")
        return 1
    print(f"{len(layers.rooms)} rooms, {layers.edges} includes between them, all as src/layers.txt says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
