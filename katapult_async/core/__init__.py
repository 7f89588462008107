"""What every call goes through, from its arguments to its typed result."""
