"""The wire: one warm pool per route, and the evidence of what was handed to it.

Nothing is imported here, so that ``openbroker.transport.messages``, which adapters need, costs
neither httpx nor asyncio.
"""
