"""Prints pip constraints: the lowest version of each dependency that pyproject.toml allows."""

import pathlib
import re
import tomllib

PROJECT = tomllib.loads(pathlib.Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("cli", "speed")

requirements = list(PROJECT["dependencies"])
for extra in EXTRAS:
    requirements += PROJECT["optional-dependencies"][extra]
for requirement in requirements:
    if floor := re.match(r"([A-Za-z0-9_.-]+)>=([0-9.]+)", requirement):
        print(f"{floor[1]}=={floor[2]}")
