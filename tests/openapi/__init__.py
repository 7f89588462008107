"""Compare the library with the OpenAPI document of the Core API.

``operations.json`` is the part of the document that the library depends on. The document itself is not part of the
repository: the few tests that need it are skipped without it. ``python -m tests.openapi DOCUMENT`` compares the library
with a document, also a newer one, and prints the differences. To add an operation: write its endpoint and method, add a
row to ``uses.py``, and run ``python -m tests.openapi --write`` and ``python -m tests.cli``.

- `document` and `library`: what each of them has; `comparison`: the differences; `coverage`: where each operation is.
- `uses`: calls of every method with every argument; `samples`: responses with every field.
- `sandbox_table`: the operations as the sandbox reads them, corrected by recorded responses.
"""
