"""The one schema: frozen attrs classes and the words they use.

Money and prices are ``Decimal`` rupees, quantities are units, times are aware. ``None`` means that
the broker did not say. The schema knows nothing of brokers and nothing of the wire; the only thing
of ours that it imports is the error tree, so that an order built by hand fails in it.
"""

from openbroker.schemas.account import (
    Charge,
    Charges,
    Funds,
    Holding,
    HoldingsTotal,
    Margin,
    Position,
    Profile,
    Session,
)
from openbroker.schemas.enums import (
    Exchange,
    GttStatus,
    InstrumentType,
    Interval,
    OrderStatus,
    OrderType,
    Product,
    QuoteMode,
    Right,
    Side,
    Validity,
)
from openbroker.schemas.gtt import Gtt, GttChange, GttLeg, GttRequest
from openbroker.schemas.instrument import Instrument, InstrumentRow
from openbroker.schemas.market import (
    Candle,
    Candles,
    Depth,
    Level,
    OpenInterest,
    Quote,
    Window,
)
from openbroker.schemas.orders import (
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Trade,
)
from openbroker.schemas.protection import AsLimit
from openbroker.schemas.secret import Secret
from openbroker.schemas.statistics import Caution, Greeks, Leverage, Mover, PutCallRatio
from openbroker.schemas.table import INDIA, Record, Table

__all__ = [
    "INDIA",
    "AsLimit",
    "Candle",
    "Candles",
    "Caution",
    "Charge",
    "Charges",
    "Depth",
    "Exchange",
    "Funds",
    "Greeks",
    "Gtt",
    "GttChange",
    "GttLeg",
    "GttRequest",
    "GttStatus",
    "Holding",
    "HoldingsTotal",
    "Instrument",
    "InstrumentRow",
    "InstrumentType",
    "Interval",
    "Level",
    "Leverage",
    "Margin",
    "Mover",
    "OpenInterest",
    "Order",
    "OrderAck",
    "OrderChange",
    "OrderRef",
    "OrderRequest",
    "OrderStatus",
    "OrderType",
    "Position",
    "Product",
    "Profile",
    "PutCallRatio",
    "Quote",
    "QuoteMode",
    "Record",
    "Right",
    "Secret",
    "Session",
    "Side",
    "Table",
    "Trade",
    "Validity",
    "Window",
]
