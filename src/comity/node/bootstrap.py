"""Finding what declares itself: practices by folder, and the surfaces people and programs use.

The surfaces stand above this room, so they are named and never imported; it is the one place.
"""

from collections.abc import Collection
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import comity.practices
from comity.core.errors import ConfigurationError
from comity.practice import Practice


def shipped_practices(enabled: Collection[str] | None = None) -> list[Practice]:
    """Load each folder of `comity.practices`; `enabled` narrows it, unknown names stop."""
    names = sorted(module.name for module in iter_modules(comity.practices.__path__))
    if unknown := set(enabled or ()) - set(names):
        raise ConfigurationError(f"unknown practices: {', '.join(sorted(unknown))}")
    wanted = names if enabled is None else [name for name in names if name in enabled]
    return [_load(name) for name in wanted]


def _load(name: str) -> Practice:
    practice = getattr(import_module(f"comity.practices.{name}"), "PRACTICE", None)
    if not isinstance(practice, Practice):
        raise ConfigurationError(f"comity.practices.{name} declares no PRACTICE")
    if practice.name != name:
        raise ConfigurationError(f"comity.practices.{name} calls itself `{practice.name}`")
    return practice


def load_surface(name: str) -> ModuleType:
    """Load a surface by name: `comity.api` or `comity.console`."""
    return import_module(name)
