"""The command imports its modules by name, and makes commands of the source text of resources and models."""

import pkgutil

import katapult_async.cli

hiddenimports = [module.name for module in pkgutil.iter_modules(katapult_async.cli.__path__, "katapult_async.cli.")]
module_collection_mode = {"katapult_async": "pyz+py"}
