"""The `portal` command. Each subcommand lives in portal/commands/, whose modules import nothing heavy."""

import sys

import typer

from bureau.errors import ConfigError
from portal.commands import build

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="政府门户：构建、检查、发布、信箱与监测。",
)
build.register(app)


def main() -> None:
    """Run the command; an unusable file is told as `file:line: message` and ends with 2."""
    try:
        app()
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
