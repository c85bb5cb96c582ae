# SPDX-License-Identifier: GPL-3.0-or-later
"""Launches a CUDA candidate of ours from Python (CuPy), so that other timers can time the very same kernel.

Reads the `//@` lines of a .cu file, evaluates grid, block, shared memory and arguments for one workload of its
task, and compiles with NVRTC for the device. For the comparisons under tests/perf only.
"""
import json
import pathlib
import re

import cupy
import numpy

DTYPES = {"float32": numpy.float32, "float64": numpy.float64, "float16": numpy.float16, "int32": numpy.int32,
          "int8": numpy.int8, "bfloat16": numpy.uint16}
FUNCTIONS = {"ceil_div": lambda a, b: -(-a // b), "round_up": lambda a, b: -(-a // b) * b, "min": min, "max": max}


def value(expression, names):
    """An integer expression of the plan language: Python's operators mean the same on positive numbers."""
    python = re.sub(r"(?<![/])/(?![/])", "//", expression).replace("&&", " and ").replace("||", " or ")
    return int(eval(python, {"__builtins__": {}}, {**FUNCTIONS, **names}))  # our own files only


def split(text):
    """Splits at commas outside parentheses."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += character
    return parts + [current.strip()] if current.strip() else parts


def group(line, word):
    """What stands in the parentheses behind `word`, or None."""
    start = re.search(rf"\b{word}\s*\(", line)
    if not start:
        return None
    depth, at = 1, start.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(line[at], 0)
        at += 1
    return line[start.end():at - 1]


class Bound:
    """A candidate on one workload, ready to launch on CuPy's current stream."""

    def __init__(self, task_folder, source_path, workload, parameters=None, seed=1):
        task = json.loads((pathlib.Path(task_folder) / "task.json").read_text())
        source = pathlib.Path(source_path).read_text()
        entry = next(each for each in task["workloads"] if each["name"] == workload)
        lines = [line.split("//@", 1)[1].split("//")[0].strip() for line in source.splitlines() if "//@" in line]
        self.names = {name: axis["value"] for name, axis in task["axes"].items() if axis["type"] == "const"}
        self.names.update(entry["axes"])
        tunables = {}
        for line in lines:
            if line.startswith("tune "):
                name, values = line[5:].split("=")
                tunables[name.strip()] = int(values.split(",")[0])
        tunables.update(parameters or {})
        self.names.update(tunables)
        self.buffers = self.make_buffers(task, lines, seed)
        self.scalars = {name: DTYPES[spec["dtype"]](entry.get("scalars", {}).get(name, 0))
                        for name, spec in task["inputs"].items() if spec["shape"] is None}
        options = tuple(f"-D{name}={number}" for name, number in tunables.items()) + ("--std=c++17",)
        module = cupy.RawModule(code=source, options=options, backend="nvrtc")
        self.launches = [self.prepare(module, line[7:]) for line in lines if line.startswith("launch ")]

    def make_buffers(self, task, lines, seed):
        random = cupy.random.default_rng(seed)
        buffers = {}
        tensors = [*task["inputs"].items(), *task["outputs"].items()]
        for name, spec in tensors:
            if spec["shape"] is None:
                continue
            shape = [value(str(dimension), self.names) for dimension in spec["shape"]]
            if spec["dtype"] in ("float32", "float64"):
                buffers[name] = random.standard_normal(shape).astype(DTYPES[spec["dtype"]])
            else:
                buffers[name] = cupy.zeros(shape, DTYPES[spec["dtype"]])
        for line in lines:
            scratch = re.match(r"scratch (\w+)\s*:\s*(\w+)\[(.*)\]", line)
            if scratch:
                shape = [value(each, self.names) for each in split(scratch[3])]
                buffers[scratch[1]] = cupy.zeros(shape, DTYPES[scratch[2]])
        return buffers

    def prepare(self, module, line):
        kernel = module.get_function(line.split("(")[0].split()[0])
        dimensions = [tuple(value(each, self.names) for each in split(group(line, word))) for word in ("grid", "block")]
        shared = group(line, "shared")
        shared_bytes = value(shared, self.names) if shared else 0
        if shared_bytes > 48 << 10:
            kernel.max_dynamic_shared_size_bytes = shared_bytes
        arguments = tuple(self.buffers.get(each, self.scalars.get(each)) if each in self.buffers or each in self.scalars
                          else numpy.int32(value(each, self.names)) for each in split(group(line, "args")))
        return kernel, *[each + (1,) * (3 - len(each)) for each in dimensions], arguments, shared_bytes

    def run(self):
        for kernel, grid, block, arguments, shared in self.launches:
            kernel(grid, block, arguments, shared_mem=shared)
