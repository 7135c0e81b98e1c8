"""
What we write to people, in English and Spanish: nothing that says how somebody is, or which program it is about.

A text or an email says that there is something to talk about, never what; a letter says that help is offered, that it is
free and voluntary, whom to call, and how to stop. Sentences are short and words common (grade 6 or lower in English).
The Spanish was written together with the English and is not a certified translation: a site has a qualified translator
read it (45 CFR 92.201) before relying on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter

ENGLISH, SPANISH = "en", "es"
ALWAYS = frozenset({"organization", "phone", "hours"})
"""Values every wording may use; the gate fills them in."""

NOT_WATCHED = "not_watched"
"""Said once a day to whoever writes to us: nobody promises that a text is read at once."""


@dataclass(frozen=True)
class Template:
    """
    One thing we write, for some ways of sending it.

    `waits`: outside the hours it waits for the morning; otherwise it is refused, because by then it says too little or
    comes too late. `is_reply`: answers a text at once, at any hour, and counts toward no limit. `was_asked_for`: answers
    STOP, START or HELP, which goes out whatever else stops messages. `is_public_safe`: may be read by whoever holds the
    phone or opens the envelope.
    """

    code: str
    kinds: frozenset[str]
    text: Mapping[str, str]
    subject: Mapping[str, str] = field(default_factory=dict)
    waits: bool = True
    is_reply: bool = False
    was_asked_for: bool = False
    is_public_safe: bool = True

    @property
    def values(self) -> frozenset[str]:
        """The values somebody must give for it, besides those the gate fills in."""
        named = {
            name
            for words in (*self.text.values(), *self.subject.values())
            for _literal, name, _format, _conversion in Formatter().parse(words)
            if name
        }
        return frozenset(named) - ALWAYS

    def said(self, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        """Subject and text in a language (English where it has none), with the values in their places."""
        chosen = language if language in self.text else ENGLISH
        subject = self.subject.get(chosen, "").format_map(dict(values)) if self.subject else ""
        return subject, self.text[chosen].format_map(dict(values))


def _text(code: str, english: str, spanish: str, **more) -> Template:
    return Template(code, frozenset({"sms"}), {ENGLISH: english, SPANISH: spanish}, **more)


def _letter(code: str, subject: tuple[str, str], english: str, spanish: str) -> Template:
    return Template(
        code, frozenset({"letter"}), {ENGLISH: english, SPANISH: spanish}, {ENGLISH: subject[0], SPANISH: subject[1]}
    )


def _email(code: str, subject: tuple[str, str], english: str, spanish: str) -> Template:
    return Template(
        code, frozenset({"email"}), {ENGLISH: english, SPANISH: spanish}, {ENGLISH: subject[0], SPANISH: subject[1]}
    )


TEMPLATES: tuple[Template, ...] = (
    # --- texts: who we are first, one idea, how to stop
    _text(
        "please_call",
        "{organization}: We would like to talk with you. Please call {phone}. Reply STOP to end texts.",
        "{organization}: Nos gustaría hablar con usted. Llame al {phone}. Responda PARAR para no recibir textos.",
    ),
    _text(
        "missed_you",
        "{organization}: We called and missed you. We will try again. Or call {phone}. Reply STOP to end texts.",
        "{organization}: Le llamamos y no le encontramos. Llame al {phone}. Responda PARAR para no recibir textos.",
    ),
    _text(
        "call_planned",
        "{organization}: We will call you on {day} at {time}. To change it, call {phone}. Reply STOP to end texts.",
        "{organization}: Le llamamos el {day} a las {time}. Para cambiar: {phone}. Responda PARAR para no recibir textos.",
        waits=False,
    ),
    _text(
        "visit_planned",
        "{organization}: You have a visit on {day} at {time}. To change it, call {phone}. Reply STOP to end texts.",
        "{organization}: Tiene una visita el {day} a las {time}. Para cambiar: {phone}. Responda PARAR para no más textos.",
        waits=False,
    ),
    _text(
        "something_to_read",
        "{organization}: There is something new for you to read. Call {phone} with questions. Reply STOP to end texts.",
        "{organization}: Hay algo nuevo para usted. Preguntas: {phone}. Responda PARAR para no recibir textos.",
    ),
    # --- answers to a text, at any hour
    _text(
        "stop_confirmed",
        "{organization}: You will get no more texts from us. We may still call. To get texts again, reply START.",
        "{organization}: Ya no recibirá textos de nosotros. Aún podemos llamarle. Para recibir textos, responda START.",
        is_reply=True, was_asked_for=True,
    ),
    _text(
        "start_confirmed",
        "{organization}: You will get texts from us again. Reply STOP at any time to end them.",
        "{organization}: Recibirá textos de nosotros otra vez. Responda PARAR cuando quiera para no recibirlos.",
        is_reply=True, was_asked_for=True,
    ),
    _text(
        "help",
        "{organization}: A person reads this, but not day and night. Emergency: 911. Crisis: 988. Or call {phone}. Reply STOP to end texts.",
        "{organization}: Una persona lo lee, pero no día y noche. Emergencia: 911. Crisis: 988. O llame al {phone}. PARAR: no más textos.",
        is_reply=True, was_asked_for=True,
    ),
    _text(
        NOT_WATCHED,
        "{organization}: We do not read texts day and night. In an emergency call 911. In a crisis call or text 988. Reply STOP to end texts.",
        "{organization}: No leemos los textos día y noche. En una emergencia llame al 911. En una crisis llame al 988. PARAR: no más textos.",
        is_reply=True,
    ),
    # --- emails
    _email(
        "please_call_email",
        ("Please call us", "Por favor llámenos"),
        "Hello {name},\n\nWe would like to talk with you about help that is free for you.\n\nPlease call {phone}. We are "
        "here {hours}.\n\nYou do not have to say yes. If you do not want emails from us, answer this email and say so."
        "\n\n{organization}",
        "Hola {name}:\n\nQueremos hablar con usted sobre una ayuda gratis.\n\nLlame al {phone}. Estamos "
        "aquí de {hours}.\n\nUsted decide si la quiere. Si no quiere recibir nuestros correos, responda y díganoslo."
        "\n\n{organization}",
    ),
    _email(
        "something_to_read_email",
        ("Something new for you", "Algo nuevo para usted"),
        "Hello {name},\n\nThere is something new for you to read. Call {phone} and we will tell you about it. We are here "
        "{hours}.\n\nIf you do not want emails from us, answer this email and say so.\n\n{organization}",
        "Hola {name}:\n\nHay algo nuevo para usted. Llame al {phone} y le contamos. Estamos aquí de "
        "{hours}.\n\nSi no quiere recibir nuestros correos, responda y díganoslo.\n\n{organization}",
    ),
    # --- letters
    _letter(
        "outreach_letter",
        ("We would like to help", "Queremos ayudarle"),
        "Dear {name},\n\nWe tried to call you. We would like to offer you a person of your own who helps you with your "
        "health: someone to call, who knows you and works with your doctor.\n\nThis help is free for you unless we tell you "
        "about a cost first. You can say yes or no. If you say yes, you can stop at any time. Your doctor and your health "
        "plan stay the same.\n\nPlease call {phone}. Ask for {staff}. We are here {hours}. If you use a TTY, dial 711 "
        "first. If you speak another language, we have an interpreter for you at no cost.\n\nIf you do not want more "
        "letters or calls from us, call the same number and tell us.\n\n{organization}",
        "Estimado/a {name}:\n\nTratamos de llamarle. Queremos ofrecerle una persona que le ayude con su salud: "
        "alguien a quien llamar, que le conoce y trabaja con su médico.\n\nEsta ayuda es gratis, a menos que le avisemos "
        "antes de algún costo. Usted puede decir sí o no. Si dice sí, puede parar cuando quiera. Su médico y su plan de "
        "salud siguen igual.\n\nLlame al {phone}. Pregunte por {staff}. Estamos aquí de {hours}. Si usa TTY, marque primero "
        "el 711. Si habla otro idioma, tenemos un intérprete sin costo.\n\nSi no quiere más cartas ni llamadas, llame "
        "al mismo número y díganos.\n\n{organization}",
    ),
    _letter(
        "unable_to_reach_letter",
        ("We could not reach you", "No pudimos comunicarnos con usted"),
        "Dear {name},\n\nWe tried to reach you several times and could not. We will stop calling for now.\n\nThe help we "
        "wanted to offer is still there. It is your choice. If you would like to hear about it, call {phone}. We are here "
        "{hours}. If you use a TTY, dial 711 first. An interpreter is free.\n\nIf we wrote to the wrong person, please "
        "tell us.\n\n{organization}",
        "Estimado/a {name}:\n\nTratamos de comunicarnos con usted varias veces y no pudimos. Por ahora no llamaremos "
        "más.\n\nLa ayuda que queremos ofrecerle sigue ahí. Usted decide. Si quiere saber más, llame al {phone}. Estamos "
        "aquí de {hours}. Si usa TTY, marque primero el 711. El intérprete es gratis.\n\nSi esta carta no es para usted, "
        "por favor avísenos.\n\n{organization}",
    ),
    _letter(
        "welcome_letter",
        ("Welcome", "Le damos la bienvenida"),
        "Dear {name},\n\nThank you for saying yes. Your person is {staff}. You can call {staff} at {phone}. We are here "
        "{hours}. In an emergency, call 911.\n\nYou can stop at any time. Just tell us. It does not change your doctor or "
        "your health plan.\n\nIf you use a TTY, dial 711 first. An interpreter is free.\n\n{organization}",
        "Estimado/a {name}:\n\nGracias por decir que sí. Su persona es {staff}. Puede llamarle al {phone}. Estamos aquí "
        "de {hours}. En una emergencia, llame al 911.\n\nPuede parar cuando quiera. Solo díganos. Su médico y su plan de "
        "salud no cambian.\n\nSi usa TTY, marque primero el 711. El intérprete es gratis.\n\n{organization}",
    ),
    _letter(
        "new_person_letter",
        ("Somebody new will help you", "Una persona nueva le ayudará"),
        "Dear {name},\n\nFrom {day} on, {staff} will be your person here. {staff} knows what you agreed with us. You do "
        "not need to do anything.\n\nCall {phone} with questions. We are here {hours}. If you use a TTY, dial 711 first. "
        "An interpreter is free.\n\n{organization}",
        "Estimado/a {name}:\n\nDesde el {day}, {staff} será su persona aquí. {staff} sabe lo que usted acordó con "
        "nosotros. No tiene que hacer nada.\n\nSi tiene preguntas, llame al {phone}. Estamos aquí de {hours}. Si usa TTY, "
        "marque primero el 711. El intérprete es gratis.\n\n{organization}",
    ),
    _letter(
        "stopped_letter",
        ("You asked us to stop", "Usted nos pidió parar"),
        "Dear {name},\n\nYou asked us to stop, and we have. We will not call or write to you about this any more.\n\nYour "
        "doctor and your health plan stay the same. If you change your mind, call {phone}. We are here {hours}. If you "
        "use a TTY, dial 711 first.\n\n{organization}",
        "Estimado/a {name}:\n\nUsted nos pidió parar y así lo hicimos. No le llamaremos ni escribiremos más sobre "
        "esto.\n\nSu médico y su plan de salud siguen igual. Si cambia de idea, llame al {phone}. Estamos aquí de {hours}. "
        "Si usa TTY, marque primero el 711.\n\n{organization}",
    ),
    # --- to an office that referred somebody: a number instead of a name
    Template(
        "referral_status", frozenset({"fax", "email"}),
        {ENGLISH: "About your referral {reference} of {day}:\n\n{status}\n\nQuestions: {phone}, {hours}.\n\n{organization}"},
        {ENGLISH: "Your referral {reference}"},
    ),
    # --- to a colleague on call
    Template(
        "alarm", frozenset({"page"}),
        {ENGLISH: "{organization}: A safety alarm waits for you since {time}. Sign in and accept it: Alarms."},
        {ENGLISH: "A safety alarm waits for you"},
    ),
    Template(
        "alarm_next", frozenset({"page"}),
        {ENGLISH: "{organization}: A safety alarm of {time} was not accepted. It is yours now. Sign in: Alarms."},
        {ENGLISH: "A safety alarm was not accepted; it is yours now"},
    ),
)  # fmt: skip

BY_CODE: dict[str, Template] = {template.code: template for template in TEMPLATES}
