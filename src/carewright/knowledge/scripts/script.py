"""What a script is made of: questions, the answers that can be ticked, and which answers need somebody else today."""

from dataclasses import dataclass
from datetime import timedelta

from carewright.knowledge.source import Source

KINDS = ("choice", "words", "number")


@dataclass(frozen=True)
class Answer:
    """
    One answer to tick. A flagged one needs somebody: `then` says what to do while still on the call.

    `task` is the kind of task a flagged answer makes, unless whoever calls says not to.
    """

    code: str
    words: str
    flag: bool = False
    then: str = ""
    task: str = ""

    def __post_init__(self) -> None:
        if self.task and not self.flag:
            raise ValueError(f"{self.code}: only a flagged answer makes a task.")


@dataclass(frozen=True)
class Question:
    """
    One open question: how to say it, and what may be ticked.

    `short` is how the note calls it. `translations` hold official or reviewed wordings by language, and nothing else.
    `asks` is `choice`, `words` or `number`; a choice may have room for words beside it.
    """

    code: str
    short: str
    say: str
    answers: tuple[Answer, ...] = ()
    asks: str = "choice"
    unit: str = ""
    has_words: bool = False
    translations: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.asks not in KINDS:
            raise ValueError(f"{self.code}: a question asks for one of {', '.join(KINDS)}.")
        if bool(self.answers) != (self.asks == "choice"):
            raise ValueError(f"{self.code}: answers belong to a choice, and a choice has answers.")

    def answer(self, code: str) -> Answer | None:
        """The answer with this code."""
        return next((answer for answer in self.answers if answer.code == code), None)


@dataclass(frozen=True)
class Script:
    """
    What is asked on one kind of call, in order.

    `kinds` are the kinds of tasks it serves; `again_after` is when the next contact is proposed once they were reached.
    """

    code: str
    name: str
    version: str
    kinds: tuple[str, ...]
    questions: tuple[Question, ...]
    again_after: timedelta
    source: Source

    def question(self, code: str) -> Question | None:
        """The question with this code."""
        return next((question for question in self.questions if question.code == code), None)


GOOD_TIME = Question(
    "good_time",
    "Good time to talk",
    "Is this a good time and place to talk?",
    (Answer("yes", "Yes"), Answer("later", "Not now")),
)
WORRIES = Question(
    "worries",
    "What worries them most",
    "What worries you most right now?",
    asks="words",
)
NEXT = Question(
    "teach_back",
    "When to call us or 911, in their words",
    "What would make you call us, and what would make you call 911?",
    (
        Answer("all", "Said all the signs"),
        Answer("some", "Said some"),
        Answer("none", "Could not say", flag=True, then="Say the signs again, and ask once more."),
    ),
)
TELL_PCP = "ask_pcp"
