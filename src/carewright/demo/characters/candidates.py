"""People who wait for a decision: the ten of the candidate list, and those who ask for help themselves."""

from carewright.demo.characters import (
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

RUTH = Character(
    number=44718841, given="Ruth", family="Abernathy", sex="female", age=72, birthday=(5, 2), doctor=1, zip_code="60608",
    conditions=("heart_failure=I5022", "chronic_kidney_disease=N1832", "diabetes=E1122", "copd=J449", "hypertension=I130", "hyperlipidemia=E785"),
    note="Found by the claims rule: two stays in twelve months, four lasting conditions, gaps in three medicines.",
    events=(
        Stay(258, 3, ("I130", "I5022", "E1122", "N1832", "J449"), "291", status="01", weight=1.35, paid_after=26, claim=718204),
        Stay(22, 4, ("I130", "I5023", "N1832", "E1122", "J449"), "291", status="06", weight=1.35, paid_after=None),
        Emergency(140, ("J441", "I5022"), paid_after=24),
        Visit(114, ("E1122", "N1832", "I130", "I5022"), "pcp", 30, claim=1104417),
        Visit(66, ("J449", "I5022"), "pulmonology", 33, claim=1187730),
        *regular(870, 92, "I130", "E1122", "N1832", "E785", "I5022", until=200),
        Visit(330, ("J449",), "pulmonology"), Visit(610, ("J449",), "pulmonology"),
        Visit(300, ("I5022", "I130"), "cardiology"), Visit(100, ("I5022", "I130"), "cardiology"),
        Visit(12, ("I5022", "N1832", "E1122"), "pcp", 8),
        Fills("pravastatin", 860, every=73), Fills("lisinopril", 850, every=58), Fills("metformin", 840, every=55),
        Fills("furosemide", 255, every=31), Fills("metoprolol succinate", 255, every=33), Fills("tiotropium", 700, every=36),
        Measured(114, {"a1c": 8.3, "egfr": 41, "creatinine": 1.5, "potassium": 4.6}),
        Measured(12, {"a1c": 8.6, "egfr": 38, "creatinine": 1.6, "potassium": 4.8, "bnp": 640}),
    ),
)  # fmt: skip

ALBERTO = Character(
    number=44717120, given="Alberto", family="Moreno", sex="male", age=68, people=2, language="es", zip_code="60623", dual=2,
    conditions=("diabetes=E1165", "hypertension=I10", "copd=J449", "hyperlipidemia=E785"),
    note="His doctor asks for help: three emergency visits, no ride.",
    events=(
        Emergency(31, ("J441", "E1165"), "Mercy General Hospital", 18), Emergency(75, ("E11649", "I10")), Emergency(160, ("J441",), "St. Anne Medical Center"),
        Stay(205, 4, ("J441", "E1165", "I10"), "190", weight=1.1, paid_after=30),
        *regular(850, 80, "E1165", "I10", "J449", "E785", until=10, paid_after=9),
        Fills("metformin", 820, every=40), Fills("lisinopril", 820, every=38), Fills("tiotropium", 500, every=45), Fills("levalbuterol", 600, every=60),
        Measured(95, {"a1c": 9.1, "egfr": 71, "ldl": 132}), Asked(20, ("rides",)),
    ),
)  # fmt: skip

THU = Character(
    number=44716613, given="Thu", family="Pham", sex="female", age=59, people=3, language="vi", zip_code="60640", segment=MEDICAID,
    conditions=("diabetes=E1165", "hypertension=I10", "hyperlipidemia=E785"), doctor=3,
    note="Diabetes out of hand: A1c 10.2, no metformin for 38 days, emergency visit six days ago.",
    events=(
        Emergency(6, ("E1165", "I10"), "St. Anne Medical Center", 4), Emergency(120, ("E1165",)), Emergency(215, ("R739", "E1165")), Emergency(300, ("R42", "I10")),
        *regular(830, 110, "E1165", "I10", "E785", until=24),
        Fills("metformin", 800, every=34, until=68), Fills("glipizide", 500, every=35, until=68), Fills("lisinopril", 790, every=33, until=20),
        Measured(20, {"a1c": 10.2, "egfr": 84, "ldl": 141}), Measured(200, {"a1c": 8.9}),
    ),
)  # fmt: skip

DOROTHY = Character(
    number=44714027, given="Dorothy", family="Greene", sex="female", age=83, people=1, zip_code="60619",
    conditions=("osteoporosis=M810", "hypertension=I10", "arthritis=M1711", "atrial_fibrillation=I4891", "hypothyroidism=E039", "depression=F331"),
    note="Broke a hip, nineteen nights in a nursing facility, home since yesterday.",
    events=(
        Stay(24, 4, ("S72001A", "M810", "I4891", "I10"), "481", status="03", weight=2.1, paid_after=15),
        Nursing(20, 19, ("S72001D", "M810", "I4891")),
        Emergency(190, ("R296", "S0990XA")), Emergency(90, ("R296", "S5001XA")),
        *regular(860, 95, "I10", "I4891", "M810", "E039", "M1711", "F331", until=30),
        Fills("metoprolol succinate", 850, every=33), Fills("rivaroxaban", 700, every=32), Fills("levothyroxine", 850, every=92, days=90),
        Fills("risedronate", 600, every=30), Fills("sertraline", 500, every=35), Measured(40, {"hemoglobin": 10.9, "egfr": 62, "tsh": 3.1}),
    ),
)  # fmt: skip

DARNELL = Character(
    number=44719350, given="Darnell", family="Jackson", sex="male", age=44, people=1, zip_code="60636", segment=MEDICAID, months_covered=13,
    note="Wrote himself: “I need help with sugar.” Hardly any claims: what he needs is unknown, not none.",
    events=(Visit(70, ("R7303", "Z7182")), Asked(10, ("food",)), Measured(70, {"a1c": 6.3})),
)  # fmt: skip

IRENA = Character(
    number=44713308, given="Irena", family="Kowalski", sex="female", age=77, people=4, language="pl", zip_code="60632", doctor=4,
    conditions=("copd=J449", "heart_failure=I5032", "hypertension=I110", "osteoporosis=M810"),
    note="Four conditions, and oxygen at home since last month.",
    events=(
        Stay(170, 5, ("J441", "J9601", "I5032"), "190", weight=1.2), Stay(48, 4, ("J441", "J9611", "I110", "I5032"), "190", weight=1.2, paid_after=22),
        Visit(40, ("J9611", "J449"), "equipment", 16), *regular(840, 85, "J449", "I110", "I5032", "M810", until=18, paid_after=12),
        *regular(800, 180, "J449", kind="pulmonology"), Fills("tiotropium", 800, every=31), Fills("fluticasone / salmeterol", 800, every=34),
        Fills("furosemide", 700, every=33), Fills("carvedilol", 700, every=34), Measured(45, {"bnp": 410, "egfr": 66, "hemoglobin": 12.2}),
    ),
)  # fmt: skip

CAROL = Character(
    number=44715562, given="Carol", family="Freeman", sex="female", age=66, birthday=(2, 11), zip_code="60402",
    conditions=("hypertension=I10", "hyperlipidemia=E785"),
    note="Cares for her husband, who has dementia; her daughter called because she is worn out.",
    events=(
        *regular(500, 100, "I10", "E785", until=40), Visit(26, ("Z636", "I10"), "pcp", 14),
        Fills("lisinopril", 480, every=32), Fills("pravastatin", 480, every=33), Measured(26, {"phq9": 9, "systolic": 148, "diastolic": 88}),
    ),
)  # fmt: skip

WALTER = Character(
    number=44715563, given="Walter", family="Freeman", sex="male", age=73, zip_code="60402", lives_with=44715562,
    conditions=("dementia=G309", "hypertension=I10", "bph=N401"), note="Carol’s husband.",
    events=(*regular(850, 120, "G309", "I10", "N401", until=30), Fills("donepezil", 800, every=31), Fills("memantine", 400, every=33), Fills("tamsulosin", 700, every=35)),
)  # fmt: skip

RAY = Character(
    number=44712279, given="Ray", family="Bishop", sex="male", age=71, zip_code="46320", doctor=5,
    conditions=("ischemic_heart_disease=I2510", "hypertension=I10", "diabetes=E119"),
    events=(
        Stay(150, 3, ("I214", "I2510", "I10"), "322", "Calumet Community Hospital", weight=2.0, paid_after=31),
        *regular(860, 100, "I2510", "I10", "E119", until=30), *regular(140, 60, "I2510", kind="cardiology"),
        Fills("clopidogrel", 146, every=31), Fills("pravastatin", 840, every=92, days=90), Fills("metformin", 840, every=92, days=90), Fills("metoprolol succinate", 146, every=31),
    ),
)  # fmt: skip

RENATA = Character(
    number=44718106, given="Renata", family="Silva", sex="female", age=53, people=2, language="es", zip_code="53204", segment=MEDICAID, doctor=2,
    conditions=("asthma=J45909", "anxiety=F411"),
    events=(
        *(Emergency(ago, ("J45901",), "Bayview Memorial Hospital") for ago in (35, 110, 200, 310)), *regular(800, 140, "J45909", "F411", until=40),
        Fills("levalbuterol", 800, every=32), Fills("fluticasone / salmeterol", 700, every=75),
    ),
)  # fmt: skip

GRETA = Character(
    number=44711954, given="Greta", family="Olsen", sex="female", age=80, zip_code="53402", doctor=3,
    conditions=("chronic_kidney_disease=N1832", "hypertension=I129", "hyperlipidemia=E785", "arthritis=M170", "osteoporosis=M810"),
    events=(
        *regular(860, 90, "I129", "N1831", "E785", "M170", "M810", until=180), *regular(150, 50, "I129", "N1832", until=20), Visit(60, ("N1832", "I129"), "nephrology"),
        Fills("losartan", 840, every=92, days=90), Fills("pravastatin", 840, every=95, days=90), Fills("celecoxib", 300, every=40),
        Measured(230, {"egfr": 52, "creatinine": 1.1, "potassium": 4.4}), Measured(25, {"egfr": 39, "creatinine": 1.4, "potassium": 4.9, "uacr": 88}),
    ),
)  # fmt: skip

GRACE = Character(
    number=44714410, given="Grace", family="Lee", sex="female", age=51, people=1, zip_code="60624", segment=MEDICAID, doctor=2,
    conditions=("hypertension=I10", "depression=F331"), note="Food, housing and rides; wants food and rides now.",
    events=(*regular(700, 120, "I10", "F331", until=30), Visit(35, ("I10", "Z5941", "Z59819", "Z5982"), "pcp", 15), Asked(35, ("food", "housing", "rides")), Fills("sertraline", 600, every=38), Fills("lisinopril", 650, every=40)),
)  # fmt: skip

PEOPLE = (RUTH, ALBERTO, THU, DOROTHY, DARNELL, IRENA, CAROL, WALTER, RAY, RENATA, GRETA, GRACE)
