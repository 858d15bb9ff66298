"""
bench/compare - the comparison with peers; bench/run starts it, on a server of its own

usage: python3 bench/compare --host SOCKET-DIRECTORY --directory SCRATCH [--only PART,...] [--quick] [--runs N]
       [--workers N] [--data DIRECTORY]
"""
import argparse
import importlib
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import table
from bench import Bench

PARTS = ("kmeans", "fcm", "kernels", "embeddings", "cosine", "tables", "cores", "scoring", "labels", "growth", "costs",
         "judgement")


def conditions(bench):
    room = os.statvfs("/dev/shm")
    print("peers:     ", ", ".join(f"{name} {version}" for name, version in bench.peer().versions().items()))
    print("memory:    ", "maintenance_work_mem", bench.server.value("SHOW maintenance_work_mem") + ",", "/dev/shm",
          f"{room.f_bavail * room.f_frsize / 2**30:.1f} of {room.f_blocks * room.f_frsize / 2**30:.1f} GB free,",
          "shared_buffers", bench.server.value("SHOW shared_buffers"))
    print("ratio:      ours over theirs, the median of pairs of runs by turns; ours, theirs: medians; "
          "cpu: the ratio in processor time", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="bench/compare")
    parser.add_argument("--host", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--data")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    conditions(bench)
    for part in arguments.only.split(","):
        start = time.perf_counter()
        importlib.import_module("part_" + part).run(bench)
        print(f"({part}: {time.perf_counter() - start:.0f} s)", flush=True)
    table.summary()
    bench.end()


main()
