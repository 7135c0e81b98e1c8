"""People already in care: those of the nurse's day, of the transitions page, and Mr. Ortega, whom every walk follows."""

from carewright.demo.characters import (
    COMMERCIAL,
    DISABLED,
    MEDICAID,
    Asked,
    Character,
    Emergency,
    Fills,
    Measured,
    Nursing,
    Stay,
    Visit,
    regular,
)

ST_ANNE = "St. Anne Medical Center"

LUIS = Character(
    number=44710092, given="Luis", family="Ortega", sex="male", age=74, birthday=(3, 9), people=2, language="es", dual=2, zip_code="60623",
    conditions=("heart_failure=I5022", "diabetes=E1122", "chronic_kidney_disease=N1832", "hypertension=I130", "ischemic_heart_disease=I2510", "hyperlipidemia=E785", "bph=N401"),
    program="complex_care", goals="Walk to church by Easter;Stay home, no hospital, 90 days;Take each medicine as it is meant;Food in the house every day",
    tasks="Contact after discharge;Book a visit within 7 days;Reconcile medicines",
    note="Home four days after four nights for heart failure; fourteen medicines, furosemide not picked up.",
    events=(
        Stay(8, 4, ("I130", "I5023", "N1832", "E1122", "I2510", "E785"), "291", status="06", weight=1.35, paid_after=None),
        Stay(196, 5, ("I130", "I5023", "N1832", "E1122"), "291", weight=1.35, paid_after=28),
        Emergency(58, ("I5022", "R600")), Emergency(131, ("E11649", "N1832")),
        *regular(880, 60, "I130", "E1122", "N1832", "I5022", "I2510", "E785", until=40), Visit(27, ("I5022", "N1832"), "pcp", 10),
        *regular(820, 150, "I5022", "I2510", kind="cardiology", until=60), Visit(46, ("I5022",), "cardiology", 20), *regular(700, 200, "N1832", "E1122", kind="nephrology"),
        Fills("furosemide", 850, every=32, until=57), Fills("lisinopril", 842, every=41, until=22), Fills("losartan", 4), Fills("metoprolol succinate", 825, every=32, until=25),
        Fills("spironolactone", 46, every=23, until=23), Fills("metformin", 824, every=30, until=14), Fills("pravastatin", 850, every=94, days=90), Fills("insulin glargine", 500, every=34),
        Fills("omeprazole", 700, every=95, days=90), Fills("gabapentin", 600, every=36), Fills("tamsulosin", 800, every=33),
        Measured(800, {"uacr": 142}), Measured(105, {"egfr": 44, "creatinine": 1.6, "potassium": 4.7, "a1c": 8.1}),
        Measured(20, {"egfr": 38, "creatinine": 1.8, "potassium": 5.1, "bnp": 910}), Measured(12, {"weight": 172, "systolic": 134, "diastolic": 76}), Asked(27, ("food", "rides")),
    ),
)  # fmt: skip


def _followed(
    number: int,
    given: str,
    family: str,
    sex: str,
    age: int,
    *conditions: str,
    events: tuple = (),
    visits: int = 90,
    **more: object,
) -> Character:
    """Somebody in care whose family doctor names the same conditions on every visit."""
    codes = tuple(condition.partition("=")[2] for condition in conditions)
    routine = regular(860, visits, *codes, until=25) if codes else ()
    return Character(
        number=number, given=given, family=family, sex=sex, age=age, conditions=conditions,
        events=routine + events, **{"program": "complex_care", **more},  # type: ignore[arg-type]
    )  # fmt: skip


PEOPLE = (
    LUIS,
    _followed(44711187, "James", "Whitfield", "male", 69, "chronic_kidney_disease=N184", "hypertension=I129", people=1, zip_code="60619", visits=60, events=(
        Measured(104, {"potassium": 5.1, "egfr": 27, "creatinine": 2.5}), Measured(1, {"potassium": 5.7, "egfr": 24, "creatinine": 2.7}),
        *regular(700, 120, "N184", kind="nephrology"), Fills("spironolactone", 400), Fills("losartan", 800, every=31), Fills("nifedipine", 800, every=33))),
    _followed(44712214, "Adaeze", "Okafor", "female", 67, "copd=J449", "hypertension=I10", "gerd=K219", people=4, zip_code="60620", events=(
        Emergency(1, ("J441",), paid_after=None), Emergency(28, ("J441",), paid_after=15), Emergency(52, ("J441",)), Stay(240, 4, ("J441", "J449"), "190"),
        Fills("tiotropium", 800, every=34), Fills("prednisone", 28, days=7), Fills("levalbuterol", 500, every=31))),
    _followed(44712210, "Linh", "Nguyen", "female", 58, "depression=F332", "diabetes=E1165", people=3, language="vi", segment=MEDICAID, zip_code="60640", events=(
        Measured(60, {"phq9": 9}), Measured(1, {"phq9": 16}), Measured(60, {"a1c": 8.0}), *regular(400, 21, "F332", kind="therapy"), Fills("sertraline", 400, every=33), Fills("metformin", 700, every=35))),
    _followed(44713094, "Marisol", "Castillo", "female", 31, people=2, language="es", segment=MEDICAID, zip_code="53215", months_covered=20, events=(
        *regular(150, 28, "O133", "Z3492", kind="prenatal", until=60), Measured(66, {"systolic": 146, "diastolic": 92}), Asked(66, ("rides",)))),
    _followed(44710450, "Helga", "Brandt", "female", 81, "arthritis=M1612", "hypertension=I10", "osteoporosis=M810", zip_code="60632", events=(Emergency(80, ("R296",)), Fills("lisinopril", 800, every=92, days=90))),
    _followed(44718013, "Kiran", "Patel", "male", 69, "diabetes=E119", "hypertension=I10", "ischemic_heart_disease=I2510", people=3, language="hi", zip_code="60016", program="chronic_care", events=(
        Fills("metformin", 800, every=91, days=90), Fills("pravastatin", 800, every=93, days=90), Measured(50, {"a1c": 7.4, "ldl": 88}))),
    _followed(44716677, "Miriam", "Rosenberg", "female", 77, "dementia=G309", "hypertension=I10", "hypothyroidism=E039", people=4, zip_code="60201", events=(Fills("donepezil", 700, every=32), Fills("levothyroxine", 800, every=92, days=90))),
    _followed(44719120, "Tunde", "Adeyemi", "male", 52, "end_stage_renal_disease=N186", "chronic_kidney_disease=N186", "hypertension=I120", people=4, segment=DISABLED, dual=2, zip_code="60628", events=(
        *regular(860, 30, "N186", "Z992", kind="dialysis", until=35), Fills("sevelamer", 800, every=31), Measured(30, {"potassium": 5.4, "egfr": 7, "hemoglobin": 10.4}))),
    _followed(44715521, "Terrence", "Johnson", "male", 46, "hypertension=I10", "depression=F331", people=1, segment=MEDICAID, zip_code="60624", events=(
        Visit(55, ("Z5900", "I10")), Asked(55, ("housing", "food")), Emergency(70, ("R079",)), Emergency(180, ("F329",)), Fills("sertraline", 400, every=45))),
    _followed(44717304, "Erik", "Larsen", "male", 63, "stroke=I639", "hypertension=I10", "hyperlipidemia=E785", segment=COMMERCIAL, zip_code="53045", program="chronic_care", events=(
        Stay(75, 6, ("I639", "I10"), "065", "Lakeshore University Hospital", weight=1.5), Fills("clopidogrel", 68, every=30), Fills("pravastatin", 68, every=31))),
    _followed(44714146, "Yasmin", "Haddad", "female", 29, "asthma=J4541", people=4, language="ar", segment=MEDICAID, zip_code="60632", program="chronic_care", events=(
        Fills("levalbuterol", 180, every=45), Emergency(95, ("J45901",)))),
    _followed(44715830, "Bernard", "Shaw", "male", 70, "copd=J449", "hypertension=I10", "atrial_fibrillation=I4891", people=1, zip_code="60651", events=(
        Stay(6, 2, ("J441", "I4891"), "190", ST_ANNE, weight=1.0, paid_after=None), Stay(260, 3, ("J441",), "190", ST_ANNE), Emergency(120, ("J441",), ST_ANNE), Fills("tiotropium", 700, every=36), Fills("rivaroxaban", 600, every=31))),
    _followed(44716240, "Emine", "Yilmaz", "female", 62, "diabetes=E1165", "hypertension=I10", people=4, language="ar", segment=DISABLED, zip_code="60623", events=(
        Stay(9, 3, ("A419", "N390", "E1165"), "872", weight=1.5, paid_after=None), Fills("metformin", 700, every=33), Fills("insulin glargine", 600, every=35))),
    _followed(44717905, "Henri", "Dubois", "male", 79, "stroke=I639", "hypertension=I10", "atrial_fibrillation=I4891", zip_code="60609", events=(
        Stay(17, 6, ("I639", "I4891", "I10"), "065", status="06", weight=1.5, paid_after=13), Fills("warfarin", 500, every=40), Visit(5, ("I639", "I10"), "pcp", 4))),
    _followed(44715501, "Kim", "Tran", "female", 55, "hypertension=I10", "anxiety=F411", people=3, segment=MEDICAID, zip_code="60640", program="chronic_care", events=(
        Stay(13, 1, ("R079", "I10"), "313", ST_ANNE, weight=0.65, paid_after=10), Visit(4, ("R079",), "pcp", 3))),
    _followed(44716602, "Martin", "Webb", "male", 66, "ischemic_heart_disease=I25118", "hypertension=I10", zip_code="60651", events=(Emergency(0, ("R079",), ST_ANNE, None), Fills("isosorbide mononitrate", 500, every=33))),
    _followed(44718801, "Lucille", "Carter", "female", 88, "heart_failure=I5032", "hypertension=I110", "dementia=F0390", people=1, zip_code="60617", events=(
        Stay(2, None, ("I110", "I5033"), "291", paid_after=None), Stay(330, 5, ("I110", "I5033"), "291", status="03"), Fills("furosemide", 800, every=33))),
    _followed(44717450, "Otis", "Perry", "male", 74, "osteoporosis=M810", "hypertension=I10", "diabetes=E119", people=1, zip_code="60620", events=(
        Stay(17, 5, ("S72141A", "M810"), "481", status="03", weight=2.1, paid_after=14), Nursing(12, None, ("S72141D", "M810")))),
    _followed(44718130, "Vera", "Novak", "female", 81, "stroke=I639", "hypertension=I10", zip_code="60804", people=4, events=(
        Stay(38, 7, ("I63511", "I10"), "064", status="03", weight=1.9, paid_after=20), Nursing(31, None, ("I69351", "I10"), "Elm Rehabilitation Center"))),
)  # fmt: skip
