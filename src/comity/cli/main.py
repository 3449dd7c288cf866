"""`comity`: every command, its exit code, and the one place where errors become words.

Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input, 3 something needed is not
reachable.
"""

import sys

import typer

from comity.cli.later import Front, in_process
from comity.cli.office import add_office
from comity.cli.practice import add_practices
from comity.cli.say import exit_code
from comity.core.errors import ComityError
from comity.node.bootstrap import shipped_practices

app = typer.Typer(
    cls=Front,
    name="comity",
    help="Lawful, sealed, witnessed exchange of information between sovereign partners.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
add_office(app, open_node=in_process)
add_practices(app, shipped_practices(), open_node=in_process)


def main() -> int:
    """Run one command and return its exit code; no trace ever reaches a person."""
    try:
        app(standalone_mode=True)
    except ComityError as error:
        sys.stderr.write(f"comity: {error}\n")
        return exit_code(error)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        # A folder that cannot be read, a full disk, a closed pipe: words, never a trace.
        sys.stderr.write(f"comity: {error.strerror or error}: {error.filename or 'output'}\n")
        return 3
    return 0
