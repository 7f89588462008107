"""Hooks for PyInstaller, which finds them by an entry point. They name what a frozen program must contain."""


def hook_directories() -> list[str]:
    """Return where the hooks are."""
    return list(__path__)
