"""`ledger witness`: looks after other people's logs; needs a key, a file and a port."""

import argparse
import json
import socket
import sys
from functools import partial

from consent.errors import ConsentError
from consent.transparency.witness import Cosigner, KnownLogs, add_checkpoint
from services.cli.ledger.commands import USAGE_ERROR, tell
from services.ledger.witness.app import (
    known_logs,
    make_witness_key,
    parse_log_list,
    parse_origin,
    read_witness_key,
)
from services.ledger.witness.memory import SqliteWitnessMemory
from services.platform.clock import SystemClock
from services.platform.errors import ServiceError

_MOST_AT_ONCE = 64


def run_witness(args: argparse.Namespace, *, application: object = None) -> int:  # noqa: ARG001
    """Make a key, or cosign until stopped; 2 when the key, the logs or the state will not do."""
    try:
        if args.new_key:
            return _make_key(args)
        cosigner = read_witness_key(args.key_file)
        logs = _read_logs(args)
        mark = args.key_file.with_name(f"{args.key_file.name}.used")
        memory = SqliteWitnessMemory.open(args.state, key=cosigner.verifier_key, mark=mark)
        listening = _listen(args.host, args.port)
    except (ServiceError, ConsentError, OSError) as error:
        tell(str(error))
        return USAGE_ERROR
    with listening:
        return _serve(args, cosigner, logs, memory, listening)


def _make_key(args: argparse.Namespace) -> int:
    name = args.name or f"{socket.gethostname()}/witness"
    key = str(make_witness_key(args.key_file, name).verifier_key)
    document = {"verifier_key": key, "key_file": str(args.key_file)}
    sys.stdout.write(f"{json.dumps(document, ensure_ascii=False) if args.json else key}\n")
    return 0


def _read_logs(args: argparse.Namespace) -> KnownLogs:
    named = [parse_origin(text) for text in args.origin]
    if args.logs is not None:
        named += parse_log_list(args.logs.read_text(encoding="utf-8"))
    return known_logs(named)


def _listen(host: str, port: int) -> socket.socket:
    """Listen before saying so, so that whoever reads it can connect at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_MOST_AT_ONCE)


def _serve(
    args: argparse.Namespace,
    cosigner: Cosigner,
    logs: KnownLogs,
    memory: SqliteWitnessMemory,
    listening: socket.socket,
) -> int:
    import uvicorn  # noqa: PLC0415 only here

    from services.ledger.witness.app import create_witness_app  # noqa: PLC0415 likewise

    answer = partial(
        add_checkpoint, logs=logs, memory=memory, cosigner=cosigner, clock=SystemClock()
    )
    config = uvicorn.Config(
        create_witness_app(answer),
        access_log=False,
        log_level="error",
        server_header=False,
        limit_concurrency=_MOST_AT_ONCE,
    )
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    document = {"url": url, "verifier_key": str(cosigner.verifier_key), "logs": sorted(logs)}
    plain = f"{cosigner.name} cosigns {len(logs)} logs at {url}"
    sys.stdout.write(f"{json.dumps(document, ensure_ascii=False) if args.json else plain}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listening])
    return 0
