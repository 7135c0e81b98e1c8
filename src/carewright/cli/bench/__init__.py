"""`bench NAME`: how fast, on this machine, in numbers anyone can make again. One module per bench."""

import argparse
import importlib
import os
import pkgutil
import platform
import resource
import sys
import time
from importlib.metadata import version

from carewright.kernel.errors import CannotDo


def names() -> list[str]:
    """The benches there are: the modules that measure, not those that help them."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [name for name in found if hasattr(_module(name), "add_arguments")]


def add(subparsers) -> None:
    parser = subparsers.add_parser("bench", help="measure on this machine")
    parser.add_argument("name", nargs="?", help="which one; --list names them")
    parser.add_argument("--list", action="store_true", help="name the benches")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(run=run, database=False)


def run(args) -> object:
    """Measure, and answer with the machine, the versions, the figures and the peak memory."""
    if args.list or not args.name:
        return [{"bench": name, "what": (_module(name).__doc__ or "").strip().split("\n")[0]} for name in names()]
    if args.name not in names():
        raise CannotDo(f"There is no bench {args.name!r}. There are: {', '.join(names())}.")
    module = _module(args.name)
    parser = argparse.ArgumentParser(prog=f"carewright bench {args.name}", description=module.__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--home")
    module.add_arguments(parser)
    own = parser.parse_args(args.rest)
    args.json = args.json or own.json
    if own.home:
        os.environ["CAREWRIGHT_HOME"] = own.home
    started = time.monotonic()
    answer = module.run(own)
    return machine() | answer | {"seconds_in_all": round(time.monotonic() - started, 1)} | memory()


def _module(name: str):
    return importlib.import_module(f"carewright.cli.bench.{name}")


def machine() -> dict:
    """The machine and the versions a figure was made with."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "machine": f"{len(os.sched_getaffinity(0))} cores, {gigabytes:.0f} GB, {platform.machine()} {sys.platform}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in ("duckdb", "django"))]
        ),
    }


def memory() -> dict:
    """Peak memory in megabytes: of this process, and of the largest process it started."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"peak_memory_mb": round(max(own, largest_child)), "peak_memory_sum_mb": round(own + largest_child)}
