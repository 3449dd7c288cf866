"""The pages people look at: view models in, HTML out. Handlers parse, call the desk, render."""

from comity.console.ports import Window
from comity.console.render import SECURITY_HEADERS, render
from comity.console.routes import surface

__all__ = ["SECURITY_HEADERS", "Window", "render", "surface"]
