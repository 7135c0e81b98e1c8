"""
The words of the public pages, in English and in Spanish, side by side so that a translator reads both.

Grade 6 or lower, one idea in a sentence. The Spanish was written by us and awaits a qualified translator; a site that
has one replaces it here.
"""

LANGUAGES = {"en": "English", "es": "Español"}

SELF = {
    "title": ("Get a care manager", "Pida una persona que le ayude"),
    "lead": (
        "A nurse or social worker who helps you with visits, medicines, food, and rides. It is free to ask. You can stop "
        "any day.",
        "Una enfermera o trabajadora social que le ayuda con citas, medicinas, comida y transporte. Preguntar es gratis. "
        "Puede dejarlo cualquier día.",
    ),
    "person_name": ("Name of the person who needs help", "Nombre de la persona que necesita ayuda"),
    "for_whom": ("Who is it for?", "¿Para quién es?"),
    "person_phone": ("Phone number", "Número de teléfono"),
    "phone_hint": ("With area code.", "Con código de área."),
    "we_call_from": ("We call from {phone}.", "Llamamos desde el {phone}."),
    "may_leave_message": ("OK to leave a message?", "¿Podemos dejar un mensaje?"),
    "best_time": ("Best time to call", "Mejor hora para llamar"),
    "reasons": ("What would help?", "¿Qué le ayudaría?"),
    "send": ("Ask for a call", "Pedir una llamada"),
    "promise": (
        "We call in 2 work days. We tell no one else that you asked.",
        "Llamamos en 2 días hábiles. No le decimos a nadie que usted preguntó.",
    ),
}
COMMON = {
    "danger": (
        "In danger? Call 911. Thinking of hurting yourself? Call or text 988.",
        "¿Está en peligro? Llame al 911. ¿Piensa en hacerse daño? Llame o envíe un texto al 988.",
    ),
    "language": ("Language", "Idioma"),
    "skip": ("Skip to content", "Ir al contenido"),
    "fix": ("Please fix:", "Por favor corrija:"),
    "missing": ("Please answer this.", "Por favor conteste esto."),
    "phone_wrong": (
        "This is not a full phone number. Write it with the area code, 10 digits.",
        "Falta algo en el número. Escríbalo con código de área, 10 dígitos.",
    ),
    "too_long": ("This is too long.", "Esto es demasiado largo."),
    "hidden": (
        "This has signs that cannot be seen. Type it again.",
        "Esto tiene signos que no se ven. Escríbalo otra vez.",
    ),
    "choose": ("Choose one.", "Elija una opción."),
    "too_many": (
        "Many forms came from this place in the last hour. Please call us.",
        "Llegaron muchas formas de este lugar en la última hora. Por favor llámenos.",
    ),
    "call_us": ("Our number is {phone}.", "Nuestro número es {phone}."),
}
THANKS = {
    "title": ("We got it", "Lo recibimos"),
    "self": (
        "We will call in 2 work days. You need to do nothing.",
        "Le llamaremos en 2 días hábiles. Usted no tiene que hacer nada.",
    ),
    "provider": (
        "We look at it within 2 business days and call the patient.",
        "Lo vemos en 2 días hábiles y llamamos al paciente.",
    ),
    "code": ("Your code", "Su código"),
    "keep": (
        "Keep this code. With it you can ask how far we are. It says nothing about any person.",
        "Guarde este código. Con él puede preguntar cómo va. No dice nada de ninguna persona.",
    ),
    "ask": ("See how far it is", "Ver cómo va"),
}
STATUS = {
    "title": ("How far is it?", "¿Cómo va?"),
    "lead": (
        "Type the code you got. This page tells how far we are and nothing about any person.",
        "Escriba el código que recibió. Esta página dice cómo va y nada de ninguna persona.",
    ),
    "code": ("Code", "Código"),
    "send": ("Look", "Ver"),
    "unknown": (
        "We have no such code. Check the letters, or call us.",
        "No tenemos ese código. Revise las letras o llámenos.",
    ),
    "too_many": ("Too many tries. Wait an hour, or call us.", "Demasiados intentos. Espere una hora o llámenos."),
    "received": ("We got it. Nobody has looked yet.", "Lo recibimos. Todavía nadie lo ha visto."),
    "looking": ("Somebody is looking at it.", "Alguien lo está viendo."),
    "calling": ("We are calling.", "Estamos llamando."),
    "finished": ("We have done our part. Call us to know more.", "Ya hicimos nuestra parte. Llámenos para saber más."),
    "on": ("Sent on", "Enviado el"),
}
PROVIDER = {
    "title": ("Refer a patient to care management", "Envíe un paciente a manejo de cuidados"),
    "lead": (
        "About 30 seconds. We answer within 2 business days, and you see each step.",
        "Unos 30 segundos. Contestamos en 2 días hábiles y usted ve cada paso.",
    ),
    "person_name": ("Patient’s name", "Nombre del paciente"),
    "person_born": ("Date of birth", "Fecha de nacimiento"),
    "person_phone": ("Best phone", "Mejor teléfono"),
    "person_language": ("Language", "Idioma"),
    "reasons": ("Why now?", "¿Por qué ahora?"),
    "how_soon": ("How soon?", "¿Qué tan pronto?"),
    "does_know": ("Does the patient know?", "¿Lo sabe el paciente?"),
    "knows_hint": (
        "The program is free to join or leave. People who are told first say yes more often.",
        "Entrar o salir es gratis. Quien lo sabe antes dice que sí más seguido.",
    ),
    "words": ("Anything that helps us on the first call", "Algo que ayude en la primera llamada"),
    "sender_name": ("Your name", "Su nombre"),
    "sender_organization": ("Your practice", "Su consultorio"),
    "sender_phone": ("Your phone", "Su teléfono"),
    "send": ("Send referral", "Enviar"),
    "optional": ("(optional)", "(opcional)"),
    "privacy": (
        "Sent encrypted. Do not add substance-use treatment notes here.",
        "Se envía cifrado. No agregue notas de tratamiento por uso de sustancias.",
    ),
    "born_wrong": ("Use MM/DD/YYYY.", "Use MM/DD/AAAA."),
    "born_future": ("This date is in the future. Use MM/DD/YYYY.", "Esta fecha es futura. Use MM/DD/AAAA."),
    "next": ("What happens next", "Qué sigue"),
    "next_1": ("A nurse looks at it within 2 business days", "Una enfermera lo ve en 2 días hábiles"),
    "next_2": ("We call the patient, at different times", "Llamamos al paciente, a distintas horas"),
    "next_3": ("With your code you see how far we are", "Con su código usted ve cómo va"),
    "yours": ("Your referrals", "Sus pacientes enviados"),
    "lately": ("last 30 days", "últimos 30 días"),
    "none_yet": ("None yet.", "Ninguno todavía."),
    "link_for": ("Link for {organization} only · ends {day}", "Enlace solo para {organization} · termina {day}"),
}
PROGRESS = {
    "received": ("Received", "Recibido"),
    "looking": ("Being looked at", "En revisión"),
    "calling": ("Calling", "Llamando"),
    "joined": ("Joined", "Entró"),
    "said_no": ("Said no", "Dijo que no"),
    "not_reached": ("Not reached", "No localizado"),
    "not_now": ("Later", "Más tarde"),
    "not_eligible": ("Not for us", "No es para nosotros"),
    "finished": ("Finished", "Terminado"),
}


def words(table: dict[str, tuple[str, str]], language: str) -> dict[str, str]:
    """One page's words in one language, with those all pages share."""
    place = 1 if language == "es" else 0
    return {key: both[place] for key, both in (COMMON | table).items()}
