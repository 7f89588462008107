"""The tests of the resources.

`calls`: a call as a row, with its request and its result; `responses`: their bodies; `cloud`: a simulation of Katapult
in which a test plans how each request ends. `data_centers` and `networks`: rows alone, without further tests.
"""
