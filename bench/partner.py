"""The asked node in a process of its own: real listener, real road, SQLite on disk.

    python -m bench.partner FOLDER

Writes the port it listens on; once told to stop, the seconds of CPU it used since.
"""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from bench.pair import THERE, found

from comity.adapters.http import Doors, partner_app
from comity.adapters.world import World
from comity.exchange import Consignment, inbound


def main() -> int:
    """Serve until SIGTERM, then return 0."""
    world = found(Path(sys.argv[1]), (THERE,))
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # else asyncio leaves Nagle on
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            partner_app(doors(world)), log_config=None, access_log=False, lifespan="off"
        )
        print(listening.getsockname()[1], flush=True)
        signal.signal(signal.SIGTERM, _ended)  # uvicorn raises it again once it has stopped
        began = time.process_time()
        asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
    print(time.process_time() - began, flush=True)
    return 0


def _ended(_number: int, _frame: object) -> None:
    """Go on to tell the CPU that was used."""


def doors(world: World) -> Doors:
    """Open the inbox as a node does; everything else stays shut."""
    here = world.residents[THERE]

    def take(consignment: Consignment) -> Sequence[bytes]:
        answers = [inbound.take(item, here.station) for item in consignment.items]
        return [answer.result() for answer in answers]

    return Doors(
        inbox=take,
        prekeys=lambda: b"",
        checkpoint=lambda: None,
        tile=lambda _path: None,
        may_read_entries=lambda _token: False,
        witness=lambda _body: (403, b"", "text/plain"),
        witnessed=lambda _origin: None,
        directory=lambda _path: None,
        is_alive=lambda: True,
        is_ready=lambda: True,
        journal=lambda route, code: print(route, code, file=sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
