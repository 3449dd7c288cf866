"""A guard removed for a while: the code of one function, changed in place and put back.

The source of the whole module is read, one passage is replaced, and the compiled code of the
function is given to the living function object; so every module that imported it has it too.
"""

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import CodeType, FunctionType


class GuardMovedError(AssertionError):
    """The passage is not where it was: this mutant tests nothing and must be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One passage of one function, and what stands in its place."""

    place: str
    """Module and function: `comity.exchange.inbound:verify`."""
    guard: str
    """A passage of the source that occurs exactly once in that function."""
    without: str

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Change the function; put it back at the end. Raises `GuardMovedError`."""
        function = self._function()
        kept = function.__code__
        function.__code__ = self._changed(function)
        try:
            yield
        finally:
            function.__code__ = kept

    def _function(self) -> FunctionType:
        module, _, name = self.place.partition(":")
        found: object = import_module(module)
        for part in name.split("."):
            found = vars(found)[part]
        if not isinstance(found, FunctionType):
            raise GuardMovedError(f"`{self.place}` is no function")
        return found

    def _changed(self, function: FunctionType) -> CodeType:
        source = inspect.getsource(function)
        if source.count(self.guard) != 1:
            raise GuardMovedError(f"`{self.guard}` is not once in `{self.place}`")
        whole = inspect.getsource(import_module(function.__module__))
        changed = whole.replace(source, source.replace(self.guard, self.without))
        name = function.__qualname__
        return _find(compile(changed, str(function.__code__.co_filename), "exec"), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One guard removed: which invariant must fall, and why."""

    invariant: str
    why: str
    patches: tuple[Patch, ...]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Remove the guard wherever it stands; put all back at the end."""
        with ExitStack() as stack:
            for patch in self.patches:
                stack.enter_context(patch.applied())
            yield


def _find(code: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        code = next(
            each
            for each in code.co_consts
            if isinstance(each, CodeType) and each.co_name == part
        )
    return code
