"""The tests of the command, and the derivation of its commands from the methods of resources.

``python -m tests.cli`` writes ``katapult_async/cli/declarations.json``: `declared`: what methods and models declare;
`columns`: the columns of tables; `help_texts` and `examples`: the help. `help_pages`: the help that commands print.
"""
