"""Chinese for the texts that Typer brings along: headings of the help, and what is wrong with a call.

Typer asks gettext for a part of them and writes the rest in English; `speak` is the one place that
knows which. A test compares the help and the errors of the real command with it.
"""

import gettext
from collections.abc import Callable
from typing import Any

from typer import BadParameter, TyperException, core
from typer._click import decorators, exceptions, formatting

TEXTS = {
    "(dynamic)": "（视情况）",
    "default: {default}": "默认：{default}",
    "[default: {}]": "[默认：{}]",
    "env var: {var}": "环境变量：{var}",
    "[env var: {}]": "[环境变量：{}]",
    "required": "必填",
    "[required]": "[必填]",
    "(deprecated) ": "（已停用）",
    "Arguments": "参数",
    "Options": "选项",
    "Commands": "命令",
    "Error": "错误",
    "Aborted.": "已中断。",
    "Aborted!": "已中断。",
    "Missing command.": "缺少子命令。",
    "No such command {name!r}.": "没有命令 {name}.",
    "Try [blue]'{command_path} {help_option}'[/] for help.": "帮助：[blue]{command_path} {help_option}[/]",
}


def speak() -> None:
    """Let Typer's own texts be Chinese from here on. Its Rich half reads gettext only when it is first used."""
    english = gettext.gettext
    gettext.gettext = lambda message: TEXTS.get(message) or english(message)
    setattr(core, "_", gettext.gettext)  # noqa: B010 - bound when Typer was imported
    decorators.help_option = _help_option(decorators.help_option)
    formatting.HelpFormatter.write_usage = _write_usage(  # type: ignore[method-assign]
        formatting.HelpFormatter.write_usage
    )


def _help_option(make: Callable[..., Any]) -> Callable[..., Any]:
    def help_option(names: list[str]) -> Callable[[Any], Any]:
        def decorate(command: Any) -> Any:
            decorated = make(names)(command)
            decorated.params[-1].help = "显示这段说明。"
            return decorated

        return decorate

    return help_option


def _write_usage(write: Callable[..., None]) -> Callable[..., None]:
    def usage(formatter: Any, prog: str, args: str = "", prefix: str | None = None) -> None:
        write(formatter, prog, args, prefix or "用法：")

    return usage


def complaint(error: TyperException) -> str:
    """What is wrong with the call, in one Chinese sentence and the command that helps."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "portal"
    return f"{_sentence(error)}\n用法见：{command} --help"


def _sentence(error: TyperException) -> str:
    match error:
        case exceptions.NoSuchOption():
            near = f"，是否要写 {'、'.join(error.possibilities)}？" if error.possibilities else "。"
            return f"没有选项 {error.option_name}{near}"
        case exceptions.MissingParameter(param=parameter) if parameter is not None:
            return f"缺少 {parameter.get_error_hint()}。"
        case BadParameter(param=parameter) if parameter is not None:
            return f"{parameter.get_error_hint()} 的值不对：{error.message}"
        case exceptions.BadOptionUsage():
            return f"选项 {error.option_name} 用得不对：{error.message}"
    surplus = error.message.removeprefix("Got unexpected extra argument(s) (")
    if surplus != error.message:
        return f"多余的参数：{surplus.removesuffix(')')}"
    return error.format_message().replace(". Did you mean", "，是否要写")
