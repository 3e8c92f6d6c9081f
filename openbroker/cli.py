"""The ``openbroker`` command (extra ``cli``)."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from openbroker.errors import ConfigError, NoReply, OpenBrokerError, UnknownBroker

if TYPE_CHECKING:
    from openbroker.adapters.base import CredentialField
    from openbroker.doctor import Check
    from openbroker.instruments import InstrumentStore
    from openbroker.sandbox.fault_table import FaultTable
    from openbroker.schemas import Secret, Session, Table

try:
    import typer
except ImportError:  # pragma: no cover - the message is all there is to it
    sys.exit("the openbroker command needs the extra 'cli': pip install 'openbroker-sdk[cli]'")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _say_version(wanted: bool) -> None:
    if wanted:
        from openbroker import __version__

        typer.echo(f"openbroker {__version__}")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_say_version, help="Say the version and exit."
        ),
    ] = False,
) -> None:
    """Trade at many brokers with one API."""


@app.command()
def brokers(as_json: Json = False) -> None:
    """List the brokers that connect() knows."""
    from openbroker.registry import adapter_for
    from openbroker.registry import brokers as names

    titles = {name: adapter_for(name).title for name in names()}
    if as_json:
        typer.echo(json.dumps(titles))
    else:
        typer.echo("\n".join(f"{name:<12} {title}" for name, title in titles.items()))


@app.command()
def capabilities(broker: str, as_json: Json = False) -> None:
    """Show what a broker offers, and why not the rest."""
    from openbroker.registry import adapter_for

    _show(adapter_for(broker).capabilities(), as_json)


@app.command()
def find(
    words: Annotated[list[str], typer.Argument(help="As people type: nifty 26000 ce")],
    broker: Annotated[str, typer.Option(help="Whose instruments to search.")] = "sandbox",
    limit: Annotated[int, typer.Option(min=1, help="Rows at the most.")] = 10,
    base_url: Annotated[str | None, typer.Option(help="Another address for the broker.")] = None,
    ca_file: Annotated[str | None, typer.Option(help="Certificates to trust besides.")] = None,
    as_json: Json = False,
) -> None:
    """Find instruments by words, mostly without a login. Exit code 1 if there are none."""
    store = asyncio.run(_listed(broker, base_url, ca_file))
    found = store.search(" ".join(words), limit=limit)
    if found or as_json:
        _show(found, as_json)
    if not found:
        names = (word for word in words if not word.isdigit())
        like = [row.symbol for word in names for row in store.search(word, limit=3)]
        typer.echo(_nothing_found(broker, " ".join(words), like), err=True)
        raise typer.Exit(1)


async def _listed(broker: str, base_url: str | None, ca_file: str | None) -> InstrumentStore:
    """A broker's instruments; credentials are wanted only where its master needs a session."""
    from openbroker.account import Account
    from openbroker.client import open_account
    from openbroker.registry import adapter_for
    from openbroker.transport.exchange import Transport

    adapter = adapter_for(broker)
    if adapter.name == "sandbox" or adapter.master_needs_session:
        account = open_account(broker, {}, base_url=base_url, ca_file=ca_file)
    else:
        at = adapter.at(base_url)
        account = Account(at, {}, Transport(ca_file=ca_file), share_instruments=at == adapter)
    try:
        await account.load_instruments()
        return account.instruments
    finally:
        account.close()
        await account.transport.aclose()


def _nothing_found(broker: str, text: str, like: Sequence[str]) -> str:
    hint = (
        f"Its words alone find {', '.join([*dict.fromkeys(like)][:4])}."
        if like
        else "Fewer words or letters find more: openbroker find nifty"
    )
    return f"{broker} lists nothing that goes by {text!r}. {hint}"


@app.command()
def latency(
    broker: Annotated[str, typer.Argument(help="Whose host to measure.")] = "angelone",
    samples: Annotated[int, typer.Option(min=1, help="Connections of each kind.")] = 5,
    base_url: Annotated[str | None, typer.Option(help="Another address for the host.")] = None,
    ca_file: Annotated[str | None, typer.Option(help="Certificates to trust besides.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the way to a broker: DNS, TCP, TLS, first byte; cold against warm. No login."""
    from openbroker.registry import adapter_for
    from openbroker.transport.probe import probe

    adapter = adapter_for(broker).at(base_url)
    if adapter.name == "sandbox" and base_url is None:
        raise ConfigError(
            "the embedded sandbox lives in your own process, so there is no way to it to measure",
            advice="openbroker latency angelone measures the way to a broker; with --base-url, the "
            "way to a server of openbroker sandbox.",
        )
    url = adapter.hosts["rest"] + "/"
    try:
        rows = asyncio.run(probe(url, samples=samples, ca_file=ca_file))
    except NoReply as error:
        raise NoReply(
            f"{url} does not answer ({error.message})",
            advice="Check the network, --base-url and --ca-file, then try again.",
        ) from None
    _show(rows, as_json)


@app.command()
def login(
    broker: Annotated[str, typer.Argument(help="A name of `openbroker brokers`.")],
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the app's redirect address on 127.0.0.1.")
    ] = 7171,
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for the browser.")] = 300.0,
    paste: Annotated[
        bool, typer.Option("--paste", help="Ask for the redirect's address instead.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Keep the day's token in this file, for you alone.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the session for connect(keep_session=True).")
    ] = False,
    base_url: Annotated[str | None, typer.Option(help="Another address for the broker.")] = None,
    ca_file: Annotated[str | None, typer.Option(help="Certificates to trust besides.")] = None,
) -> None:
    """Log in once to see that the credentials work; asks for what is missing.

    Brokers whose login is in a browser: prints the page's address and catches its redirect.
    """
    from openbroker.client import open_account

    given: dict[str, Any] = dict(_asked_for(broker))
    where = {"base_url": base_url, "ca_file": ca_file}
    given |= _from_browser(broker, given, port=port, wait=wait, paste=paste, **where)
    account = open_account(broker, given, base_url=base_url, ca_file=ca_file, keep_session=keep)

    async def once() -> Session:
        try:
            return await account.sessions.current()
        finally:
            await account.transport.aclose()

    session = asyncio.run(once())
    until = session.expires_at and session.expires_at.strftime("%d %b %H:%M %Z")
    typer.echo(
        f"logged in at {broker} as {session.account}; the session ends {until or 'some day'}"
    )
    if save is not None:
        _keep(broker, session, save)


def _from_browser(
    broker: str,
    given: dict[str, Any],
    *,
    port: int,
    wait: float,
    paste: bool,
    base_url: str | None,
    ca_file: str | None = None,
) -> dict[str, Secret]:
    """What the login page's redirect brings, for brokers that have one and need it."""
    import attrs

    from openbroker.account import Account
    from openbroker.registry import adapter_for
    from openbroker.session.browser import State, caught, token_in
    from openbroker.session.credentials import resolve
    from openbroker.transport.exchange import Transport

    adapter = adapter_for(broker).at(base_url)
    parameter = adapter.login_parameter
    if parameter is None:
        return {}
    fields = [
        attrs.evolve(field, default="") if field.name == parameter else field
        for field in adapter.credentials
    ]
    known = resolve(broker, fields, given)

    async def address() -> str | None:
        account = Account(adapter, known, Transport(ca_file=ca_file))
        try:
            return await account.run("login", lambda: adapter.begin_login(known))
        finally:
            await account.transport.aclose()

    found = asyncio.run(address())
    if found is None:
        return {}
    state = None if adapter.login_state is None else State(adapter.login_state)
    shown = found if state is None else state.on(found)
    page = f"Open this address, log in there, and come back:\n\n  {shown}\n"
    if paste:
        _say(page)
        prompt = "The address that the browser was sent to (not shown)"
        return {parameter: token_in(typer.prompt(prompt, hide_input=True), parameter, state)}
    with caught(parameter, port, state) as token:
        _say(page)
        return {parameter: token(wait)}


def _keep(broker: str, session: Session, path: Path) -> None:
    """Write the token that can stand in for a login where only its owner can read it."""
    import os

    from openbroker.registry import adapter_for

    stand_ins = {field.instead for field in adapter_for(broker).credentials if field.instead}
    name = next((name for name in session.tokens if name in stand_ins), None)
    if name is None:
        raise ConfigError(f"{broker} has no token that could stand in for a login")
    path = path.absolute()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(session.tokens[name].reveal())
    typer.echo(f'kept; let the profile say under [{broker}]: {name} = "file:{path}"')


@app.command()
def doctor(
    broker: Annotated[str, typer.Argument(help="A name of `openbroker brokers`.")] = "angelone",
    log_in: Annotated[
        bool, typer.Option("--login", help="Open a session, too; uses up a one-time code.")
    ] = False,
    base_url: Annotated[str | None, typer.Option(help="Another address for the host.")] = None,
    ca_file: Annotated[str | None, typer.Option(help="Certificates to trust besides.")] = None,
    as_json: Json = False,
) -> None:
    """Say what would stop an order: credentials, clock, network, folders, rules. Places nothing."""
    from openbroker.doctor import examine, has_problems

    checks = asyncio.run(examine(broker, base_url=base_url, ca_file=ca_file, log_in=log_in))
    if as_json:
        _show(checks, as_json)
    else:
        typer.echo("\n".join(_finding(check) for check in checks))
    if has_problems(checks):
        raise typer.Exit(1)


def _finding(check: Check) -> str:
    advice = f"\n{'':<10}{check.advice}" if check.advice else ""
    return f"{check.verdict:<8}  {check.check}: {check.finding}{advice}"


def _asked_for(broker: str) -> dict[str, str]:
    """The credentials that neither the environment nor the profile has, asked for one by one."""
    import os

    from openbroker.registry import adapter_for
    from openbroker.session.credentials import has_stand_in, read_profile, variable

    given: dict[str, str] = {}
    if broker == "sandbox":
        return given
    profile = read_profile(broker)
    adapter = adapter_for(broker)
    here = {
        field.name
        for field in adapter.credentials
        if os.environ.get(variable(broker, field.name)) or field.name in profile
    }
    needless = {field.instead for field in adapter.credentials} | {adapter.login_parameter}
    needless |= {field.name for field in adapter.credentials if field.default is not None}
    for field in adapter.credentials:
        known = field.name in here or has_stand_in(field, adapter.credentials, here)
        if not known and field.name not in needless:
            given[field.name] = _asked(broker, field)
    return given


def _asked(broker: str, field: CredentialField) -> str:
    """What the user types.

    Raises:
        ConfigError: there is nobody to ask: a job, a service.
    """
    from openbroker.session.credentials import variable

    try:
        return str(typer.prompt(f"{field.name} ({field.title})", hide_input=field.secret))
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise ConfigError(
            f"{broker} needs {field.name} ({field.title}), and nobody is here to ask for it",
            advice=f"Set {variable(broker, field.name)}, or run this in a terminal.",
        ) from None


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="Same seed, same prices.")] = 7,
    idle_timeout: Annotated[
        float | None, typer.Option(min=0, help="Seconds until an idle connection is closed.")
    ] = None,
    latency: Annotated[float, typer.Option(min=0, help="Milliseconds before an answer.")] = 0.0,
    round_trip: Annotated[
        float, typer.Option(min=0, help="Milliseconds of an emulated link, there and back.")
    ] = 0.0,
    time_scale: Annotated[float, typer.Option(min=0, help="How fast its clock runs.")] = 1.0,
    limits: Annotated[bool, typer.Option(help="Keep the broker's rate limits.")] = True,
    broker: Annotated[str, typer.Option(help="Whose dialect: angelone or zerodha.")] = "angelone",
    fault: Annotated[list[str] | None, typer.Option(help="NAME[:PROBABILITY]; repeatable.")] = None,
    faults: Annotated[bool, typer.Option("--faults", help="List the faults and exit.")] = False,
    as_json: Json = False,
) -> None:
    """Run a simulated broker over TLS; prints one JSON line when ready."""
    from openbroker.sandbox import Sandbox

    box = Sandbox(broker, seed=seed, time_scale=time_scale, limits="published" if limits else None)
    if faults:
        _show_faults(box.faults.table, as_json)
        return
    for text in fault or []:
        box.faults.add_text(text)
    serving = _serve(
        box,
        port=port,
        idle_timeout=idle_timeout,
        latency=latency / 1000,
        round_trip=round_trip / 1000,
    )
    try:
        asyncio.run(serving)
    except OSError as error:
        raise ConfigError(f"port {port} cannot be used: {error.strerror}") from None


def _show_faults(table: FaultTable, as_json: bool) -> None:
    rows = table.rows()
    if as_json:
        typer.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        booked = {True: "booked", False: "not booked", None: "may be booked"}[row["booked"]]
        typer.echo(f"{row['name']:<28} {booked:<14} {row['description']}")


async def _serve(box: Any, **wire: Any) -> None:
    """Serve until the process is told to stop, by Ctrl-C or SIGTERM."""
    from openbroker.sandbox import serve

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(told.set))
    async with serve(box, **wire) as facts:
        _say_json(facts)
        await told.wait()


def _say_json(facts: Any) -> None:
    _say(json.dumps(facts))


def _say(text: str) -> None:
    """At once, for whoever reads the pipe."""
    typer.echo(text)
    sys.stdout.flush()


@app.command()
def demo(
    orders: Annotated[int, typer.Option(min=1, help="Orders a way in the comparison.")] = 9,
    seed: int = 7,
    fault: Annotated[
        str | None, typer.Option(help="Watch an order meet a fault instead: lost-reply, ...")
    ] = None,
) -> None:
    """Watch an order travel, over real TLS, against a simulated Angel One."""
    from openbroker.demo import headline, tour
    from openbroker.demo.server import sandbox_server

    typer.echo("A simulated Angel One runs on this machine; nothing leaves it.")
    if fault is not None:
        from openbroker.demo import lost_reply

        lost_reply.run(fault, typer.echo)
        return
    with sandbox_server("--seed", str(seed)) as server:
        names = tour.names_for(server)
        tour.run(tour.SCRIPT, names, typer.echo)
        typer.echo("\nMistakes are told before anything is sent:")
        tour.run(tour.MISTAKES, names, typer.echo)
        names["broker"].close()

    typer.echo(
        f"\nThe same order, {orders} times each way, over a link of {headline.ROUND_TRIP} ms to a "
        f"server that takes {headline.SERVICE} ms:\n"
    )
    result = headline.against_sandbox(orders=orders)
    typer.echo(f"{result.table}\n\n{result.sentence}")
    typer.echo(
        "\nThe script that has just run. With broker = ob.connect() as its second line it runs as "
        "it stands, inside your own process:\n"
    )
    typer.echo(tour.SCRIPT)


@app.command()
def journal(
    day: Annotated[str | None, typer.Argument(help="2026-11-22; by default the last day.")] = None,
    broker: Annotated[str | None, typer.Option(help="Only this broker's.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this client code's.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only unknown outcomes.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Export as JSON lines.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="The journal_dir that connect() was given.")
    ] = None,
) -> None:
    """Show a day of the order journal: what was asked, what became of it, what is not known."""
    from openbroker.orders.journal import export_jsonl, pick, read_day
    from openbroker.schemas import Table

    for path in pick(folder, day=_day(day), broker=broker, account=account):
        if jsonl:
            typer.echo("\n".join(export_jsonl(path)))
            continue
        entries, events = read_day(path)
        shown = [entry for entry in entries if entry.state.is_open or not only_open]
        typer.echo(f"{path.parents[1].name} {path.parent.name} {path.stem}")
        typer.echo(f"{Table(entries.kind, shown)!r}\n")
        for event in events:
            typer.echo(f"event {event.what}: {json.dumps(dict(event.detail))}")


def _day(text: str | None) -> str | None:
    import datetime as dt

    try:
        return None if text is None else dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigError(
            f"day {text!r} is no date", advice="Write it like 2026-11-22; without one it is the "
            "last day that has a journal.",
        ) from None  # fmt: skip


def _show(table: Table[Any], as_json: bool) -> None:
    typer.echo(json.dumps(table.to_records(), default=str) if as_json else repr(table))


def _fail(error: OpenBrokerError) -> NoReturn:
    typer.echo(f"{type(error).__name__}: {error}", err=True)
    raise SystemExit(2 if isinstance(error, (ConfigError, UnknownBroker)) else 1)


def main() -> None:
    """Run the command; our errors are a sentence and an exit code, not a traceback."""
    try:
        app()
    except OpenBrokerError as error:
        _fail(error)
