#!/usr/bin/env python3
"""Plants faults in a small house and sees check_layers.py find each, and only those."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent / "check_layers.py"

LAYERS = """# a small house
base:
wire*:   base
net:     base
web:
server:  base wire net web
"""
HOUSE = {
    "layers.txt": LAYERS,
    "base/bytes.h": "#pragma once\n#include <atomic>\n",
    "wire/frame.h": '#pragma once\n#include <chrono>\n#include "base/bytes.h"\n',
    "wire/frame.cc": '#include "wire/frame.h"\n// steady_clock::now() is for others; getenv too\n',
    "wire/frame_test.cc": '#include <gtest/gtest.h>\n#include <fstream>\n#include "wire/frame.h"\n',
    "net/loop.h": '#pragma once\n#include <thread>\n#include "base/bytes.h"\n',
    "server/main.cc": '#include "net/loop.h"\n#include "web/files.h"\n#include "wire/frame.h"\n',
}


class CheckLayers(unittest.TestCase):
    def check(self, changes):
        """Output and exit status for the house with `changes`: new text of a file, or None for a file less."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**HOUSE, **changes}.items():
                if text is None:
                    continue
                file = pathlib.Path(folder) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            run = subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True)
            self.assertEqual(run.stderr, "")
            return run.stdout, run.returncode

    def finds(self, changes, *words):
        """The house with `changes` has exactly one fault, told in `words`."""
        out, status = self.check(changes)
        self.assertEqual(status, 1, out)
        for word in words:
            self.assertIn(word, out)
        self.assertIn("\n1 against", out)

    def test_a_clean_house_passes(self):
        out, status = self.check({})
        self.assertEqual(status, 0, out)
        self.assertIn("5 rooms, 5 includes", out)

    def test_an_edge_that_is_not_in_the_file(self):
        self.finds({"net/loop.h": '#include "wire/frame.h"\n'}, "net/loop.h:1: net may not lean on wire", "ADR")

    def test_an_edge_upwards_asks_for_an_interface(self):
        self.finds({"wire/frame.cc": '\n#include "server/main.cc"\n'}, "wire/frame.cc:2: wire may not lean on server",
                   "own an interface")

    def test_an_edge_of_a_test(self):
        self.finds({"wire/frame_test.cc": '#include "net/loop.h"\n'}, "frame_test.cc:1: wire may not lean on net")

    def test_an_edge_in_a_folder_below_the_room(self):
        self.finds({"wire/v5/frame.h": '#include "net/loop.h"\n'}, "v5/frame.h:1: wire may not lean on net")

    def test_an_edge_that_reaches_further_than_one_step(self):
        layers = LAYERS.replace("server:  base wire net web", "server:  wire net web")
        self.finds({"layers.txt": layers, "server/main.cc": '#include "base/bytes.h"\n'}, "server may not lean on base")

    def test_an_include_without_a_room(self):
        self.finds({"wire/frame.cc": '#include "frame.h"\n'}, 'frame.cc:1: "frame.h" has no room', '"wire/frame.h"')

    def test_an_include_of_a_stranger_in_quotes(self):
        self.finds({"net/loop.h": '#include "boost/asio.hpp"\n'}, "there is no room boost")

    def test_an_include_of_nothing(self):
        self.finds({"net/loop.h": '#include "base/gone.h"\n'}, '"base/gone.h" does not exist')

    def test_a_pure_room_with_the_machine_in_it(self):
        for header in ("thread", "mutex", "atomic", "fstream", "unistd.h", "sys/socket.h", "netinet/in.h",
                       "boost/asio/ip/tcp.hpp", "boost/asio.hpp", "boost/beast/websocket.hpp"):
            with self.subTest(header):
                self.finds({"wire/frame.cc": f"#include <{header}>\n"}, f"frame.cc:1: wire is pure and includes <{header}>")

    def test_a_pure_room_that_asks_the_machine(self):
        calls = {
            "auto now = std::chrono::steady_clock::now();": "asks the clock",
            "auto now = std::time(nullptr);": "asks the clock",
            'auto home = std::getenv("HOME");': "reads the environment",
            "std::random_device chance;": "makes chance",
            "std::this_thread::sleep_for(1s);": "sleeps",
            "thread_local int count;": "knows of threads",
        }
        for code, words in calls.items():
            with self.subTest(code):
                self.finds({"wire/frame.cc": f"\n{code}\n"}, "frame.cc:2: wire is pure and " + words)

    def test_a_pure_room_on_an_impure_one(self):
        self.finds({"layers.txt": LAYERS.replace("wire*:   base", "wire*:   base net")}, "layers.txt:3: wire is pure and")

    def test_a_circle(self):
        self.finds({"layers.txt": LAYERS.replace("base:\n", "base: net\n")}, "a circle: base -> net -> base")

    def test_a_room_without_a_line(self):
        self.finds({"store/log.h": ""}, "store:1: is not in layers.txt")

    def test_a_line_without_a_room(self):
        layers = LAYERS.replace("net web", "net web store") + "store: base\n"
        self.finds({"layers.txt": layers}, "layers.txt:7: there is no code in")

    def test_a_room_that_nobody_needs(self):
        self.finds({"layers.txt": LAYERS + "store: base\n", "store/log.h": ""}, "layers.txt:7: nobody leans on store")

    def test_a_name_without_a_line(self):
        self.finds({"layers.txt": LAYERS.replace("net web", "net web stroe")}, "server leans on stroe, which has no line")

    def test_a_line_that_means_nothing(self):
        self.finds({"layers.txt": LAYERS + "store -> base\n"}, "layers.txt:7: cannot read 'store -> base'")

    def test_two_lines_for_one_room(self):
        self.finds({"layers.txt": LAYERS + "net: base\n"}, "layers.txt:7: net has a line already")


if __name__ == "__main__":
    unittest.main()
