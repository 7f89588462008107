"""The sandbox serves the operations of all modules in `operations`, and reads files beside that package."""

import pkgutil
from pathlib import Path

from katapult_async import sandbox
from katapult_async.sandbox import operations

hiddenimports = [module.name for module in pkgutil.iter_modules(operations.__path__, f"{operations.__name__}.")]
datas = [(str(file), "katapult_async/sandbox") for path in sandbox.__path__ for file in Path(path).glob("*.json")]
