"""What a page weighs over the wire with an empty cache: the document and everything it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from tests.bench.place import plain
from tests.bench.server import Client
from tests.bench.targets import LESSONS

PAGE_BYTES = 40 * 1024
PAGE_REQUESTS = 4  # document, style, script, icon; images come on top
ASSETS = re.compile(rb'<link rel="(?:icon|stylesheet)" href="([^"]+)"|<(?:script|img)[^>]* src="([^"]+)"')


def show_weights(client: Client, places: Mapping[str, str]) -> list[str]:
    """Print a line a page; return a sentence for each broken budget. `places` are what prepare.pages wrote."""
    broken = []
    print(f"\n{'Bytes with an empty cache':36}{'all':>7}  {'requests':>8}")
    for path in (
        *("/dock/", "/phrases/", f"/phrases/?q={quote('运费')}", "/phrases/shipping-fee-doubt/", "/"),
        *("/learn/", "/learn/intro/", LESSONS[0], "/me/matrix/", *places.values()),
    ):
        sizes = weigh(client, path)
        total = sum(sizes.values())
        print(f"{path:36}{total:7}  {len(sizes):8}  {', '.join(f'{name} {size}' for name, size in sizes.items())}")
        if total > PAGE_BYTES:
            broken.append(f"{path} weighs {total} bytes; the budget is {PAGE_BYTES}.")
        if len(sizes) > PAGE_REQUESTS:
            broken.append(f"{path} takes {len(sizes)} requests; the budget is {PAGE_REQUESTS}.")
    return broken


def weigh(client: Client, path: str) -> dict[str, int]:
    """Bytes by file name. Raises RuntimeError when the page or a file of it is not there."""
    status, _headers, body = client.ask(path)
    if status != 200:
        raise RuntimeError(f"{status} for {path}")
    sizes = {"document": len(body)}
    for style, script in ASSETS.findall(plain(body)):
        address = (style or script).decode()
        status, _headers, asset = client.ask(address)
        if status != 200:
            raise RuntimeError(f"{path}: {status} for {address}")
        sizes[address.rpartition("/")[2]] = len(asset)
    return sizes
