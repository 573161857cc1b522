"""What people choose for themselves."""

from __future__ import annotations

from companies.models import User


def change(user: User) -> None:
    """Keeps a person's new name, language, theme and developer mode."""
    user.save(update_fields=["first_name", "last_name", "language", "theme", "is_developer"])


def choose_theme(user: User, theme: str) -> bool:
    """Keeps a theme (``User.Theme``); gives whether there is such a one."""
    if theme not in User.Theme.values:
        return False
    user.theme = theme
    user.save(update_fields=["theme"])
    return True
