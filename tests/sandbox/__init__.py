"""The tests of the sandbox.

`plain_client`: sends each request once; `samples`: requests for every operation; `openapi`: how responses differ from
the OpenAPI document.
"""
