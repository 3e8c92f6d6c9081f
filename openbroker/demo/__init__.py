"""What ``openbroker demo`` shows: an order's way, and what a warm connection is worth."""
