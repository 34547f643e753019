#!/usr/bin/env python3
"""Checks programs that must not compile: the first error of each has to hold the sentence of its first line, with every
compiler; lines "// also: dynasio: …" name sentences of other errors, in any order. With DYNASIO_CONTROL, which leaves
the mistake out, it must compile, so that no case fails for another reason.

Reading the library takes a compiler longer than a case does. So all cases are first compiled together, each in a
namespace of its own with the models that it includes, and an error is the case's whose file its message names. A case
of which this does not show the sentence, as its first error, is compiled alone, and that decides.

What the prelude reads is there for every case, and what one case includes for those that are compiled together with it.
So a case that does not include a header that it needs is not found here. Compiling each alone and without the prelude
would find it, and take as long as before cases were compiled together.

usage: check.py --include DIR --prelude DIR --compiler PROGRAM [--compiler PROGRAM…] CASE…
       (see precompile.cmake for the prelude)
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

LOCATION = re.compile(r"^(?:In file included from |\s+from )?(?P<file>[^\s:][^:]*):\d+(?::\d+)?[:,]")
OF_LIBRARY = re.compile(r"^(inline )?namespace \w|^template <.*> (struct|class|inline|constexpr).* dynasio::",
                        re.MULTILINE)
ERROR = re.compile(r"^[^\s:][^:]*:\d+:\d+: (?:fatal )?error: ")


class Case:
    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()
        text = self.path.read_text()
        first = text.split("\n", 1)[0]
        if not first.startswith("// expect: dynasio: "):
            sys.exit(f"{self.path} does not say what to expect")
        self.sentence = first.removeprefix("// expect: ")
        others = (line for line in text.splitlines() if line.startswith("// also: dynasio: "))
        self.others = [line.removeprefix("// also: ") for line in others]
        self.includes = [line for line in text.splitlines() if line.startswith("#include")]
        # What opens or names the library's namespace cannot stand in another one.
        self.fits_namespace = not self.others and not OF_LIBRARY.search(text)


class Compiler:
    def __init__(self, program, arguments):
        self.program = program
        name = pathlib.Path(program).name
        self.command = [program, "-std=c++20", "-fsyntax-only", "-I", arguments.include,
                        "-include", f"{arguments.prelude}/{name}/prelude.hpp", "-ftemplate-backtrace-limit=0"]
        if "clang" in name:
            self.command.append("-ferror-limit=0")

    def run(self, source, *more):
        done = subprocess.run([*self.command, *more, str(source)], capture_output=True, text=True, errors="replace")
        return done.returncode == 0, done.stderr


def groups(messages):
    """The errors, each with the lines before it that say how the compiler got there, and with those behind it."""
    before, found = [], []
    for line in messages.splitlines():
        if ERROR.match(line):
            found.append((before, line, []))
            before = []
        elif found and not leads_to_error(line):
            found[-1][2].append(line)
            before = []
        else:
            before.append(line)
    return found


def leads_to_error(line):
    """Whether g++ writes such a line before the error that it is about."""
    return bool(re.search(r"^(In file included from |\s+from )|"
                          r": (In (instantiation|substitution|function|member function|static member function|"
                          r"constructor|lambda function)|At global scope)|"
                          r":\s+(recursively )?required (from|by) |:\s+in .constexpr. expansion of ", line))


def case_in(lines, by_file):
    for line in lines:
        at = LOCATION.match(line)
        if at and at["file"] in by_file:
            return by_file[at["file"]]
    return None


def first_errors(messages, cases):
    """The first error of each case that has one."""
    by_file = {str(case.path): case for case in cases}
    first, last_context = {}, []
    for before, error, behind in groups(messages):
        # g++ says how it got to an error once for all errors that follow from there.
        context = before or last_context
        last_context = context
        # The innermost line that names a case comes last with g++, and after the error with clang.
        case = case_in([error], by_file) or case_in(reversed(context), by_file) or case_in(behind, by_file)
        if case is not None:
            first.setdefault(case, error)
    return first


def together(cases, directory):
    """A source that includes what they include, and then each of them."""
    source = directory / "cases.cpp"
    lines = list(dict.fromkeys(line for case in cases for line in case.includes if "<" in line))
    # model.hpp is shared, so that what follows from its entities is worked out once. The others lack what their cases
    # declare.
    lines.append(f'#include "{cases[0].path.parent}/model.hpp"')
    models = sorted(cases[0].path.parent.glob("*_model.hpp"))
    of_models = (line for model in models for line in model.read_text().splitlines())
    lines += dict.fromkeys(line for line in of_models if line.startswith("#include <"))
    guards = [re.search(r"#ifndef (\w+)", model.read_text())[1] for model in models]
    for number, case in enumerate(cases):
        lines += [f"#undef {guard}" for guard in guards]
        lines += [f"namespace case_{number} {{", f'#include "{case.path}"', "}"]
    source.write_text("\n".join(lines) + "\n")
    return source


def check_alone(case, compiler):
    compiles, messages = compiler.run(case.path)
    if compiles:
        return f"{compiler.program}: the case compiles, expected: {case.sentence}"
    error = next((line for line in messages.splitlines() if "error:" in line), "")
    if case.sentence not in error:
        return f"{compiler.program}: expected: {case.sentence}\nfirst error: {error}"
    for other in case.others:
        if f": {other}" not in messages:
            return f"{compiler.program}: expected among the errors: {other}\n{messages}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--prelude", required=True)
    parser.add_argument("--compiler", action="append", required=True)
    parser.add_argument("cases", nargs="+")
    arguments = parser.parse_args()
    compilers = [Compiler(program, arguments) for program in arguments.compiler]
    cases = [Case(path) for path in arguments.cases]
    for directory in {case.path.parent for case in cases}:
        # Without it no group compiles, and all cases would be compiled alone, which nobody would notice.
        if not (directory / "model.hpp").is_file():
            sys.exit(f"{directory} has no model.hpp, which cases that are compiled together share")
    failures = {}
    alone = 0
    grouped = [case for case in cases if case.fits_namespace]
    with tempfile.TemporaryDirectory() as directory:
        source = together(grouped, pathlib.Path(directory)) if grouped else None
        # One compiler is enough to show that a case without its mistake compiles.
        last = compilers[-1]
        compiles_together = not grouped or last.run(source, "-DDYNASIO_CONTROL")[0]
        for case in cases:
            if compiles_together and case.fits_namespace:
                continue
            alone += 1
            compiles, messages = last.run(case.path, "-DDYNASIO_CONTROL")
            if not compiles:
                failures.setdefault(case, []).append(
                    f"{last.program}: without its mistake the case must compile\n{messages}")
        for compiler in compilers:
            first = first_errors(compiler.run(source)[1], grouped) if grouped else {}
            for case in cases:
                if case.sentence in first.get(case, ""):
                    continue
                alone += 1
                if failed := check_alone(case, compiler):
                    failures.setdefault(case, []).append(failed)
    for case in cases:
        print(f"{case.path.stem}: " + ("\n".join(failures[case]) if case in failures else "refused as expected"))
    print(f"{len(cases)} cases, {alone} compilations of one alone")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
