"""HTTP between nodes: the client that carries, and the listener that partners call."""

from comity.adapters.http.carrier import HttpCarrier
from comity.adapters.http.client import NOBODY, Client, is_among, is_loopback
from comity.adapters.http.mirror import from_mirror
from comity.adapters.http.partner import Doors, partner_app
from comity.adapters.http.tls import UNPINNED

__all__ = [
    "NOBODY",
    "UNPINNED",
    "Client",
    "Doors",
    "HttpCarrier",
    "from_mirror",
    "is_among",
    "is_loopback",
    "partner_app",
]
