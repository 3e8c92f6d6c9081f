"""The truth about orders: what was asked, what became of it, and what is not known."""
