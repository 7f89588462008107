"""The command imports its modules by name, and reads a file beside them."""

import pkgutil
from pathlib import Path

from katapult_async import cli

hiddenimports = [module.name for module in pkgutil.iter_modules(cli.__path__, f"{cli.__name__}.")]
datas = [(str(file), "katapult_async/cli") for path in cli.__path__ for file in Path(path).glob("*.json")]
