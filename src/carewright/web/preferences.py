"""How a person likes to read: theme, density, whether single keys act. Nothing here is about patients."""

from dataclasses import dataclass

CHOICES = {
    "theme": ("system", "light", "dark"),
    "density": ("compact", "roomy"),
    "keys": ("on", "off"),
}


@dataclass(frozen=True)
class Preferences:
    """What one person chose; the first of each list until they choose."""

    theme: str = "system"
    density: str = "compact"
    keys: str = "on"


def of(user) -> Preferences:
    """The choices of this person; someone not signed in, and a value we no longer know, get the defaults."""
    stored = getattr(user, "preferences", None) or {}
    return Preferences(**{name: stored[name] for name, known in CHOICES.items() if stored.get(name) in known})


def keep(user, wanted: dict[str, str]) -> None:
    """Remember some choices of this person; how one likes to read is no act on anybody, so it is not in the log."""
    user.preferences = {**(user.preferences or {}), **wanted}
    user.save(update_fields=["preferences"])
