"""A simulated broker to try everything on: no account, no network, no money.

>>> from openbroker.sandbox import Sandbox
>>> sandbox = Sandbox(seed=7)
>>> sorted(sandbox.credentials)
['api_key', 'client_code', 'pin', 'totp_secret']
"""

from openbroker.sandbox.sandbox import Sandbox, serve

__all__ = ["Sandbox", "serve"]
