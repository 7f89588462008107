"""The tests of ``katapult_async/core``.

`equivalent_classes`: classes that cattrs decodes, equal to those that msgspec decodes; `json_mutations`: JSON with one
change; `frozen_datetime`: freezegun's class for times.
"""
