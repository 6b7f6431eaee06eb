"""Starts Rasa's server for this assistant: ``python -m bot.serve`` takes the options of ``rasa run``.

It differs from ``rasa run`` in two ways. What Rasa imports but this assistant does not use is imported when
it is first used (see ``bot.lazy``), which saves more than half of the start and of the memory. And it has
this house's defaults: address and port come from ``SUIWEN_BOT_URL``, the actions and names are asked from
the app at ``SUIWEN_HTTP_HOST`` and ``SUIWEN_HTTP_PORT``, nothing is reported to anybody.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

MODEL = "models/suiwen.tar.gz"
EVERYWHERE = ("", "0.0.0.0", "::", "[::]")


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Variables that the actions, the pipeline and the libraries read, but for those in ``given``."""
    host = given.get("SUIWEN_HTTP_HOST", "")
    host = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host and host[0] != "[" else host
    app = f"http://{host}:{given.get('SUIWEN_HTTP_PORT') or 8080}/internal"
    defaults = {
        "SUIWEN_ACTION_URL": f"{app}/actions/webhook",
        "SUIWEN_GAZETTEER_URL": f"{app}/gazetteer",
        "SUIWEN_ACTION_TOKEN": "",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "OMP_NUM_THREADS": "1",  # one message is too small a piece of work to be shared among cores
        "OPENBLAS_NUM_THREADS": "1",
    }
    return {name: value for name, value in defaults.items() if name not in given}


def arguments(given: Mapping[str, str], options: list[str]) -> list[str]:
    """The options of ``rasa run``: this house's, then those of the command line, which win."""
    url = urlsplit(given.get("SUIWEN_BOT_URL") or "http://127.0.0.1:5005")
    house = ["--interface", url.hostname or "127.0.0.1", "--port", str(url.port or 5005)]
    files = ["--model", MODEL, "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    return ["run", *house, *files, *options]


def _last(options: list[str], names: tuple[str, ...]) -> str:
    at = max(position for position, option in enumerate(options[:-1]) if option in names)
    return options[at + 1]


def quieter(show: Callable[..., None]) -> Callable[..., None]:
    """Shows warnings but for those of Rasa's libraries about each other's age."""

    def show_some(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
            show(message, category, *rest, **more)

    return show_some


def main() -> None:
    """Runs the server until it is told to stop."""
    os.environ.update(environment(os.environ))
    warnings.showwarning = quieter(warnings.showwarning)
    sys.path.insert(0, os.getcwd())
    from bot.lazy import defer, named

    given = arguments(os.environ, sys.argv[1:])
    needed = named(_last(given, ("--model", "-m")))
    if needed is not None and not {"--enable-api", "--remote-storage"}.intersection(given):
        defer(needed)  # otherwise Rasa may be asked to load or train any model
    import rasa.cli.run
    import rasa.cli.utils  # rasa.cli.run counts on it
    import rasa.utils.io
    from rasa.cli.arguments.default_arguments import add_logging_options
    from rasa.shared.exceptions import RasaException
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    parser = argparse.ArgumentParser(prog="python -m bot.serve", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    add_logging_options(common)
    rasa.cli.run.add_subparser(parser.add_subparsers(), [common])
    options = parser.parse_args(given)
    configure_logging_and_warnings(options.loglevel, options.logging_config_file)
    rasa.utils.io.configure_colored_logging(options.loglevel)
    configure_structlog(options.loglevel)
    try:
        options.func(options)
    except RasaException as error:
        logging.getLogger(__name__).error("the bot cannot start: %s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
