"""make bench: what the pages cost, weigh and hold, against the budgets. Exit code 1 when one is broken.

    python -m tests.bench [--only pages weights memory load desk] [--quick]

The real gunicorn on a data folder of its own with the starter content. Each part says in its own file what it
measures; --quick takes fewer rounds, for a look while something is being changed.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench.checker import show_checker
from tests.bench.desk import show_desk
from tests.bench.load import show_load
from tests.bench.memory import show_memory
from tests.bench.place import connected, inside, serve, sign_in
from tests.bench.targets import MEASURE, measure, show_costs, targets
from tests.bench.weights import show_weights

PARTS = ("pages", "weights", "memory", "load", "desk", "checker")


def on_one_connection(folder: Path, parts: set[str], seconds: float) -> list[str]:
    """The parts that ask for one page after another: cost and weight."""
    places = json.loads((folder / "places.json").read_text())
    found, broken = targets(places), []
    with (
        serve(folder, "tests.bench.settings", "site.log") as site,
        serve(folder, "tests.bench.bare", "bare.log") as bare,
        connected(site) as (client,),
        connected(bare) as (bare_client,),
    ):
        sign_in(client, folder)
        if "pages" in parts:
            print(f"Asking for each of {len(found)} pages in turn…", flush=True)
            measure({"site": site, "bare": bare}, {"site": client, "bare": bare_client}, found, seconds)
            broken += show_costs(found)
        if "weights" in parts:
            broken += show_weights(client, places)
    return broken


def main() -> int:
    """Exit code: 0 when every budget holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    options = parser.parse_args()
    parts, broken = set(options.only), []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that an ended run ends its servers too
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if parts - {"load", "desk", "checker"}:
            print("Preparing a database with the starter content…", flush=True)
            inside(folder, "prepare.pages()")
        if parts & {"pages", "weights"}:
            broken += on_one_connection(folder, parts, 10 if options.quick else MEASURE)
        if "memory" in parts:
            places = json.loads((folder / "places.json").read_text())
            broken += show_memory(folder, targets(places))
        if "load" in parts:
            broken += show_load(folder, *((1, 5) if options.quick else ()))
        if "desk" in parts:
            broken += show_desk(folder)
        if "checker" in parts:
            broken += show_checker()
    for sentence in broken:
        print(f"Over budget: {sentence}")
    print("\nEvery budget holds." if not broken else "")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
