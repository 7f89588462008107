"""Hooks for PyInstaller, which finds them by an entry point: what a program that is frozen with it must contain."""


def hook_directories() -> list[str]:
    """Return where the hooks are."""
    return list(__path__)
