"""The bar says how far, how fast and how long still; a log file gets one line."""

import io

from carewright.plumbing.progress import Bar, progress


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_items_pass_through_unchanged():
    out = io.StringIO()
    assert list(progress(range(3), 3, "patients", out)) == [0, 1, 2]
    assert out.getvalue().startswith("  3 patients in ")
    assert out.getvalue().count("\n") == 1


def test_the_line_a_person_sees():
    bar = Bar(1000, "rows", out=io.StringIO())
    bar.done = 250
    assert bar.line(10.0) == "  █████░░░░░░░░░░░░░░░  250 of 1,000 rows  25/s  30 s left"
    bar.done = 1000
    assert bar.line(10.0).endswith("100/s  done")


def test_bytes_are_shown_as_megabytes_and_long_times_as_minutes():
    bar = Bar(5_000_000_000, "read", is_bytes=True, out=io.StringIO())
    bar.done = 1_000_000_000
    assert "1,000.0 MB of 5,000.0 MB read  10.0 MB/s  7 min left" in bar.line(100.0)


def test_a_screen_is_drawn_over_and_a_total_may_become_known_on_the_way():
    out = Screen()
    bar = Bar(0, "files", out=out)
    bar.reach(5, 10)
    bar.reach(10, 10, "claims.csv")
    bar.close()
    assert out.getvalue().count("\r") >= 2
    assert "10 claims.csv in" in out.getvalue()


def test_nothing_to_do_is_no_division_by_zero():
    assert "done" in Bar(0, "rows", out=io.StringIO()).line(0.0)
