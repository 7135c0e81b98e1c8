"""What the programs and the ranking say about each person in a run. `open_…` is the same from unprotected facts only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from carewright.population.models.run import OfPatient


class Eligibility(OfPatient):
    """What one program says about one person: yes, no, unknown, not applicable or excluded."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "program")
    program = models.TextField(db_collation="C")
    verdict = models.TextField()
    otherwise = models.TextField(help_text="What it would be if nothing ruled the person out.")
    open_verdict = models.TextField()
    open_otherwise = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["program", "verdict"], name="eligibility_program_verdict")]

    class Privacy:
        clinical = {"program", "verdict", "otherwise", "open_verdict", "open_otherwise"}
        plain = {"pk", "run", "patient"}

    def __str__(self):
        return f"{self.program} for patient {self.patient_id}"


class Criterion(OfPatient):
    """One line of a program's rule, answered for one person, with the landed rows behind the answer."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "program", "code")
    program = models.TextField(db_collation="C")
    code = models.TextField(db_collation="C")
    position = models.IntegerField()
    kind = models.TextField()
    any_of = models.TextField()
    label = models.TextField()
    verdict = models.TextField()
    text = models.TextField()
    chip = models.TextField(default="")
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")
    open_verdict = models.TextField(null=True, help_text="Empty when it is the same; so with all of open_….")
    open_text = models.TextField(null=True)
    open_chip = models.TextField(null=True)
    open_evidence = models.TextField(null=True)

    class Privacy:
        clinical = {"program", "code", "verdict", "text", "chip", "tags", "evidence", "label"} | {
            "open_verdict",
            "open_text",
            "open_chip",
            "open_evidence",
        }
        plain = {"pk", "run", "patient", "position", "kind", "any_of"}

    def __str__(self):
        return f"{self.program} {self.code} for patient {self.patient_id}"


class Score(OfPatient):
    """Where one person stands in a run: score, band, place, and what lists filter and sort by."""

    pk = models.CompositePrimaryKey("run_id", "patient_id")
    score = models.IntegerField()
    band = models.TextField()
    rank = models.IntegerField()
    tie_break = models.TextField()
    open_score = models.IntegerField(default=0, help_text="The same four from unprotected facts only.")
    open_band = models.TextField(default="")
    open_rank = models.IntegerField(default=0)
    open_tie_break = models.TextField(default="")
    age = models.IntegerField(null=True)
    sex = models.TextField()
    payer = models.TextField()
    payer_type = models.TextField()
    language = models.TextField()
    zip_code = models.TextField(db_collation="C")
    county_fips = models.TextField(db_collation="C")
    county = models.TextField()
    pcp_npi = models.TextField(db_collation="C")
    pcp_name = models.TextField()
    programs = ArrayField(models.TextField())
    open_programs = ArrayField(models.TextField())
    hidden_programs = ArrayField(models.TextField(), help_text="Programs that would say yes if nothing ruled them out.")
    open_hidden_programs = ArrayField(models.TextField())
    excluded_because = models.TextField()
    stays_12 = models.IntegerField()
    open_stays_12 = models.IntegerField()
    ed_visits_12 = models.IntegerField()
    open_ed_visits_12 = models.IntegerField()
    paid_12 = models.DecimalField(max_digits=14, decimal_places=2)
    open_paid_12 = models.DecimalField(max_digits=14, decimal_places=2)
    is_covered = models.BooleanField()
    is_alive = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["rank"], name="score_candidates_by_rank", condition=~Q(programs=[])),
            models.Index(fields=["open_rank"], name="score_open_candidates_in_order", condition=~Q(open_programs=[])),
            models.Index(fields=["rank"], name="score_by_rank"),
            models.Index(fields=["open_rank"], name="score_by_open_rank"),
            # Narrow enough to count from: who is on a list, and who is hidden from one, by why.
            models.Index(fields=["patient"], name="score_candidates", condition=~Q(programs=[])),
            models.Index(fields=["patient"], name="score_open_candidates", condition=~Q(open_programs=[])),
            models.Index(fields=["excluded_because", "patient"], name="score_hidden", condition=~Q(hidden_programs=[])),
            models.Index(
                fields=["excluded_because", "patient"], name="score_open_hidden", condition=~Q(open_hidden_programs=[])
            ),
        ]

    class Privacy:
        direct = {"zip_code"}
        clinical = {
            "score", "band", "rank", "tie_break", "open_score", "open_band", "open_rank", "open_tie_break", "age", "sex", "payer", "payer_type", "language", "county_fips", "county",
            "pcp_npi", "pcp_name", "programs", "open_programs", "hidden_programs", "open_hidden_programs",
            "excluded_because", "stays_12", "open_stays_12", "ed_visits_12", "open_ed_visits_12", "paid_12",
            "open_paid_12", "is_covered", "is_alive",
        }  # fmt: skip
        plain = {"pk", "run", "patient"}

    def __str__(self):
        return f"Score of patient {self.patient_id}"


class ScorePart(OfPatient):
    """One part of a person's score, in words; the parts add up to the score exactly."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "code")
    code = models.TextField(db_collation="C")
    position = models.IntegerField()
    label = models.TextField()
    points = models.IntegerField()
    value = models.IntegerField()
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")
    all_label = models.TextField(default="", help_text="The words with protected facts counted, when they differ.")
    all_evidence = models.TextField(default="")

    class Privacy:
        clinical = {"code", "label", "points", "value", "tags", "evidence", "all_label", "all_evidence"}
        plain = {"pk", "run", "patient", "position"}

    def __str__(self):
        return f"{self.code} of patient {self.patient_id}"


class Candidate(OfPatient):
    """Someone a program suggests, with their place among all it suggests; not asked yet."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "program")
    program = models.TextField(db_collation="C")
    rank = models.IntegerField()
    score = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["program", "rank"], name="candidate_program_rank")]

    class Privacy:
        clinical = {"program", "rank", "score"}
        plain = {"pk", "run", "patient"}

    def __str__(self):
        return f"patient {self.patient_id} for {self.program}"


class Movement(OfPatient):
    """
    What changed for a person since the run before, and why: entered or left a program's list, rose or fell a band.

    `seen` is `all`, or `open` for the same judged from unprotected facts only. A band's movement has no program.
    """

    pk = models.CompositePrimaryKey("run_id", "patient_id", "program", "change", "seen")
    program = models.TextField(db_collation="C")
    change = models.TextField()
    seen = models.TextField()
    reasons = ArrayField(models.TextField())

    class Meta:
        indexes = [models.Index(fields=["seen", "change", "program"], name="movement_seen_change")]

    class Privacy:
        clinical = {"program", "change", "seen", "reasons"}
        plain = {"pk", "run", "patient"}

    def __str__(self):
        return f"patient {self.patient_id} {self.change} {self.program}"
