"""The `portal` command. Each subcommand lives in portal/commands/, whose modules import nothing heavy."""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer

from bureau import cycles
from bureau.errors import ConfigError
from portal import chinese
from portal.commands import (
    adjustments,
    build,
    check,
    desk,
    doctor,
    fix,
    lexicon,
    links,
    mailbox,
    monitor,
    new,
    preview,
    publish,
    report,
    serve,
)

COMMANDS = (
    build,
    check,
    fix,
    links,
    lexicon,
    publish,
    serve,
    preview,
    new,
    adjustments,
    mailbox,
    desk,
    monitor,
    report,
    doctor,
)  # in the order of the help
LOG = Path("var/log")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def portal() -> None:
    """政府门户：构建、检查、发布、信箱与监测。"""


for module in COMMANDS:
    module.register(app)


def main() -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts threads that nothing here would use
    chinese.speak()
    code = run(sys.argv[1:])
    cycles.leave()
    sys.exit(code)


def run(args: Sequence[str]) -> int:
    """Run one command and give its exit code. Nothing ends in a traceback.

    2: called wrongly, or a file is unusable (told as `file:line: message`); 3: our own mistake, kept in var/log.
    """
    try:
        code = app(args=list(args), prog_name="portal", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        print("已中断。", file=sys.stderr)
        return 130
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except typer.TyperException as error:
        return _called_wrongly(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has gone
        return 1
    except Exception as error:
        print(_record(error), file=sys.stderr)
        return 3
    return code if isinstance(code, int) else 0


def _called_wrongly(error: typer.TyperException) -> int:
    if type(error).__name__ != "NoArgsIsHelpError":  # then the help has been printed already
        print(chinese.complaint(error), file=sys.stderr)
    return error.exit_code


def _record(error: Exception) -> str:
    """Keep the traceback for the developers; the message for everyone else."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    told = f"程序出错：{type(error).__name__}：{error}\n位置：{Path(at.filename).name} 第 {at.lineno} 行"
    report = LOG / f"portal-{datetime.now().astimezone():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    try:
        LOG.mkdir(parents=True, exist_ok=True)
        report.write_text("".join([f"portal {' '.join(sys.argv[1:])}\n", *traceback.format_exception(error)]))
    except OSError as failure:
        return f"{told}\n详情写不进 {LOG}/：{failure.strerror or failure}"
    return f"{told}\n详情已记入 {report}，请把这个文件交给维护人员。"
