#!/usr/bin/env python3
"""Writes files.h and files.cc: the files of some folders as data of a C++ program.

usage: embed.py OUT PATH=FOLDER...     each file of FOLDER is served below PATH; index.html as PATH itself
"""
import hashlib
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",  # LICENSE
}

HEADER = """#pragma once

#include <span>
#include <string_view>

namespace mqttio::web {

/// A file of web/, as it is served.
struct File {
  std::string_view path;
  std::string_view content_type;
  std::string_view etag;
  std::string_view content;
};

std::span<const File> files();

}  // namespace mqttio::web
"""


def served_files(pairs):
    for pair in pairs:
        base, folder = pair.split("=", 1)
        folder = pathlib.Path(folder)
        for file in sorted(folder.rglob("*")):
            if file.suffix not in TYPES or file.name.startswith(".") or not file.is_file():
                continue
            path = f"{base}/{file.relative_to(folder).as_posix()}"
            yield path.removesuffix("/index.html"), file


def served_content(file):
    """What the file holds, without a pointer to a map that is not there."""
    content = file.read_bytes()
    pointer = re.search(rb"\n//# sourceMappingURL=(\S+)\s*$", content)
    if pointer and not (file.parent / pointer[1].decode()).exists():
        content = content[:pointer.start() + 1]
    return content


def literal(content):
    lines = [content[i:i + 32] for i in range(0, len(content), 32)]
    return "\n".join('    "' + "".join(f"\\{byte:03o}" for byte in line) + '"' for line in lines) or '    ""'


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    arrays, rows = [], []
    for path, file in served_files(sys.argv[2:]):
        content = served_content(file)
        name = f"kFile{len(arrays)}"
        arrays.append(f"constexpr char {name}[] =\n{literal(content)};\n")
        etag = hashlib.sha256(content).hexdigest()[:16]
        rows.append(f'    {{"{path}", "{TYPES[file.suffix]}", "\\"{etag}\\"", {{{name}, {len(content)}}}}},\n')
    (out / "files.h").write_text(HEADER)
    table = "".join(rows)
    (out / "files.cc").write_text(
        '#include "web/files.h"\n\nnamespace mqttio::web {\nnamespace {\n\n' + "\n".join(arrays) +
        (f"\nconstexpr File kFiles[] = {{\n{table}}};\n" if rows else "") + "\n}  // namespace\n\n" +
        "std::span<const File> files() { return " + ("kFiles" if rows else "{}") + "; }\n\n}  // namespace mqttio::web\n")


if __name__ == "__main__":
    main()
