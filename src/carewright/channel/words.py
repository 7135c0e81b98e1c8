"""
Reading what somebody texted back: STOP, START, HELP, or words that a person must read.

People may stop texts by any reasonable means and in their own language (FCC 24-24, 47 CFR 64.1200(a)(10)), so the list
is wide and case, accents and politeness make no difference. A sentence in which "stop" means something else ("I cannot
stop coughing") is left to a person: read as a request it would go unread.
"""

import re
import unicodedata

STOP = frozenset(
    [
        "stop",
        "stopall",
        "stopp",
        "quit",
        "end",
        "revoke",
        "optout",
        "cancel",
        "unsubscribe",
        "remove",
        "parar",
        "pare",
        "para",
        "alto",
        "detener",
        "detenga",
        "baja",
        "cancelar",
        "basta",
        "terminar",
        "arret",
        "arreter",
        "arretez",
        "sispann",
        "kanpe",
        "pararam",
        "hinto",
        "itigil",
        "tigil",
        "dung",
        "ngung",
        "стоп",
        "отписаться",
        "отмена",
        "توقف",
        "ايقاف",
        "الغاء",
        "停止",
        "退订",
        "退訂",
        "取消",
        "停",
        "停止接收",
        "중지",
        "그만",
        "수신거부",
        "停止する",
    ]
)
PHRASES = (
    "opt out", "opt me out", "no more text", "no more message", "do not text", "dont text", "do not message",
    "dont message", "do not contact", "dont contact", "take me off", "remove me", "leave me alone", "stop all",
    "no mas mensaje", "no mas texto", "no me mande", "no me envie", "no me escrib", "no quiero mensaje",
    "no quiero mas mensaje", "dar de baja", "deme de baja", "dejen de", "deje de enviar", "deje de mandar",
    "pa voye mesaj", "ne plus recevoir",
)  # fmt: skip
START = frozenset(["start", "unstop", "subscribe", "resume", "empezar", "comenzar", "iniciar", "reanudar"])
HELP = frozenset(["help", "info", "ayuda", "informacion", "quien"])
POLITE = frozenset(
    ["please", "pls", "plz", "thanks", "thank", "you", "now", "it", "this", "these", "the", "all", "me", "my", "im", "i", "texting", "texts", "text", "messages", "message", "messaging", "msg", "msgs", "sending", "send", "to", "from", "want", "would", "like", "going", "and", "ok", "no", "por", "favor", "gracias", "ya", "los", "las", "mensajes", "mensaje", "textos", "de", "enviar", "mandar", "me", "todos", "todo", "s", "il", "vous", "plait", "merci"]
)  # fmt: skip
SPANISH = frozenset(
    [
        "parar",
        "pare",
        "para",
        "alto",
        "detener",
        "detenga",
        "baja",
        "cancelar",
        "basta",
        "terminar",
        "empezar",
        "comenzar",
        "iniciar",
        "reanudar",
        "ayuda",
    ]
)


def plain(words: str) -> str:
    """
    Small letters without accents, marks and doubled spaces.

    >>> plain("  ¡PARÁR, por favor!  ")
    'parar por favor'
    """
    letters = unicodedata.normalize("NFKD", words.casefold().replace("’", "").replace("'", ""))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", kept)).replace("_", " ").split())


def read(words: str) -> str:
    """
    What somebody asks for: `stop`, `start`, `help`, or `words` for a person to read.

    >>> [read(text) for text in ("Stop please", "PARAR", "I can't stop coughing", "Don't text me!", "UNSTOP", "help")]
    ['stop', 'stop', 'words', 'stop', 'start', 'help']
    """
    said = plain(words)
    if any(phrase in said for phrase in PHRASES):
        return "stop"
    left = [word for word in said.split() if word not in POLITE]
    for asked, known in (("stop", STOP), ("start", START), ("help", HELP)):
        if left and all(word in known for word in left):
            return asked
    return "words"


def is_spanish(words: str) -> bool:
    """Whether the words asked in Spanish, so that the answer is too."""
    said = plain(words)
    return any(word in SPANISH for word in said.split()) or any(
        phrase in said for phrase in ("no mas", "no me", "no quiero", "de baja", "por favor", "dejen", "deje ")
    )
