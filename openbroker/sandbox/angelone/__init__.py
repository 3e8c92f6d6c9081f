"""The sandbox's front end in Angel One's dialect.

:mod:`.front` is the door and the route table; the other modules hold the routes by subject, the
broker's words and limits, the sessions and the master file.
"""
