"""The officers' API: every act of a person at the desk, in JSON, described by OpenAPI 3.1."""

from comity.api.ports import Head, Ports, ReadImport
from comity.api.routing import BASE, endpoints, routes

__all__ = ["BASE", "Head", "Ports", "ReadImport", "endpoints", "routes"]
