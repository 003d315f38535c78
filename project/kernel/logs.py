"""Logs as structured lines. Secrets and personal data are not logged: neither bodies nor query strings are."""

from __future__ import annotations

import logging

import structlog


def _readable() -> structlog.dev.ConsoleRenderer:
    # The default prints local variables with a traceback: passwords and tokens are among them.
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def formatter(*, as_json: bool) -> logging.Formatter:
    """A logging formatter that renders JSON lines, or readable ones for a terminal."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = structlog.processors.JSONRenderer() if as_json else _readable()
    chain: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        chain.append(structlog.processors.format_exc_info)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*chain, last])
