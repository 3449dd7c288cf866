"""The pages people look at: view models in, HTML out. Handlers parse, call the desk, render."""

from comity.console.render import SECURITY_HEADERS, render

__all__ = ["SECURITY_HEADERS", "render"]
