"""
Every sentence that reading files writes about a file, a row or a resource, marked for translation.

What became of a file is stored in English: it is told on the command line, and in files a payer reads, as well. Pages
give it back in the reader's language (`wording`), so each sentence stands here once more, as a translator gets it. What
is in braces is filled in; `n` is the number that decides between one and many. What tables and columns mean is said by
their layouts.
"""

from django.utils.translation import gettext_noop, ngettext

from carewright.plumbing.wording import Words

WHERE: tuple[Words, ...] = (gettext_noop("{file} line {line}"),)

EXPECTED: tuple[Words, ...] = (
    # Of a whole file.
    gettext_noop("a file we may read"),
    gettext_noop("a file that can be read"),
    gettext_noop("a file or a folder"),
    gettext_noop("a file somebody here recognizes"),
    gettext_noop("a file that is known"),
    gettext_noop("a file that reads"),
    gettext_noop("a header and rows"),
    gettext_noop("a first line with column names"),
    gettext_noop("columns somebody here recognizes"),
    gettext_noop("every column once"),
    gettext_noop("one value in each field"),
    gettext_noop("rows of a table, one on each line"),
    gettext_noop("the column {columns} of {table}"),
    gettext_noop("the columns {columns} of {table}"),
    gettext_noop("a whole gzip file"),
    gettext_noop("a whole Parquet file"),
    gettext_noop("a whole ZIP file without a password"),
    gettext_noop("a ZIP file of data files"),
    gettext_noop("a smaller one"),
    gettext_noop("at most half of the room left on this disk"),
    gettext_noop("room to unpack it: twice what it holds unpacked"),
    gettext_noop("FHIR in JSON"),
    gettext_noop("JSON in UTF-8"),
    gettext_noop("a FHIR bundle, one resource, or NDJSON"),
    gettext_noop("a FHIR bundle, resource or NDJSON"),
    gettext_noop("a bundle of resources, or bulk NDJSON, of any size"),
    # Of a value in a row.
    gettext_noop("one of the listed values"),
    gettext_noop("a date written {format}"),
    gettext_noop("a day since 1850"),
    gettext_noop("a day on or after {column}"),
    gettext_noop("a day up to {day}"),
    gettext_noop("an amount such as 1234.50"),
    gettext_noop("a number"),
    gettext_noop("a whole number"),
    gettext_noop("a whole number of at most nine digits"),
    gettext_noop("the number"),
    gettext_noop("every digit of the number"),
    gettext_noop("1 or 0"),
    gettext_noop("YYYYMM"),
    gettext_noop("five digits"),
    gettext_noop("ten digits"),
    gettext_noop("eleven digits"),
    gettext_noop("three characters, such as 111"),
    gettext_noop("five characters, such as 99213"),
    gettext_noop("female, male or unknown"),
    gettext_noop("institutional or professional"),
    gettext_noop("an ICD-10-CM code such as E119"),
    # Of a FHIR resource.
    gettext_noop("one FHIR resource as JSON on the line"),
    gettext_noop("a FHIR resource: an object in braces"),
    gettext_noop("a resource"),
    gettext_noop("a list of entries"),
    gettext_noop("a kind of FHIR R4"),
    gettext_noop("the name of a FHIR R4 resource, such as Patient"),
    gettext_noop("an id in quotation marks"),
    gettext_noop("{kind} as FHIR R4 defines it"),
    gettext_noop("{kind} as FHIR R4 writes it"),
    gettext_noop("{kind} in the shape FHIR R4 gives it"),
    gettext_noop("a CodeableConcept, as FHIR R4 writes it"),
    gettext_noop("a list of insurances, as FHIR R4 writes it"),
    gettext_noop("one Coding with a code such as AMB, EMER or IMP (FHIR R4)"),
    gettext_noop("a date in quotation marks, written YYYY-MM-DD"),
    gettext_noop("a day that exists, written YYYY-MM-DD (a time and zone may follow)"),
    gettext_noop("an end on or after the start"),
    gettext_noop("a last day on or after the first"),
    gettext_noop("a discharge on or after the admission"),
    gettext_noop("when it begins"),
    gettext_noop("the first day of service"),
    gettext_noop("a reference to the Patient this is about"),
    gettext_noop("a reference to a Patient of this bundle, or of the form Patient/id"),
    gettext_noop("the Patient the appointment is for"),
    gettext_noop("the Practitioner this is about"),
    gettext_noop("the address of a questionnaire that is known here"),
    gettext_noop("at least one answer"),
    gettext_noop("answers that can be kept"),
    gettext_noop("at least one product dispensed"),
    gettext_noop("the NDC of what was dispensed"),
    gettext_noop("the day the medicine was handed out"),
    gettext_noop("the goal in words"),
    gettext_noop("what is asked for, coded or in words"),
    gettext_noop("what the condition is, coded or in words"),
    gettext_noop("what the person reacts to, coded or in words"),
    gettext_noop("what was done, coded or in words"),
    gettext_noop("what was observed, coded or in words"),
    gettext_noop("what was reported, coded or in words"),
    gettext_noop("which medicine, coded or in words"),
    gettext_noop("which vaccine, coded or in words"),
)
"""What would have read."""

FOUND: tuple[Words, ...] = (
    gettext_noop("nothing"),
    gettext_noop("nothing there"),
    gettext_noop("an error"),
    gettext_noop("an empty file"),
    gettext_noop("a file closed to us"),
    gettext_noop("a pipe or a device"),
    gettext_noop("bytes that are no text"),
    gettext_noop("text without a header of column names"),
    gettext_noop("no header"),
    gettext_noop("columns no map knows"),
    gettext_noop("the column {column} {times} times"),
    gettext_noop("several values in one field ({columns})"),
    gettext_noop("more than {size} MB without a line break"),
    gettext_noop("a gzip file with nothing in it"),
    gettext_noop("a gzip file that breaks off or is damaged"),
    gettext_noop("a gzip file that ends too early"),
    gettext_noop("a damaged gzip file ({why})"),
    gettext_noop("a packed file with more in it than the disk has room for"),
    gettext_noop("a damaged Parquet file"),
    gettext_noop("a Parquet file with {columns}"),
    gettext_noop("a damaged ZIP file"),
    gettext_noop("a ZIP file locked with a password"),
    gettext_noop("a ZIP file of more than 200 GB"),
    gettext_noop("a ZIP file that unpacks to {gigabytes} GB"),
    gettext_noop("ZIP files within ZIP files within a ZIP file"),
    gettext_noop("an Excel or Word file"),
    gettext_noop("an old Excel workbook"),
    gettext_noop("an X12 file (837 or 834)"),
    gettext_noop("an HL7 v2 message"),
    gettext_noop("a PDF"),
    gettext_noop("a web page"),
    gettext_noop("an XML file"),
    gettext_noop("a database file"),
    gettext_noop("XML"),
    gettext_noop("text in UTF-16"),
    gettext_noop("JSON that is not FHIR (no resourceType)"),
    gettext_noop("the byte {byte} at {place}, which UTF-8 does not have"),
    gettext_noop("more than {size} MB in one piece, which does not read as a bundle: {no_bundle}"),
    gettext_noop("no Patient"),
    gettext_noop("an entry without reference"),
    gettext_noop("an object, as STU3 wrote it"),
    gettext_noop("the text {text}, as STU3 wrote it"),
    gettext_noop("a field of FHIR {release}"),
    gettext_noop("{kind}, a kind of FHIR {release}"),
    gettext_noop("a request to delete {address}"),
    gettext_noop("{first} to {last}"),
    gettext_noop("There is no answer to {title} in it."),
    gettext_noop("a value that is not shown here"),
    gettext_noop("a value that is not shown here."),
)
"""What stood there instead, where it is said in words of ours."""

NO_BUNDLE: tuple[Words, ...] = (
    gettext_noop("a text in it is longer than {size} MB"),
    gettext_noop("a word stands among its entries"),
    gettext_noop("it breaks off before its end"),
    gettext_noop("it has no list of entries"),
    gettext_noop("it has two lists of entries"),
    gettext_noop("it is no Bundle"),
    gettext_noop("its entry {number} is larger than {size} MB"),
    gettext_noop("its entry {number} is no JSON ({why})"),
    gettext_noop("something else than objects with commas stands among its entries"),
    gettext_noop("something stands behind it"),
    gettext_noop("too much stands around its entries"),
    gettext_noop("what stands around its entries is no JSON ({why})"),
)
"""Why a large FHIR file is no bundle."""

BREAKS: tuple[Words, ...] = (gettext_noop("a character of it is cut in two or is no UTF-8"),)
"""Why a text is no JSON, where the reader of JSON does not say it in words of its own."""

MENDS: tuple[Words, ...] = (
    # A file as a whole.
    gettext_noop(
        "Understood are: Tuva Input Layer tables (eligibility, medical_claim, pharmacy_claim and the clinical tables) as CSV, CSV.gz or Parquet; FHIR R4 as JSON bundles or NDJSON; a caseload file; any other CSV through a column map."
    ),
    gettext_noop("It looks like {table}, but has no column {missing}."),
    gettext_noop("Save the sheet as CSV."),
    gettext_noop("Whoever fetched it may not have been signed in."),
    gettext_noop("Give this user the right to read it."),
    gettext_noop("Give this user the right to read it, and send it again."),
    gettext_noop("Check the disk or share."),
    gettext_noop("Check the path."),
    gettext_noop("Write it into a file first."),
    gettext_noop("Ask the sender for a header."),
    gettext_noop("Ask the sender to send it again."),
    gettext_noop("Ask the sender to send it again, and compare the file's size with theirs."),
    gettext_noop("Ask the sender to pack the files into one ZIP file."),
    gettext_noop("Nothing of it was read."),
    gettext_noop("The file is damaged, or is no table; ask the sender to send it again."),
    gettext_noop("Unlock it first."),
    gettext_noop("Send it in parts."),
    gettext_noop("Make room on the disk, or have it sent in parts."),
    gettext_noop("Make room on the disk, and send it again."),
    gettext_noop("No row of the file can be placed without it; ask the sender to add it, or make a column map."),
    gettext_noop("Which of them is meant cannot be known."),
    gettext_noop("Ask the sender to take the other one out."),
    gettext_noop("Ask the sender to give each value a column of its own."),
    gettext_noop("Map its columns first."),
    gettext_noop("Its rows stay as they are."),
    gettext_noop("Save or export it as UTF-8."),
    gettext_noop("Ask for the same in JSON (Accept: application/fhir+json)."),
    gettext_noop("Ask for the file again."),
    gettext_noop("Ask for the bundle again."),
    gettext_noop("Ask for it again, as bulk NDJSON or in several bundles."),
    gettext_noop("The JSON breaks off or is mistaken ({broken}); ask for the file again."),
    gettext_noop("The JSON breaks off or is mistaken there ({broken}); ask for the line again."),
    gettext_noop("What came before the break was read; ask for the file again."),
    # A record that is no row.
    gettext_noop("Quotation marks around fields that contain the delimiter would keep the fields apart."),
    gettext_noop("The file was damaged on its way; ask the sender to send it again."),
    gettext_noop("Double a quotation mark inside a field, and close every one."),
    gettext_noop("No column of a table is that long; the file was damaged, or two of its lines were joined."),
    gettext_noop("Ask the sender to save the file as UTF-8."),
    gettext_noop("Nothing is lost by it: files were joined, each with its header."),
    gettext_noop("Ask the sender to leave out the later ones."),
    # A value in a row.
    gettext_noop("The row cannot be placed without it; ask the sender to fill it in."),
    gettext_noop("Ask the sender which of the two days is right."),
    gettext_noop("Ask the sender for the right day; where none is known, leave the field empty."),
    gettext_noop("Ask the sender for the right day; a row about a day to come is never counted."),
    gettext_noop("Check the date format in the column map."),
    gettext_noop("Add the value to the list in the column map, then try again."),
    gettext_noop("Excel may have rewritten it; export the column as text, as YYYY-MM-DD."),
    gettext_noop("Excel has rounded the number; export the column as text from where it was first kept."),
    gettext_noop(
        "A program took the number for an amount and may have lost zeros before it; export the column as text."
    ),
    gettext_noop(
        "Send plain dollars and cents such as 1234.50, without $, commas or brackets; money is never guessed."
    ),
    gettext_noop("Ask the sender for the number, in digits only."),
    gettext_noop("The row landed; the code is kept as it was sent and matches no table."),
    gettext_noop("The row landed with it as sent."),
    gettext_noop(
        "The row landed with it as sent; ask for eleven digits, or for dashes: a ten-digit NDC can be read three ways."
    ),
    gettext_noop("The row landed without it."),
    gettext_noop("The row landed, and counts as neither a hospital's nor a professional's claim."),
    gettext_noop("Likely typing, such as the letter O for a zero."),
    gettext_noop("The visit landed; the code is kept as sent and matches no table."),
    # A FHIR resource.
    gettext_noop("Ask the sender to correct it."),
    gettext_noop("Ask the sender to correct it at the source."),
    gettext_noop("Ask the sender to fill it in."),
    gettext_noop("Ask the sender for the right day."),
    gettext_noop("Ask the sender to say whose it is."),
    gettext_noop("Ask the sender to include that Patient."),
    gettext_noop("Ask the sender to send answers of its list."),
    gettext_noop("Ask the sender to send it when it is answered."),
    gettext_noop("Ask the sender what it should say, and to send it again."),
    gettext_noop("Send the resource itself with the status entered-in-error."),
    gettext_noop("Load it under Assessments, Questionnaires; these answers are then taken in from here."),
    gettext_noop("Check that this is a FHIR file."),
    gettext_noop("A text is how DSTU2 wrote it, a list how R5 does; ask for FHIR R4."),
    gettext_noop("Ask for FHIR R4 (from CMS: the v2 address of BCDA, AB2D or Blue Button)."),
    gettext_noop("Ask for FHIR R4; most record systems offer it beside DSTU2."),
    gettext_noop("Ask for FHIR R4, the release US rules require."),
)
"""How to mend it; several may follow each other."""

REASONS: tuple[Words, ...] = (
    gettext_noop("Row with too many or too few fields"),
    gettext_noop("Row with a NUL byte in it"),
    gettext_noop("Quotation mark that is not closed, or not where a field begins or ends"),
    gettext_noop("Field of more than {size} MB"),
    gettext_noop("Row that is no text"),
    gettext_noop("Column names a second time"),
    gettext_noop("Value is not in the map's list"),
    gettext_noop("Date is not a date"),
    gettext_noop("Day lies before 1850"),
    gettext_noop("Day lies in the future"),
    gettext_noop("Amount is not a number"),
    gettext_noop("Number does not read"),
    gettext_noop("Number was rounded"),
    gettext_noop("Number written as an amount"),
    gettext_noop("Service code of the wrong shape"),
    gettext_noop("Provider number is not an NPI"),
    gettext_noop("Bill type of the wrong shape"),
    gettext_noop("NDC without its eleven digits"),
    gettext_noop("ZIP code of the wrong shape"),
    gettext_noop("Month of the wrong shape"),
    gettext_noop("Yes or no that is neither"),
    gettext_noop("Sex in words nobody knows"),
    gettext_noop("Claim type nobody knows"),
    gettext_noop("Diagnosis code of the wrong shape"),
    gettext_noop("{last_column} lies before {first_column}"),
    gettext_noop("No {plain_column}"),
)
"""Why rows of a table were set aside, and what is odd about rows that were kept."""

OF_ROWS: tuple[Words, ...] = (
    gettext_noop("column {column}: expected {expected}, found '{value}'."),
    gettext_noop("column {column}: expected {expected}, found a value that is not shown here."),
)
"""One thing that is wrong with a row of a table; several may follow each other."""

NOT_A_ROW: tuple[Words, ...] = (
    gettext_noop("Not a row: {reason}."),
    gettext_noop("What is wrong cannot be told without its value, which is not shown here."),
)

OF_RESOURCES: tuple[Words, ...] = (
    gettext_noop("{where}: expected {expected}, found {told}"),
    gettext_noop("expected {expected}, found {told}"),
    gettext_noop("{where}: expected {expected}"),
    gettext_noop("expected {expected}"),
)
"""What is wrong with a FHIR resource."""

IN_A_PREVIEW: tuple[Words, ...] = (gettext_noop("{reason}: expected {expected}."),)
"""What is wrong with a value while a column map is tried; how to mend it follows."""

OF_A_FILE: tuple[Words, ...] = (
    gettext_noop("{file}: nobody recognizes its columns ({columns}). {mend}"),
    gettext_noop("Its rows were tried again, and nothing changed. {because}"),
    gettext_noop("That is a fault of ours; the log says where. After an upgrade, try again."),
    gettext_noop(
        "Reading it failed twice by a fault of ours; the log says where. Nothing of it has landed and its bytes are kept: after an upgrade, press Try again."
    ),
    gettext_noop(
        "It could not be finished by a fault of ours; the log says where. It is tried again before the next file is read."
    ),
    # What to know of a file that was read.
    gettext_noop("The text was written in {encoding} and was read as such."),
    gettext_noop("The column {column} stands there more than once; nothing is read from it."),
    lambda n: ngettext(
        "{n} line was not UTF-8 and was read as Windows-1252 (line {line} first). Names may show a wrong accent; ask the sender to save the file as UTF-8.",
        "{n} lines were not UTF-8 and were read as Windows-1252 (line {line} first). Names may show a wrong accent; ask the sender to save the file as UTF-8.",
        n,
    ),
    gettext_noop("The file has a header and no rows."),
    gettext_noop("No row of the file could be kept."),
    gettext_noop(
        "The caseload is kept here; a supervisor looks through it and applies it under Leads, Caseload files."
    ),
    gettext_noop(
        "Appointments of a table stay in the warehouse and stand in no patient's chart, since their hours are kept without a time zone. Sent as FHIR, with a time zone, they stand in the chart."
    ),
    gettext_noop("An earlier reading of this file broke off; it was finished now, and each row is here once."),
    gettext_noop("Used: {kinds}."),
    gettext_noop("Kept, not used: {kinds}."),
    lambda n: ngettext(
        "Kept and looked at for danger, not scored: {n} answered questionnaire made for adults, about a child.",
        "Kept and looked at for danger, not scored: {n} answered questionnaires made for adults, about a child.",
        n,
    ),
)
"""What is said of a file as a whole."""
