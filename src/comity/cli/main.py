"""`comity`: every command, its exit code, and the one place where errors become words.

Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input, 3 something needed is not
reachable.
"""

import sys

import typer

from comity.cli.bench import bench
from comity.cli.bundle import app as bundle_app
from comity.cli.demo import demo
from comity.cli.directory import app as directory_app
from comity.cli.law import app as law_app
from comity.cli.ledger import app as ledger_app
from comity.cli.lookout import lookout_app
from comity.cli.node import app as node_app
from comity.cli.node import person_app
from comity.cli.office import add_office
from comity.cli.practice import add_practices
from comity.cli.say import exit_code
from comity.cli.screening import app as screening_app
from comity.cli.stick import app as stick_app
from comity.cli.sweeping import add_sweeping
from comity.cli.upkeep import add_upkeep
from comity.cli.verifying import add_verifying
from comity.core.errors import ComityError
from comity.node.bootstrap import shipped_practices
from comity.node.serving import in_process

app = typer.Typer(
    name="comity",
    help="Lawful, sealed, witnessed exchange of information between sovereign partners.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(demo)
app.command()(bench)
add_upkeep(node_app)
app.add_typer(node_app, name="node")
app.add_typer(person_app, name="person")
app.add_typer(directory_app, name="directory")
app.add_typer(bundle_app, name="bundle")
app.add_typer(stick_app, name="stick")
app.add_typer(ledger_app, name="ledger")
for lookout in ("witness", "mirror", "monitor"):
    app.add_typer(lookout_app(lookout), name=lookout)
app.add_typer(screening_app, name="screening")
add_verifying(law_app, open_node=in_process)
add_sweeping(law_app, open_node=in_process)
app.add_typer(law_app, name="law")
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
