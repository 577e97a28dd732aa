"""Serving a home on 127.0.0.1 with uvicorn."""

import logging
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from rich.console import Console

from issuer.holder import Links
from issuer.office import Office
from registry.limits import Limits, read_proxies
from schemas.errors import Refused
from schemas.languages import say
from tanu import asgi, problems, published
from tanu.asgi import PARTS
from tanu.session import Session
from tanu.settings import Settings
from verifier.worker import Workers

HOST = "127.0.0.1"

__all__ = ["PARTS", "check_port", "read_parts", "serve", "serve_conformance"]


def read_parts(named: str) -> tuple[str, ...]:
    """`issuer,registry,verifier` → the parts; raises `Refused` for another name."""
    parts = tuple(part.strip() for part in named.split(",") if part.strip())
    if not parts or set(parts) - set(PARTS):
        raise Refused.saying("cli.parts", named=named, known=", ".join(PARTS))
    return parts


def check_port(port: int) -> None:
    """Raises `Refused` when another program listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Refused.saying("home.port_taken", port=port) from None


def serve(session: Session, office: Office, parts: Sequence[str], port: int) -> None:
    """Serves a home until interrupted."""
    limits = Limits(read_proxies(session.settings.trusted_proxies))
    if office.public_url.startswith("https:") and not limits.proxies:
        _say(session, "limits.no_proxies")
    _run(session, _application(office, parts, session.settings, limits), port)


def serve_conformance(session: Session, port: int, certificate: Path | None) -> None:
    """Serves the standard doors and nothing else, without a home, until interrupted; over TLS with a `certificate`."""
    public_url, workers = session.settings.public_url or _address(port, certificate), Workers()
    doors = asgi.conformance_routes(public_url, workers, session.settings.trusted_hosts)
    _run(session, asgi.application([doors], public_url, workers=workers), port, certificate)


def _address(port: int, certificate: Path | None) -> str:
    return f"{'https' if certificate else 'http'}://{HOST}:{port}"


def _run(session: Session, application: asgi.Application, port: int, certificate: Path | None = None) -> None:
    _say(session, "home.serving", url=f"{_address(port, certificate)}/")
    logging.getLogger("uvicorn.error").addFilter(problems.in_one_line)
    uvicorn.run(
        application,
        host=HOST,
        port=port,
        log_level="warning",
        server_header=False,
        ssl_certfile=certificate,
        proxy_headers=False,  # whose word counts is decided in registry.limits
    )


def _say(session: Session, key: str, **values: object) -> None:
    message = say(key, **values)
    Console(stderr=True, highlight=False, markup=False, emoji=False).print(message[session.language], soft_wrap=True)


def _application(
    office: Office, parts: Sequence[str], settings: Settings, limits: Limits | None = None
) -> asgi.Application:
    hosts = settings.trusted_hosts
    if set(parts) == set(PARTS):
        return asgi.everything(office, hosts, conformance=settings.conformance, limits=limits)
    shared, workers = Links(office).shared if "issuer" in parts else lambda _token: None, Workers()
    fetcher = published.fetcher(office.registry, office.public_url, hosts)
    looking = asgi.Verifier.over(office, shared, fetcher, workers)
    routers = {
        "issuer": lambda: asgi.issuer_routes(office),
        "registry": lambda: asgi.registry_routes(office.registry, office.public_url, office.now),
        "verifier": looking.routes,
    }
    chosen = [routers[part]() for part in PARTS if part in parts]
    if settings.conformance:
        chosen.append(asgi.conformance_routes(office.public_url, workers, hosts, office.now))
    return asgi.application(chosen, office.public_url, office if "issuer" in parts else None, workers, limits)
