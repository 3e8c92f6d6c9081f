"""Tables: what people see, and what frames hold."""

from __future__ import annotations

import builtins
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas
import polars
import pytest

import openbroker as ob
from openbroker.schemas import INDIA, Funds, Holding, Instrument, Order, Position, Quote, Table
from openbroker.schemas.frames import column_kinds
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


def test_ipython_shows_a_record_as_its_small_table_and_repr_stays_one_line() -> None:
    class Printer:
        said = ""

        def text(self, text: str) -> None:
            self.said += text

    printer, funds = Printer(), Funds(available=Decimal(5))
    funds._repr_pretty_(printer, False)
    assert printer.said == str(funds)
    assert "\n" not in repr(funds)


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
    assert all(f"<th>{name}</th>" in html for name in Order.COLUMNS)


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
