"""Zerodha's dialect, Kite Connect 3: routes, words, shapes, codes and limits by its manual.

Sources: kite.trade/docs/connect/v3, the client kiteconnect 5.2.2 and its published mock replies.
"""
