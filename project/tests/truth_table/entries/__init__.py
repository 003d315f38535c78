"""What stands in the table, one module a noun. Every module in here is read by itself; see the package's docstring."""

from __future__ import annotations

import importlib
import pkgutil

for found in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
    importlib.import_module(f"{__name__}.{found.name}")
