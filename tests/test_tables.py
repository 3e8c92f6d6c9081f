"""Tables: what people see, and what frames hold."""

from __future__ import annotations

import builtins
import datetime as dt
import importlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pandas
import polars
import pytest

import openbroker as ob
from openbroker.schemas import INDIA, Funds, Holding, Instrument, Order, Position, Quote, Table
from openbroker.schemas.frames import column_kinds
from openbroker.schemas.market import Rung
from openbroker.schemas.table import Record

WHEN = dt.datetime(2026, 11, 20, 4, 45, 30, tzinfo=dt.UTC)

ROWS = (Order, Position, Holding, Quote, Instrument, ob.Trade, ob.OrderAck, Funds, ob.Margin,
        ob.Profile, ob.Candle)  # fmt: skip


def position(symbol: str, **figures: Any) -> Position:
    return Position(exchange=ob.Exchange.NSE, broker_symbol=symbol, **figures)


@pytest.fixture
def positions() -> Table[Position]:
    return Table(
        Position,
        [
            position("UP", quantity=10, pnl=Decimal("1234.5"), product=ob.Product.MIS),
            position("DOWN", quantity=-5, pnl=Decimal("-0.05")),
            position("FLAT", quantity=0, pnl=Decimal(0)),
            position("SILENT"),
        ],
    )


@pytest.fixture(scope="module")
def broker() -> Iterator[ob.Broker]:
    with ob.connect() as connected:
        connected.place_order("NSE:INFY", "BUY", 10, order_type="MARKET", product="MIS")
        yield connected


# -- text


def test_text_lines_figures_up_and_shows_what_is_missing(positions: Table[Position]) -> None:
    lines = repr(positions).splitlines()
    assert lines[0].split() == list(Position.COLUMNS)
    assert set(lines[1]) == {"-", " "}
    pnl_ends = lines[0].index("pnl") + 3
    assert [line[:pnl_ends].rsplit(maxsplit=1)[-1] for line in lines[2:]] == [
        "1,234.50", "-0.05", "0.00", "-",
    ]  # fmt: skip


def test_text_never_ends_a_line_in_blanks(positions: Table[Position]) -> None:
    assert all(line == line.rstrip() for line in repr(positions).splitlines())


def test_an_empty_table_says_of_what() -> None:
    assert repr(Table(Order)) == "(no Order rows)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1510.5"), "1,510.50"),
        (Decimal("0.0525"), "0.0525"),
        (Decimal("1E+3"), "1,000.00"),
        (None, "-"),
    ],
)
def test_money_is_never_rounded_away(value: Decimal | None, text: str) -> None:
    assert str(Funds(available=value)).splitlines()[0].split() == ["available", text]


def test_times_are_shown_in_indian_time() -> None:
    trade = ob.Trade(trade_id="1", order_id="2", traded_at=WHEN)
    assert "20 Nov 10:15:30" in str(trade)


class Terminal:
    """IPython's printer, in the middle of so many things."""

    def __init__(self, depth: int) -> None:
        self.said = ""
        self.stack = list(range(depth))

    def text(self, text: str) -> None:
        self.said += text


def test_ipython_shows_a_record_as_its_small_table_and_in_a_list_as_one_line() -> None:
    alone, listed, funds = Terminal(1), Terminal(2), Funds(available=Decimal(5))
    funds._repr_pretty_(alone, False)
    assert alone.said == str(funds)
    funds._repr_pretty_(listed, False)
    assert listed.said == repr(funds) == "Funds(available=5)"


def test_ipython_itself_does_so() -> None:
    pretty: Callable[[object], str] = importlib.import_module("IPython.lib.pretty").pretty
    for row in (Funds(available=Decimal(5)), ob.OrderAck(order_id="1")):
        assert pretty(row) == str(row)
        assert pretty([row, 1]) == f"[{row!r}, 1]"


# -- one line


def test_a_row_in_one_line_tells_what_its_table_shows_and_nothing_that_is_missing() -> None:
    order = Order(
        order_id="7", side=ob.Side.BUY, quantity=0, price=Decimal("1510.50"), message="it's",
        vendor={"secret": "raw"}, handle={"variety": "NORMAL"}, updated_at=WHEN,
    )  # fmt: skip
    assert repr(order) == (
        """Order(order_id='7', symbol='?', side=BUY, quantity=0, price=1510.5, status=UNKNOWN, """
        """message="it's")"""
    )
    assert repr([order]) == f"[{order!r}]"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (ob.Trade(trade_id="1", order_id="2", traded_at=WHEN), "2026-11-20 10:15:30+05:30"),
        (ob.Profile(account="A", exchanges=(ob.Exchange.NSE, ob.Exchange.BSE)), "(NSE, BSE)"),
        (Funds(available=Decimal("1E+3")), "available=1000"),
        (Funds(available=Decimal("5.5000")), "available=5.5)"),
    ],
)
def test_a_row_in_one_line_reads_like_what_one_types(row: Record, text: str) -> None:
    assert text in repr(row)


def test_no_kind_of_row_dumps_its_fields() -> None:
    rows, kinds = [Record], set[type[Record]]()
    while rows:
        found = rows.pop().__subclasses__()
        kinds.update(found)
        rows += found
    assert len(kinds) > len(ROWS)
    assert [kind for kind in kinds if kind.__repr__ is not Record.__repr__] == []


def test_what_a_request_asks_for_beside_the_usual_is_told() -> None:
    usual: dict[str, Any] = {"symbol": "NSE:INFY", "side": "BUY", "order_type": "MARKET"}
    request = ob.OrderRequest(**usual, product="MIS", lots=2, after_market=True)
    assert repr(request) == (
        "OrderRequest(symbol='NSE:INFY', side=BUY, lots=2, order_type=MARKET, product=MIS, "
        "validity=DAY, after_market=True)"
    )
    assert "lots          2" in str(request)
    assert "price" not in str(request)


# -- columns for what is seldom there


def test_a_sparse_column_is_shown_once_a_row_has_something_there() -> None:
    limit, stop = Order(order_id="1"), Order(order_id="2", trigger_price=Decimal(1490))
    assert "trigger_price" not in repr(Table(Order, [limit]))
    assert "trigger_price" not in Table(Order, [limit])._repr_html_()
    both = Table(Order, [limit, stop])
    assert "1,490.00" in repr(both)
    assert "<th>trigger_price</th>" in both._repr_html_()
    assert "trigger_price" in both.to_records()[0]
    assert str(stop).count("trigger_price") == 1
    assert "trigger_price" not in str(limit)


# -- depth


def test_depth_is_shown_side_by_side(broker: ob.Broker) -> None:
    depth = broker.quote("NSE:INFY").depth
    assert depth is not None
    lines = repr(depth).splitlines()
    assert lines[0].split() == list(Rung.COLUMNS)
    assert len(lines) == 2 + 5
    best = lines[2].split()
    assert best[2] == f"{depth.bids[0].price:,.2f}"
    assert best[3] == f"{depth.asks[0].price:,.2f}"
    assert depth._repr_html_().startswith("<table>")
    thin = ob.Depth(bids=(ob.Level(price=Decimal(5), quantity=1),))
    assert repr(thin).splitlines()[0].split() == ["bid_quantity", "bid", "ask", "ask_quantity"]
    assert repr(thin).splitlines()[2].split() == ["1", "5.00", "-", "-"]


# -- HTML


def test_html_colours_profit_and_loss_and_nothing_else(positions: Table[Position]) -> None:
    html = positions._repr_html_()
    assert html.count("color:#0a7d32") == 1
    assert "color:#0a7d32'>1,234.50" in html
    assert html.count("color:#b3261e") == 1
    assert "color:#b3261e'>-0.05" in html


def test_html_escapes_what_a_broker_says() -> None:
    rows = Table(Order, [Order(order_id="1", message="<script>alert(1)</script>")])
    assert "<script>" not in rows._repr_html_()
    assert "<script>" not in Order(order_id="<script>")._repr_html_()


def test_html_of_an_empty_table_keeps_its_columns() -> None:
    html = Table(Order)._repr_html_()
    assert "no Order rows" in html
    assert all(f"<th>{name}</th>" in html for name in Order.COLUMNS if name not in Order.SPARSE)


# -- being a sequence


def test_slices_are_tables_and_rows_are_rows(positions: Table[Position]) -> None:
    assert isinstance(positions[1:], Table)
    assert len(positions[1:]) == 3
    assert positions[-1].symbol == "SILENT"
    assert positions == list(positions)
    assert hash(positions[:1]) == hash(Table(Position, [positions[0]]))


# -- frames


@pytest.mark.parametrize("kind", ROWS)
def test_frames_of_no_rows_keep_columns_and_types(kind: type[Record]) -> None:
    empty: Table[Any] = Table(kind)
    names = list(kind.field_names())
    assert list(empty.to_pandas().columns) == names
    assert empty.to_polars().columns == names
    assert polars.Null not in empty.to_polars().dtypes
    kinds = column_kinds(kind)
    floats = [name for name in names if kinds[name] is float]
    assert all(empty.to_pandas()[name].dtype == "float64" for name in floats)


@pytest.mark.parametrize("read", ["orders", "trades", "positions", "holdings"])
def test_types_do_not_depend_on_the_rows(broker: ob.Broker, read: str) -> None:
    table = getattr(broker, read)()
    assert len(table) > 0
    assert dict(table.to_pandas().dtypes) == dict(table[:0].to_pandas().dtypes)
    assert table.to_polars().schema == table[:0].to_polars().schema


def test_missing_figures_stay_missing_and_columns_stay_numbers(
    positions: Table[Position],
) -> None:
    frame = positions.to_pandas()
    assert frame["pnl"].dtype == "float64"
    assert frame["pnl"].isna().tolist() == [False, False, False, True]
    assert frame["last_price"].dtype == "float64"
    assert frame["last_price"].isna().all()
    assert frame["quantity"].dtype == "Int64"
    assert frame["quantity"].sum() == 5
    assert frame["quantity"].isna().tolist() == [False, False, False, True]
    assert positions.to_polars()["pnl"].null_count() == 1


def test_words_are_text_and_can_be_compared(positions: Table[Position]) -> None:
    frame = positions.to_pandas()
    assert pandas.api.types.is_string_dtype(frame["product"])
    assert frame[frame["product"] == "MIS"]["symbol"].tolist() == ["UP"]
    assert positions.to_polars().filter(polars.col("product") == "MIS")["symbol"].to_list() == [
        "UP"
    ]


def test_times_are_indian_also_where_one_is_missing() -> None:
    rows = [Order(order_id="1", placed_at=WHEN), Order(order_id="2")]
    frame = Table(Order, rows).to_pandas()
    assert str(frame["placed_at"].dtype) == "datetime64[us, Asia/Kolkata]"
    assert str(frame["updated_at"].dtype) == "datetime64[us, Asia/Kolkata]"
    assert frame["placed_at"][0] == pandas.Timestamp(WHEN)
    assert frame["placed_at"][0].hour == 10
    assert frame["placed_at"].isna().tolist() == [False, True]
    times = Table(Order, rows).to_polars()["placed_at"]
    assert times.dtype == polars.Datetime("us", "Asia/Kolkata")
    assert times[0] == WHEN


def test_expiries_are_dates_that_compare(broker: ob.Broker) -> None:
    found = broker.instruments.search("nifty 26000 ce")
    frame = found.to_pandas()
    assert frame["expiry"].dtype == "datetime64[s]"
    assert (frame["expiry"] >= pandas.Timestamp(found[0].expiry)).all()
    assert found.to_polars()["expiry"].dtype == polars.Date


def test_the_whole_master_has_the_types_of_its_rows(broker: ob.Broker) -> None:
    found = broker.instruments.search("nifty")
    assert dict(broker.instruments.to_pandas().dtypes) == dict(found.to_pandas().dtypes)
    assert broker.instruments.to_polars().schema == found.to_polars().schema


def test_lists_stay_lists(broker: ob.Broker) -> None:
    profile = Table(ob.Profile, [broker.profile()])
    assert "NSE" in profile.to_pandas()["exchanges"][0]
    assert profile.to_polars()["exchanges"].dtype == polars.List(polars.String)


def test_records_are_plain_and_complete(positions: Table[Position]) -> None:
    record = positions.to_records()[0]
    assert record["pnl"] == 1234.5
    assert type(record["pnl"]) is float
    assert type(record["product"]) is str
    assert record["average_price"] is None
    assert "vendor" not in record


def test_no_frame_holds_tokens_or_vendor_rows() -> None:
    for kind in ROWS:
        assert not {"vendor", "tokens", "handle"} & set(kind.field_names())


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_missing_extra_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ob.ConfigError, match=rf"openbroker-sdk\[{library}\]"):
        getattr(Table(Order), f"to_{library}")()


def test_history_is_indexed_by_indian_time() -> None:
    candle = ob.Candle(
        timestamp=WHEN, open=Decimal(1), high=Decimal(2), low=Decimal(1), close=Decimal(2)
    )
    frame = ob.Candles([candle]).to_pandas()
    assert frame.index.name == "timestamp"
    assert str(frame.index.tz) == "Asia/Kolkata"
    assert frame.index[0] == pandas.Timestamp(WHEN.astimezone(INDIA))
    assert set(map(str, frame.dtypes)) == {"float64"}
    assert list(ob.Candles([]).to_pandas().columns) == list(frame.columns)


def test_what_is_no_plain_value_is_kept_as_it_is() -> None:
    """A journal's row holds what was asked as a mapping."""
    from openbroker.orders.entries import Entry

    assert column_kinds(Entry)["intent"] is object
    assert Table(Entry).to_pandas()["intent"].dtype == object
    assert Table(Entry).to_polars()["intent"].dtype == polars.Object


def test_a_basket_of_nothing_says_so() -> None:
    with ob.connect() as broker:
        assert repr(broker.place_orders([])) == "(no Result rows)"
