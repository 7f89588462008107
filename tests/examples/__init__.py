"""The tests of the programs in ``examples/``; those of the web application are in `web_app`."""
