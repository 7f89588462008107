"""The sandbox serves the operations of all modules that it finds in this package."""

import pkgutil

from katapult_async.sandbox import operations

hiddenimports = [module.name for module in pkgutil.iter_modules(operations.__path__, f"{operations.__name__}.")]
