"""One file a broker: what is peculiar to it, and nothing else.

An adapter is a frozen object without state. Its operations are flows
(:data:`openbroker.transport.messages.Flow`): generators that yield requests, are sent replies and
return schema objects. They do no I/O and know no clock; ``CONTRIBUTING.md`` tells how to add one.
"""
