"""The command `twosigma`: its groups, and how it ends."""

import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from twosigma.adapters.cli.api_keys import api_keys
from twosigma.adapters.cli.cache import cache
from twosigma.adapters.cli.chat import chat
from twosigma.adapters.cli.database import db
from twosigma.adapters.cli.demo import demo
from twosigma.adapters.cli.imports import import_
from twosigma.adapters.cli.keys import keys
from twosigma.adapters.cli.openapi import openapi
from twosigma.adapters.cli.program import Failed, Program
from twosigma.adapters.cli.prompts import prompts
from twosigma.adapters.cli.serve import serve
from twosigma.adapters.cli.users import users
from twosigma.domain.errors import DomainError, Invalid

DONE, FAILED, MISUSED = 0, 1, 2

_log = logging.getLogger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("twosigma"), prog_name="twosigma", message="%(prog)s %(version)s")
def twosigma() -> None:
    """2Sigma: a tutoring platform where one model call serves every learner on the same path."""


for _command in (
    serve, db, users, api_keys, demo, import_, prompts, chat, cache, keys, openapi,
):  # fmt: skip
    twosigma.add_command(_command)


def run(program: Program, arguments: Sequence[str]) -> int:
    """Do what the arguments say; gives the exit code: 0 done, 1 failed, 2 wrong use.

    What went wrong is one line on standard error.
    """
    try:
        ended = twosigma.main(
            list(arguments), prog_name="twosigma", obj=program, standalone_mode=False
        )
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message(), err=True)
        return MISUSED
    except click.ClickException as wrong:
        return _told(_described(wrong), wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _told("stopped", FAILED)
    except BrokenPipeError:
        # Who read our output is gone; nor can the interpreter flush to it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Failed as failed:
        return _told(str(failed), failed.exit_code)
    except DomainError as refused:
        return _told(_refusal(refused), FAILED)
    except Exception as broken:
        _log.debug("the command failed", exc_info=True)
        what = next(iter(str(broken).splitlines()), "")
        return _told(f"failed: {type(broken).__name__}: {what}", FAILED)
    return ended if isinstance(ended, int) else DONE


def _told(line: str, code: int) -> int:
    click.echo(f"twosigma: {' '.join(line.split())}", err=True)
    return code


def _described(wrong: click.ClickException) -> str:
    context = getattr(wrong, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    return wrong.format_message().rstrip(".") + hint


def _refusal(refused: DomainError) -> str:
    if isinstance(refused, Invalid):
        return "; ".join(f"{fault.loc[-1]}: {fault.msg}" for fault in refused.faults)
    return refused.detail
