"""G2: Monday 08.00. Residents begin their cases at their own times within a minute and go through every page; some send
a picture, some press "Skicka" twice. Then the receipts are compared with the database and with the staff's queues."""

import asyncio
import io
import random
import time

from PIL import Image

from tools.load.acts import Acts, Stopped
from tools.load.crowd import Crowd, Resident, Said

PICTURES = 0.2  # of the cases
SIZE = 1_000_000  # bytes of a picture


def pictures(count: int, seed: int) -> list[bytes]:
    """Photographs of about SIZE bytes: 2048 pixels, soft colours and noise, as a camera's after the browser made
    them smaller."""
    found = []
    for n in range(count):
        noise = Image.frombytes("RGB", (2048, 1536), random.Random(seed + n).randbytes(2048 * 1536 * 3))  # noqa: S311
        soft = Image.linear_gradient("L").resize((2048, 1536)).convert("RGB")
        image = Image.blend(soft, noise, 0.12)
        low, high = 20, 97
        while high - low > 1:
            quality = (low + high) // 2
            if len(_jpeg(image, quality)) > SIZE:
                high = quality
            else:
                low = quality
        found.append(_jpeg(image, low))
    return found


def _jpeg(image: Image.Image, quality: int) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=quality)
    return kept.getvalue()


class Rush:
    def __init__(self, crowd: Crowd, acts: Acts, *, cases: int, seed: int) -> None:
        self.acts, self.rng = acts, random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.units = crowd.units
        self.residents = crowd.residents(cases)
        self.pictures = pictures(min(8, max(1, cases // 5)), seed)
        self.began = 0.0

    async def run(self, seconds: float) -> float:
        """Seconds until the last receipt."""
        self.began = time.monotonic()
        starts = sorted(self.rng.random() * seconds for _ in self.residents)
        with_picture = {n for n in range(len(starts)) if n % round(1 / PICTURES) == 0}
        await asyncio.gather(*(
            self._one(me, at, n in with_picture)
            for n, (me, at) in enumerate(zip(self.residents, starts, strict=True))
        ))  # fmt: skip
        return time.monotonic() - self.began

    async def _one(self, me: Resident, at: float, with_picture: bool) -> None:
        meant = self.began + at
        await asyncio.sleep(max(0.0, meant - time.monotonic()))
        first = True

        async def turn() -> float:
            nonlocal first
            begins, first = (meant if first else time.monotonic()), False
            return begins

        picture = self.rng.choice(self.pictures) if with_picture else None
        try:
            await self.acts.send_case(me, turn, self.rng.choice(self.units), picture=picture)
        except Stopped:
            return
        self.acts.taken.times["a whole case"].append((time.monotonic() - meant) * 1000)

    def unfinished(self) -> list[Said]:
        return [one for one in self.acts.said if one.kind == "case" and not one.number]
