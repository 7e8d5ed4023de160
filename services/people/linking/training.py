"""Learning weights from records that somebody supplies, with Splink (not installed by default).

Splink estimates `u` from random pairs and `m` by expectation maximisation; nobody has to say which
records belong together. It runs offline, on a copy, and gives a document that is read by eye and
checked in; the service itself only adds up what is in it.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.people.linking.comparing import Field, Level
from services.people.linking.facts import LinkFacts, compact, names_in
from services.platform.errors import ServiceError

COLUMNS = ("id", *(field.value for field in Field))
_SEED = 1
_RANDOM_PAIRS = 1_000_000
_JARO_WINKLER = {Level.CLOSE: 0.92, Level.ALIKE: 0.80}
_CROSSED = {Field.GIVEN: "given_l = family_r", Field.FAMILY: "family_l = given_r"}
_BLOCKS = (Field.NUMBER, Field.BORN, Field.POSTCODE)


class TrainingUnavailableError(ServiceError):
    """Splink is not installed, or the records cannot be read; the message says which."""


def read_records(path: Path) -> list[Mapping[str, str | None]]:
    """Rows of a CSV with the columns COLUMNS, in one spelling. Raises TrainingUnavailableError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise TrainingUnavailableError(f"records: no column {min(missing)}")
            return [_row(row) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingUnavailableError("records: is-not-readable") from error


def facts_from_row(row: Mapping[str, str | None]) -> LinkFacts:
    """A row as the scorer compares it."""
    return LinkFacts(
        given_names=names_in((row["given"],)),
        family_names=names_in((row["family"],)),
        date_of_birth=row["born"],
        postcode=row["postcode"],
        address=row["address"],
        stated_number=row["number"],
    )


def train(rows: Sequence[Mapping[str, str | None]], *, made_from: str) -> dict[str, Any]:
    """The document of weights that these records give. Raises TrainingUnavailableError."""
    if find_spec("splink") is None:
        raise TrainingUnavailableError("Splink is not installed: pip install splink pyarrow")
    model = _trained_model(rows)
    return {
        "version": f"splink-{len(rows)}",
        "made": {
            "with": f"Splink {_splink_version()}: u from random pairs, m by EM",
            "from": made_from,
            "records": len(rows),
        },
        "fields": {
            comparison["output_column_name"]: dict(_levels(comparison))
            for comparison in model["comparisons"]
        },
    }


def _row(row: Mapping[str, str]) -> Mapping[str, str | None]:
    """Dates stay as they are; names keep their spaces."""
    spelled = {
        name: " ".join(sorted(names_in((row[name],)))) or None for name in ("given", "family")
    }
    spelled |= {name: compact(row[name]) for name in ("postcode", "address", "number")}
    return {"id": row["id"], **spelled, "born": row["born"].strip() or None}


def _trained_model(rows: Sequence[Mapping[str, str | None]]) -> dict[str, Any]:
    import pyarrow as pa  # type: ignore[import-not-found] # noqa: PLC0415 only where weights are trained
    from splink import (  # type: ignore[import-not-found] # noqa: PLC0415
        Linker,
        SettingsCreator,
        block_on,
    )
    from splink.internals.duckdb.database_api import (  # type: ignore[import-not-found] # noqa: PLC0415
        DuckDBAPI,
    )

    table = pa.Table.from_pylist([{**row, "unique_id": row["id"]} for row in rows])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(field) for field in Field],
        blocking_rules_to_generate_predictions=[block_on(field.value) for field in _BLOCKS],
        probability_two_random_records_match=1 / max(len(rows), 2),
    )
    linker = Linker(DuckDBAPI().register(table), settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=_SEED)
    for field in _BLOCKS:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(field.value))
    model: dict[str, Any] = linker.misc.save_model_to_json(None)
    return model


def _comparison(field: Field) -> Any:
    """The same levels as comparing.py, said in SQL."""
    import splink.comparison_level_library as levels  # type: ignore[import-not-found] # noqa: PLC0415
    from splink.comparison_library import (  # type: ignore[import-not-found] # noqa: PLC0415
        CustomComparison,
    )

    name = field.value
    steps = [
        levels.NullLevel(name),
        levels.ExactMatchLevel(name).configure(label_for_charts="same"),
    ]
    if field in {Field.GIVEN, Field.FAMILY, Field.ADDRESS}:
        steps += [
            levels.JaroWinklerLevel(name, limit).configure(label_for_charts=level.value)
            for level, limit in _JARO_WINKLER.items()
        ]
    if field in _CROSSED:
        steps.append(levels.CustomLevel(_CROSSED[field], label_for_charts=Level.SWAPPED.value))
    if field in {Field.BORN, Field.POSTCODE, Field.NUMBER}:
        slips = (Level.CLOSE, Level.ALIKE) if field is Field.BORN else (Level.CLOSE,)
        steps += [
            levels.DamerauLevenshteinLevel(name, most).configure(label_for_charts=level.value)
            for most, level in enumerate(slips, start=1)
        ]
    steps.append(levels.ElseLevel().configure(label_for_charts=Level.DIFFERENT.value))
    return CustomComparison(output_column_name=name, comparison_levels=steps)


def _levels(comparison: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, float]]]:
    for level in comparison["comparison_levels"]:
        if not level.get("is_null_level"):
            m, u = level.get("m_probability", 0.0), level.get("u_probability", 0.0)
            yield level["label_for_charts"], {"m": round(m, 6), "u": round(u, 6)}


def _splink_version() -> str:
    import splink  # noqa: PLC0415

    return str(splink.__version__)
