"""The gate before people's listener: closed while a restored node is not whole."""

from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.node.restored import read_restored

_LATER = {"retry-after": "30"}
_ARABIC = (
    "استُعيدت هذه العقدة من نسخة احتياطية. لا تعرض شيئًا حتى يخبرها شركاؤها بما سحبوه أو صححوه"
    " منذ ذلك الحين."
)


class Gate:
    """Answers 503 in words, in English and Arabic, in place of the application behind it."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        """Stand before `app`."""
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through where the node is whole."""
        restored = None
        if scope["type"] == "http":
            restored = read_restored(self._folder)
        if restored is None or restored.is_told:
            await self._app(scope, receive, send)
            return
        words = f"{restored.words(())}\n\n{_ARABIC}\n"
        await PlainTextResponse(words, 503, headers=_LATER)(scope, receive, send)
