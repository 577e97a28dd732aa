"""A visitor of the web application, in process: no sockets, so that only the product's own time is counted."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx

from issuer.office import Office
from tanu.asgi import everything

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


class Visitor:
    """One client of one application, that asks one thing after the other."""

    def __init__(self, office: Office) -> None:
        transport = httpx.ASGITransport(app=everything(office))
        self._client = httpx.AsyncClient(transport=transport, base_url=office.public_url)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def get(self, path: str, headers: Mapping[str, str] = BROWSER) -> httpx.Response:
        """The answer to a GET."""
        return self._runner.run(self._client.get(path, headers=dict(headers)))

    def post(self, path: str, content: bytes) -> httpx.Response:
        """The answer to a POST."""
        return self._runner.run(self._client.post(path, content=content))

    def beside(self, content: bytes, post: str, paths: Sequence[str]) -> tuple[list[httpx.Response], list[float]]:
        """One posts `content` again and again as long as another one looks up `paths`: the answers to the one, and how
        many milliseconds each page took for the other."""
        return self._runner.run(self._beside(content, post, paths))

    async def _beside(
        self, content: bytes, post: str, paths: Sequence[str]
    ) -> tuple[list[httpx.Response], list[float]]:
        answers: list[httpx.Response] = []
        taken: list[float] = []

        async def posts() -> None:
            while len(taken) < len(paths):
                answers.append(await self._client.post(post, content=content))

        async def looks() -> None:
            for path in paths:
                begun = time.perf_counter()
                (await self._client.get(path, headers=BROWSER)).raise_for_status()
                taken.append((time.perf_counter() - begun) * 1000)

        await asyncio.gather(posts(), looks())
        return answers, taken

    def look_up(self, path: str) -> float:
        """How many milliseconds a page takes."""
        begun = time.perf_counter()
        self.get(path).raise_for_status()
        return (time.perf_counter() - begun) * 1000
