"""Where this installation keeps its data, its secrets and its database. No Django: settings are built from here.

Everything an operator may choose comes from the environment (docs/settings.md). What is wrong with it is raised
as `Trouble`: one line that names the cure.
"""

import hashlib
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from vardvag.core.database import Connection
from vardvag.core.disk import force

DATABASE = "vardvag"
Role = Literal["supervisor", "owner", "app", "system"]
LOGIN: dict[str, str] = {
    "supervisor": "supervisor",  # superuser of the embedded server; only embedded.py uses it
    "owner": "vardvag_owner",  # owns the tables; only migrations
    "app": "vardvag_app",  # pages and live
    "system": "vardvag_system",  # worker and commands
}
SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")


class Trouble(Exception):
    """What an operator must put right; the text is one line naming the cure."""


def mode() -> str:
    chosen = os.environ.get("VARDVAG_MODE", "demo")
    if chosen not in ("demo", "production", "test"):
        raise Trouble(f"VARDVAG_MODE is {chosen!r}; choose demo or production.")
    return chosen


def port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Trouble(f"PORT is {text!r}; give a number between 1 and 65535, for example PORT=8000.")
    return int(text)


def number(name: str, usual: int, least: int, most: int) -> int:
    text = os.environ.get(name, str(usual))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Trouble(f"{name} is {text!r}; give a number between {least} and {most}, usually {usual}.")
    return int(text)


def switched_on(name: str) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text not in (*_YES, *_NO):
        raise Trouble(f"{name} is {text!r}; write 1 or 0.")
    return text in _YES


_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


def public_url() -> str:
    """The address people use, without a slash at its end."""
    chosen = (os.environ.get("PUBLIC_URL") or f"http://localhost:{port()}").rstrip("/")
    if not _ADDRESS_OF_PEOPLE.fullmatch(chosen):
        raise Trouble(f"PUBLIC_URL is {chosen!r}; {_PUBLIC}")
    return chosen


_ADDRESS_OF_PEOPLE = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")
_PUBLIC = "write scheme and host and nothing behind it, for example PUBLIC_URL=https://vard.region.se."


def check_production() -> None:
    """What must be set before anybody's real data is let in."""
    if mode() == "production":
        if not public_url().startswith("https://"):
            raise Trouble(
                "PUBLIC_URL must be the https address people use, for example PUBLIC_URL=https://vard.region.se."
            )
        outside(demo=False, port=port())


def role() -> Role:
    """Whose rights this process has in the database; the command line sets VARDVAG_ROLE for its children."""
    chosen = os.environ.get("VARDVAG_ROLE", "app")
    if chosen not in ("owner", "app", "system"):
        raise Trouble(f"VARDVAG_ROLE is {chosen!r}; choose owner, app or system.")
    return chosen  # type: ignore[return-value]


def data_folder() -> Path:
    """VARDVAG_DATA, else /var/lib/vardvag for root, else ~/.local/share/vardvag (XDG_DATA_HOME)."""
    try:
        if chosen := os.environ.get("VARDVAG_DATA"):
            return Path(chosen).expanduser().absolute()
        if os.geteuid() == 0:
            return Path("/var/lib/vardvag")
        share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        raise Trouble("The user's home is not known here; name the data folder with VARDVAG_DATA.") from None
    return Path(share).absolute() / "vardvag"


def prepare_data_folder() -> Path:
    """Make the data folder if needed; others may pass through it (the database's own user must) but not list it."""
    folder = data_folder()
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o711)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError
    except (PermissionError, NotADirectoryError, FileExistsError, OSError) as problem:
        why = problem.strerror or "not writable by this user"
        raise Trouble(
            f"The data folder {folder} cannot be used ({why}); "
            "make it writable for this user or choose another with VARDVAG_DATA."
        ) from None
    return folder


def whole_data_folder() -> Path:
    """The same, where no restore was cut short."""
    folder = prepare_data_folder()
    if (folder / "restoring").exists():
        raise Trouble(
            f"A restore into {folder} was cut short; run vardvag restore again, which clears it first."
        )
    return folder


def secrets_folder() -> Path:
    """VARDVAG_SECRETS (several machines share one set), else `secrets` in the data folder."""
    chosen = os.environ.get("VARDVAG_SECRETS")
    return Path(chosen).absolute() if chosen else data_folder() / "secrets"


def secret(name: str) -> str:
    """256 random bits in hex, made once and kept in a file only this user reads. Safe when two ask at once."""
    path = secrets_folder() / name
    try:
        if text := _read(path):
            return text
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, new = tempfile.mkstemp(dir=path.parent, prefix=f".{name}.")  # 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            Path(new).unlink()
        force(path.parent)
        with suppress(PermissionError):  # somebody else's: then it was there before
            force(path.parent.parent)
        if text := _read(path):
            return text
    except OSError as problem:
        raise Trouble(
            f"The secrets in {path.parent} cannot be read or written ({problem.strerror}); "
            "run as the user who owns them or choose another data folder with VARDVAG_DATA."
        ) from None
    raise Trouble(
        f"{path} is empty; put it back from a backup. On a new installation remove it: another is made."
    )


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def embedded() -> bool:
    return not os.environ.get("DATABASE_URL")


def socket_folder() -> Path:
    """Beside the data; a path too long for a Unix socket (107 bytes) gets a short private folder instead."""
    beside = data_folder() / "run"
    if len(os.fsencode(beside)) <= SOCKET_LIMIT:
        return beside
    mark = hashlib.sha256(os.fsencode(beside)).hexdigest()[:12]
    if os.geteuid() == 0:
        return Path("/run") / f"vardvag-{mark}"
    own = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if own.is_absolute() and own.is_dir():
        return own / f"vardvag-{mark}"
    return Path("/tmp") / f"vardvag-{os.geteuid()}-{mark}"  # noqa: S108 - made 0700 and its owner checked


def own_folder(path: Path, *, uid: int, gid: int) -> None:
    """Make a 0700 folder of that user; refuse one that somebody else has put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise Trouble(
            f"{path} belongs to somebody else; remove it, or choose another folder with VARDVAG_DATA."
        )
    path.chmod(0o700)
    if found.st_uid != uid:
        os.chown(path, uid, gid)


def connection(role: Role) -> dict[str, str]:
    """libpq parameters for one of our roles."""
    if embedded():
        return {
            "host": str(socket_folder()),
            "port": "5432",
            "dbname": DATABASE if role != "supervisor" else "postgres",
            "user": LOGIN[role],
            "password": secret(f"database-{role}"),
        }
    if role == "supervisor":
        raise Trouble("An outside server (DATABASE_URL) has no supervisor of ours.")
    if url := os.environ.get(_ADDRESS[role]):
        return parsed(_ADDRESS[role], url)
    return {
        **parsed("DATABASE_URL", os.environ["DATABASE_URL"]),
        "user": LOGIN[role],
        "password": secret(f"database-{role}"),
    }


_ADDRESS = {"owner": "DATABASE_URL", "app": "DATABASE_APP_URL", "system": "DATABASE_SYSTEM_URL"}


def has_own_address(role: Role) -> bool:
    """The operator says how this role logs in; its password is then not ours to set."""
    return bool(os.environ.get(_ADDRESS[role]))


def parsed(name: str, url: str) -> dict[str, str]:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its words quote what it stumbled over: the password
        raise Trouble(f"{name} cannot be read; {_EXAMPLE}") from None
    found = {key: str(value) for key, value in parts.items() if value is not None}
    if not found.get("dbname") or not found.get("host"):
        raise Trouble(f"{name} names no host or no database; {_EXAMPLE}")
    return found


_EXAMPLE = (
    "write it as postgresql://user:password@host:5432/database (in a password % is %25, @ is %40, / is %2F)."
)


KEPT = 600  # seconds

# A network that swallows everything is noticed within seconds, not hours.
_NOTICED = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def database(role: Role) -> dict[str, Any]:
    """A Django DATABASES entry. The owner (migrations) goes without a pool, so a missing server is told at once."""
    rest = connection(role)
    entry: dict[str, Any] = {
        "ENGINE": "vardvag.core.postgresql",
        "NAME": rest.pop("dbname"),
        "USER": rest.pop("user", ""),
        "PASSWORD": rest.pop("password", ""),
        "HOST": rest.pop("host"),
        "PORT": rest.pop("port", ""),
        # A job's connection stays its thread's, or every job opens one; pages have the pool below.
        "CONN_MAX_AGE": KEPT if role == "system" and mode() != "test" else 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": f"vardvag {role}", **rest},
    }
    if not os.environ.get("DATABASE_APP_URL") or switched_on("DATABASE_KEEPS_STATEMENTS"):
        # Statements of core.compiled are kept planned; behind a pooler of transactions they would be lost.
        entry["OPTIONS"]["prepare_threshold"] = 0
        if role == "app":
            entry["OPTIONS"].setdefault("options", "-c plan_cache_mode=force_generic_plan")
    if not embedded():
        entry["OPTIONS"] = {**_NOTICED, **entry["OPTIONS"]}
    if role == "app" and mode() != "test":  # 4 page threads + 2 of the live door, and room for a restart
        entry["OPTIONS"]["connect_timeout"] = 3
        entry["OPTIONS"]["pool"] = {
            "min_size": 2, "max_size": 8, "timeout": 4, "max_lifetime": 1800, "reconnect_timeout": 5,
            "connection_class": Connection,
        }  # fmt: skip
    return entry


def listening() -> dict[str, Any]:
    """libpq parameters of where pages listen for live events, when their own address leads through a pooler; else
    empty. Needs the rights of `vardvag_app`."""
    url = os.environ.get("DATABASE_LIVE_URL")
    return {**_NOTICED, **parsed("DATABASE_LIVE_URL", url)} if url else {}


# --- outside systems -------------------------------------------------------------------------------------------------

_OUTSIDE: Mapping[str, tuple[str, ...]] = {
    "bankid": ("url", "ca", "cert", "key"),
    "siths": ("issuer", "client_id", "client_secret"),
    "population": ("url", "ca", "cert", "key"),
    "sms": ("url", "user", "password", "sender", "callback_token"),
    "mail": ("host", "port", "user", "password", "tls", "sender"),
    "scanner": ("address",),
    "hsa": (),
    "eid": ("providers",),
}
_EID = ("name", "issuer", "client_id", "client_secret", "claim", "levels", "scope")
_EID_NEEDS = ("name", "issuer", "client_id", "client_secret")
_EID_KEY = re.compile(r"^(?!bankid$|siths$)[a-z][a-z0-9]{0,19}$")  # stands in addresses and in the log
_NEVER_HERE = {"bankid": "url", "siths": "issuer", "population": "url", "sms": "url"}


def world_file() -> Path:
    """Where the demo's world of stand-ins tells its addresses and credentials."""
    return data_folder() / "world" / "outside.json"


def outside(demo: bool, port: int) -> dict[str, dict[str, str]]:
    """Addresses and credentials of every outside system; an unset one is an empty string.

    From the environment (BANKID_URL, SMS_PASSWORD, ...). The demo takes what is not set there from its stand-ins.
    Residents' other e-ids are several: `eid` names them, and `eid_freja` is the one called "freja".
    """
    found = {
        system: {key: os.environ.get(f"{system}_{key}".upper(), "") for key in keys}
        for system, keys in _OUTSIDE.items()
    }
    if demo:
        try:
            world = json.loads(world_file().read_text())
        except (OSError, ValueError):
            world = {}
        for system, told in world.items():
            chosen = {key: value for key, value in found.get(system, {}).items() if value}
            found[system] = {**found.get(system, {}), **{k: str(v) for k, v in told.items()}, **chosen}
        _take_eids(found)
        return found
    eids = _take_eids(found)
    for system, key in {**_NEVER_HERE, **dict.fromkeys(eids, "issuer")}.items():
        address = found[system][key]
        host = urlsplit(address).hostname or ""
        if address and (
            not address.startswith("https://")
            or host == "localhost"
            or host.startswith("127.")
            or host == "::1"
        ):
            raise Trouble(
                f"{system}_{key}".upper()
                + f" is {address}; in production give the real system's https address, "
                "stand-ins on this machine are for the demo only."
            )
    _check_mail(found["mail"])
    return found


def _check_mail(mail: Mapping[str, str]) -> None:
    if mail["host"] and not mail["port"].isdecimal():
        raise Trouble(
            f"MAIL_PORT is {mail['port']!r}; give the mail server's port, for example MAIL_PORT=587."
        )
    if mail["tls"] not in ("", "tls", "starttls"):  # any other word would mean none
        raise Trouble(
            f"MAIL_TLS is {mail['tls']!r}; write tls, starttls, or nothing for a relay on this machine."
        )


def _take_eids(found: dict[str, dict[str, str]]) -> list[str]:
    """Each e-ID that `eid` names gets its own entry, the environment before the demo's world; returns their names."""
    names = []
    for key in found["eid"]["providers"].split():
        if not _EID_KEY.match(key):
            raise Trouble(
                f"EID_PROVIDERS names {key!r}; write short names in small letters, for example EID_PROVIDERS=freja."
            )
        name = f"eid_{key}"
        set_here = {part: os.environ.get(f"{name}_{part}".upper(), "") for part in _EID}
        told = found.get(name, {})
        found[name] = {part: set_here[part] or told.get(part, "") for part in _EID}
        missing = [f"{name}_{part}".upper() for part in _EID_NEEDS if not found[name][part]]
        if missing:
            raise Trouble(
                f"EID_PROVIDERS names {key}, but {', '.join(missing)} is not set; see docs/settings.md."
            )
        names.append(name)
    return names
