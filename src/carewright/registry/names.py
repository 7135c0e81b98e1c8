"""
How names are compared: without capital letters, accents and signs, so that "Núñez" is found by typing "nunez".

The database sorts these keys byte by byte (`COLLATE "C"`), which every PostgreSQL does alike.
"""

import unicodedata


def name_key(name: str) -> str:
    """
    A name as it is searched and sorted.

    >>> name_key("  Núñez-Ortega,  JOSÉ ")
    'nunez ortega jose'
    >>> name_key("Strauß")
    'strauss'
    >>> name_key("O'Neil")
    'oneil'
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kept = []
    for letter in text:
        if unicodedata.combining(letter) or letter in "'’ʼ`.":
            continue
        kept.append(letter if letter.isalnum() else " ")
    return " ".join("".join(kept).split())
