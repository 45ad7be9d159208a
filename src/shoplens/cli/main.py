"""The command ``shoplens``: a table of commands, each imported only when it is called."""

import signal
import sys
from importlib import import_module

import click

from shoplens.errors import ShoplensError

COMMANDS = {
    "index": ("shoplens.cli.index:index", "Make a feed searchable: read, encode, keep."),
    "search": ("shoplens.cli.search:search", "Find products by a photo, words or a product."),
    "serve": ("shoplens.cli.serve:serve", "Answer over HTTP, with a search page."),
    "demo": ("shoplens.cli.serve:demo", "Index the sample shop, ask it, serve it."),
    "status": ("shoplens.cli.upkeep:status", "Show what is indexed."),
    "verify": ("shoplens.cli.upkeep:verify", "Prove that nothing was skipped."),
    "calibrate": ("shoplens.cli.upkeep:calibrate", "Learn how often answers are right here."),
    "evaluate": ("shoplens.cli.learning.evaluate:evaluate", "Measure how good the search is."),
    "tag": ("shoplens.cli.learning.tag:tag", "Fill in what products lack, from their pictures."),
    "describe": ("shoplens.cli.learning.describe:describe", "Ask a language model what is seen."),
    "models": (
        "shoplens.cli.learning.models:models",
        "Add or train models, choose which serves.",
    ),
    "doctor": ("shoplens.cli.upkeep:doctor", "Tell what this machine lacks."),
}

EPILOG = """\b
A first afternoon:
  shoplens demo                                  see it work on the sample shop
  shoplens index products.csv --images ./img     index your own feed
  shoplens search --image photo.jpg              ask it
  shoplens serve                                 the page and the API
"""


class LazyGroup(click.Group):
    """A group whose ``--help`` needs none of its commands' packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order a newcomer needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that was called."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shoplens")
def shoplens() -> None:
    """Visual search for any shop: a feed goes in, a photo finds the right products.

    Settings come from flags, the environment (SHOPLENS_DATA, SHOPLENS_SERVE__PORT …) and
    shoplens.toml, in this order.
    """


def main() -> None:
    """Run the command line; an error on purpose is one line, not a traceback."""
    ended_by = signal.SIGINT

    def terminate(number: int, _frame: object) -> None:
        """End as Ctrl-C does: everything is closed on the way out."""
        nonlocal ended_by
        ended_by = signal.Signals(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    try:
        shoplens.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was reported done is kept, the same command goes on", err=True)
        sys.exit(128 + ended_by)
    except ShoplensError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
