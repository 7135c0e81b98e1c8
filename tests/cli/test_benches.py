"""The benches run on what the product lands today."""

import duckdb

from carewright.cli.bench import population


def test_the_scan_reads_files_of_which_each_has_only_the_columns_it_was_sent(tmp_path):
    """A landed file leaves out columns nobody sent; the sorted copy all steps are compared with reads them together."""
    folder = tmp_path / "landed" / "medical_claim"
    folder.mkdir(parents=True)
    rows = "'b' as person_id, date '2026-01-02' as claim_start_date"
    duckdb.execute(f"copy (select {rows}, 'I10' as diagnosis_code_2) to '{folder}/1.parquet' (format parquet)")
    duckdb.execute(f"copy (select {rows}) to '{folder}/2.parquet' (format parquet)")
    seconds, lines = population._scan(tmp_path)
    assert (lines, seconds > 0) == (2, True)
    assert not list(tmp_path.glob("scan*")), "nothing is left behind"
