"""Every command that is not walked: what it answers, and what it has to do with families."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """Commands that answer alike, by their words; `answers` says what, and to whom."""

    title: str
    answers: str
    commands: tuple[str, ...]


def _of(command: str, *verbs: str) -> tuple[str, ...]:
    return tuple(f"{command} {verb}" for verb in verbs)


IN_SOMEBODYS_NAME = (
    CommandGroup(
        "What a family says",
        "Works with families: what `story show` answers; then done, or that there is no such entry "
        "that may be read. All other roles: the one refusal.",
        _of("story", "add", "correct", "confirm", "keep"),
    ),
    CommandGroup(
        "The second hand of a decision",
        "Works with families, with a case-load older than the proposal, of an agency that gains "
        "nothing, who did not record it: done. Everybody else: not confirmed, and why. Without "
        "`--as` the system account is the one who confirms, and the same holds.",
        _of("decision", "confirm"),
    ),
    CommandGroup(
        "Who is there",
        "Confirming officer of another agency than the one who asks: the name and the contacts "
        "held; done. All other roles, and about a request that there is not: refused.",
        _of("officer", "show", "answer"),
    ),
    CommandGroup(
        "Who is who",
        "Data steward: both side by side, or done; of somebody protected that it cannot be shown. "
        "All other roles: refused. Without `--as` the system account is one hand, which opens "
        "nothing until a data steward is the other, and is shown nobody.",
        (
            *_of("link review", "show", "ask-source", "join", "apart", "undo"),
            *_of("link", "explain", "confirm", "leave-behind"),
        ),
    ),
    CommandGroup(
        "What could not be read",
        "Data steward: where it is from and what is wrong, and of a doubt the two dates; done, or "
        "waiting for another hand. All other roles: refused. Without `--as` the system account is "
        "one hand, beside a data steward, and is shown no date.",
        _of("parked", "list", "show", "accept", "ask", "discard"),
    ),
    CommandGroup(
        "Lists of schools that wait",
        "Data steward, and without `--as` the system account: how many of how many are not on a "
        "list, without names; done. All other roles: refused, and that there is no such list.",
        _of("list", "waiting", "agree", "decline"),
    ),
    CommandGroup(
        "Erasing, by two",
        "Without `--as` the system account is one of both hands; another account is the other, "
        "and nobody's family record is opened. Information governance, Administrator: done, or "
        "what forbids it. All other roles: refused, and that there is no such order.",
        _of("erase", "ask", "now", "confirm", "stop", "list", "carry-out"),
    ),
    CommandGroup(
        "Subject access, by two",
        "Without `--as` the system account is one of both hands; another account is the other. "
        "Only one of both gets the report. Information governance: done. All other roles: "
        "refused, and that there is no such order.",
        _of("report", "ask", "confirm", "decline", "make", "list"),
    ),
    CommandGroup(
        "What auditors ask",
        "Information governance, and without `--as` the system account: ids, codes, times and "
        "names of staff, each question entered before its answer. All other roles: refused, "
        "which is entered too.",
        _of(
            "audit",
            *("looks", "access", "could-see", "refusals", "decisions", "decision", "timings"),
            *("explain", "reviews", "review", "index", "integrity", "figures"),
            *("family-question ask", "family-question answer"),
        ),
    ),
    CommandGroup(
        "What auditors take away",
        "Information governance, and without `--as` the system account: entries of the ledger, "
        "each export entered before its first row. All other roles: refused, which is entered too.",
        _of("audit", "export", "exports"),
    ),
)
"""With `--as`, for invented families only: elsewhere refused before anything is looked up."""

IN_SOMEBODYS_NAME_ANYWHERE = (
    CommandGroup(
        "Protecting",
        "`place`: works with families and with the person, and information governance: done, for "
        "whoever works with them now, until two hands have confirmed it. The others: who is let "
        "in, and information governance: an order, which takes both of them, of two agencies; "
        "everybody else that there is no such restriction.",
        _of("restriction", "place", "change", "lift", "confirm", "decline"),
    ),
    CommandGroup(
        "A worker who must not see a family",
        "`add`: anybody of the directory: taken, whether or not the person or the name is known. "
        "`list`: information governance, and who works with the person: what has not ended; never "
        "who is named. `confirm`, `end`, `decline`: the same people, each what is theirs; "
        "everybody else that there is no such exclusion.",
        _of("exclusion", "add", "list", "confirm", "end", "decline"),
    ),
)
"""With `--as` where families are real too, until whoever does it signs in: what narrows. So are two
that are walked: see the page."""

AS_THE_SYSTEM_ACCOUNT = (
    CommandGroup(
        "Decisions about sharing",
        "What was decided about which opaque ids. Narrowing is in force at once; what widens "
        "waits for a second hand (runbook 014).",
        _of(
            "decision",
            *("record", "withdraw", "end", "object", "invalidate", "show", "list", "stop", "due"),
            *("receipt", "check-receipt", "receipt-keys"),
        ),
    ),
    CommandGroup(
        "What governance has to look at",
        "By opaque ids: what it is, who raised it, by when.",
        _of("governance", "list", "close"),
    ),
    CommandGroup(
        "How long what is kept",
        "Counts by rule; of held persons their opaque ids.",
        _of("retention", "sweep", "rules", "hold", "release", "held"),
    ),
    CommandGroup(
        "Messages on their way",
        "Sources, reasons and counts: what was brought in, parked, replayed. Nothing of what they "
        "say.",
        ("ingest", "connect", *_of("parked", "replay")),
    ),
    CommandGroup(
        "The profile built anew, and its keys",
        "Counts, and ids of keys.",
        ("rebuild", *_of("keys", "show", "rotate", "retire", "verify")),
    ),
    CommandGroup(
        "Papers of a council that begins",
        "Settings that are no secrets, which processes run and what they write, the agreement, "
        "rules of retention, names of agencies, how many officers there are, packages and their "
        "licences. Nothing of a family.",
        _of(
            "kit",
            *("check", "go-live", "data-flow", "dpia", "hazard-log", "agreement"),
            *("privacy-notice", "sbom", "licences"),
        ),
    ),
    CommandGroup(
        "Backups, and back",
        "Files of ciphertext, counts, and ids of persons whose keys do not open or who were erased "
        "again. A backup with the copies of keys that are kept apart from it opens everything.",
        ("restore", *_of("backup", "make", "list", "keys", "tested")),
    ),
    CommandGroup(
        "Looks that are worth asking about",
        "By opaque ids: which rule, why, how the review stands, and what its reviewers wrote. Of a "
        "list of staff which lines cannot be used, never what stands there.",
        _of("audit", "unusual", "staff-list"),
    ),
    CommandGroup(
        "The ledger",
        "Opaque ids, codes, counts, times and hashes: what was done, never what was said.",
        _of(
            "ledger",
            *("verify", "checkpoint", "prove", "export", "check-note", "check-proof"),
            *("witness", "compare-witnesses"),
        ),
    ),
)
"""As `operator:ACCOUNT`: they know of persons by opaque ids and open no family record."""

OF_NO_FAMILY = (
    CommandGroup(
        "Who signs in, as what",
        "What a file says, and what a token that one has oneself would give: codes of roles and "
        "organisations, never who it is about. No database.",
        _of("sign-in", "check"),
    ),
    CommandGroup(
        "The directory of services",
        "Services, councils' feeds, postcodes and what families say is wrong; no person is in it.",
        (
            *_of("services", "add-feed", "remove-feed", "feeds", "read", "parked"),
            *_of("services", "postcodes", "mistakes", "add-partner"),
        ),
    ),
    CommandGroup(
        "Requests to services",
        "What is due about them, by opaque ids: how many changed, and no word of any.",
        _of("services", "follow-up"),
    ),
    CommandGroup(
        "What receipts say in other languages",
        "Our own sentences and their translations. No database.",
        _of("words", "list", "release", "stand"),
    ),
    CommandGroup(
        "Whether a case that was taken away is whole",
        "What a file's proofs and signatures say. No database.",
        _of("audit", "check-case"),
    ),
    CommandGroup(
        "Processes",
        "They serve, read and send; whoever asks them is answered as above.",
        (
            *("serve", "portal", "partners", "family", "directory", "aggregate", "relay"),
            *("answering", "community keep", "migrate"),
        ),
    ),
    CommandGroup(
        "Topics, users and rights of the bus",
        "Names and what was changed of them; no message is read.",
        ("bus create",),
    ),
    CommandGroup(
        "Invented families",
        "They bring in, or measure with, people who do not exist.",
        (
            "demo",
            *_of("bench", "ingest", "connect", "decide", "ledger", "profile", "aggregate"),
            *_of("bench", "strangers", "bus", "mutate", "families", "pages", "withdrawal"),
            *_of("bench", "family-pages"),
            "bench directory",
            *_of("bench", "beside-hapi", "page-cost"),
            *_of("bench", "unusual", "audit", "audit-export"),
            *_of("bench", "where", "visible", "idle", "capacity", "scale"),
            "link train",
        ),
    ),
    CommandGroup(
        "Agencies, feeds, workers and partners",
        "Who they are and what they may do; no family is in it. Two hands (runbooks 005, 013).",
        (
            *_of("agreement", "adopt", "confirm", "decline", "show", "list"),
            *_of("agency", "add", "change", "list"),
            "practitioner add",
            *_of("staff", "add", "move", "end", "confirm", "decline", "list", "import"),
            *_of("staff", "suspend", "resume", "link", "unlink"),
            *_of("feed", "register", "confirm", "decline", "end", "list"),
            *_of("lead", "add", "remove", "confirm", "decline", "list"),
            *_of(
                "partner", "add", "rotate", "client", "suspend", "resume", "confirm", "show", "list"
            ),
            *_of("partner explain", "ask", "confirm", "end"),
            *_of("cover", "write", "list", "end"),
            *_of("community", "register", "renew", "end", "confirm", "decline", "waiting", "list"),
            "officer contact-of",
            *_of("schools", "gias", "show"),
            *_of("schools mapping", "set", "show", "remove"),
        ),
    ),
)
"""They touch no family's records."""

NOT_WALKED = (
    *IN_SOMEBODYS_NAME,
    *IN_SOMEBODYS_NAME_ANYWHERE,
    *AS_THE_SYSTEM_ACCOUNT,
    *OF_NO_FAMILY,
)
