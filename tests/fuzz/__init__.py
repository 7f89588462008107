"""Properties checked with random input: a short run in the suite, a long one with `python -m tests.fuzz AREA`.

The areas are `cli`, `decode` (with `kinds`: random types) and `wire`. `properties`: how a property is checked.
"""
