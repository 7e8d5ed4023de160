"""What each of our database roles may do with each table, as the catalogue says."""

from sqlalchemy import Engine, text

from tests.support.access.table import Grants

_WHOLE = text("""
    SELECT table_schema, table_name, grantee, privilege_type
    FROM information_schema.role_table_grants
    WHERE grantee LIKE 'tell\\_once\\_%'
      AND table_schema NOT IN ('pg_catalog', 'information_schema')
""")
_COLUMNS = text("""
    SELECT DISTINCT c.table_schema, c.table_name, c.grantee, c.privilege_type
    FROM information_schema.role_column_grants c
    WHERE c.grantee LIKE 'tell\\_once\\_%'
      AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (
        SELECT FROM information_schema.role_table_grants t
        WHERE (t.table_schema, t.table_name, t.grantee, t.privilege_type)
            = (c.table_schema, c.table_name, c.grantee, c.privilege_type))
""")
_LETTERS = {"SELECT": "S", "INSERT": "I", "UPDATE": "U", "DELETE": "D", "TRUNCATE": "T"}


def grants_in(engine: Engine) -> Grants:
    """Read them; what is granted on single columns only is in brackets."""
    found: dict[str, dict[str, list[str]]] = {}
    with engine.connect() as connection:
        for query, brackets in ((_WHOLE, ""), (_COLUMNS, "()")):
            for schema, table, role, privilege in connection.execute(query):
                name = table if schema == "public" else f"{schema}.{table}"
                letter = _LETTERS.get(privilege, privilege.lower())
                told = f"({letter})" if brackets else letter
                found.setdefault(name, {}).setdefault(role, []).append(told)
    return {
        table: {role: " ".join(sorted(sorted(set(may)), key=_place)) for role, may in roles.items()}
        for table, roles in found.items()
    }


def _place(told: str) -> int:
    letters = "SIUDT"
    return letters.find(told.strip("()")) if told.strip("()") in letters else len(letters)
