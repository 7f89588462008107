"""What the OpenAPI document says of the operations that the library covers, and the library held against it.

``operations.json`` is the part of the document that matters here, for where the document itself is not: the document
lies beside the checkout, in no repository. ``python -m tests.openapi --write`` writes the table anew; an operation
is added by adding its name, with ``{}``, and writing.
"""
