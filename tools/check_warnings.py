"""Runs the commands of a compile_commands.json with -fsyntax-only, several at once, and shows what they say."""

import concurrent.futures
import json
import shlex
import subprocess
import sys


def command_of(entry):
    words = shlex.split(entry["command"])
    if words[0].endswith("ccache"):
        words = words[1:]
    at = words.index("-o")
    del words[at : at + 2]
    words.remove("-c")
    return words + ["-fsyntax-only"]


def check(entry):
    done = subprocess.run(command_of(entry), cwd=entry["directory"], capture_output=True, text=True, check=False)
    return entry["file"], done.returncode, done.stderr


def main(path, workers):
    with open(path, encoding="utf-8") as file:
        entries = [entry for entry in json.load(file) if "cmake_pch.hxx" not in entry["file"]]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for number, (name, status, said) in enumerate(pool.map(check, entries), 1):
            if status != 0 or said:
                failed += 1
                print(f"{name}\n{said}", file=sys.stderr)
            if number % 50 == 0 or number == len(entries):
                print(f"[{number}/{len(entries)}] sources read, {failed} with errors", file=sys.stderr, flush=True)
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
