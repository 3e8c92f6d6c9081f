"""The public face: :class:`Broker` for scripts, threads and notebooks, :class:`AsyncBroker` for
asyncio.

Both have the same methods with the same arguments.  ``Broker`` runs its ``AsyncBroker`` in the
process's one background loop thread; ``AsyncBroker`` uses its caller's loop.  The way of an order:
``place_order`` here, :mod:`openbroker.orders.desk`, the adapter's flow,
:mod:`openbroker.transport.driver`, :mod:`openbroker.transport.exchange`.
"""

from openbroker.client.asynchronous import AsyncBroker
from openbroker.client.blocking import Broker
from openbroker.client.connecting import connect, connect_async, open_account

__all__ = ["AsyncBroker", "Broker", "connect", "connect_async", "open_account"]
