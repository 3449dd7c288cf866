"""HTTP to the nodes that a demonstration started on this machine."""

import httpx2

from comity.adapters.http import NOBODY

HTTP = httpx2.Client(
    verify=NOBODY,
    trust_env=False,  # no proxy between us and ourselves
    limits=httpx2.Limits(max_keepalive_connections=0),  # a node that is killed is met anew
)
"""Never closed: it keeps no connection."""
