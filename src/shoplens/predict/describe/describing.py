"""Products go to a language model, some at a time; what comes back waits for a person."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from shoplens.errors import ImageError, ShoplensError
from shoplens.predict.describe.kept import Answers
from shoplens.predict.describe.pictures import Pictures
from shoplens.predict.describe.question.prompt import again, question_of, version_of
from shoplens.predict.describe.question.reading import Reading, read_answers
from shoplens.predict.describe.report import Job, Ledger, Report, report_of
from shoplens.predict.describe.server.client import Failed, Llm, OutOfBudget
from shoplens.predict.describe.server.reply import Answered
from shoplens.predict.describe.server.request import Question
from shoplens.predict.shop.tagging import PlaceOf

IN_A_ROW = 3
"""So many products in a row that the server fails at end the run: the rest would fail, too."""
STEP = "asking"

Progress = Callable[[str, int, int], None]
"""Is told a step, how much of it is done, and of how much."""


class Describing:
    """One run over a job's products; however it ends, ``report`` tells what it has."""

    def __init__(self, job: Job, answers: Answers, pictures: Pictures) -> None:
        self._job = job
        self._answers = answers
        self._pictures = pictures
        self._ledger = Ledger()
        size_px = job.size_px
        self._versions = [version_of(job.asked, one.product, size_px) for one in job.wanted]
        self.open = self._recall()[: job.limit]
        """The places in the job of the products that are to be asked about."""

    def question(self, place: int) -> Question:
        """Put one question together (ImageError)."""
        one = self._job.wanted[place]
        return question_of(self._job.asked, one.product, self._pictures.of(one))

    def run(self, llm: Callable[[], Llm], connections: int, progress: Progress) -> None:
        """Ask what is open, ``connections`` questions at a time; each answer is kept at once.

        Raises:
            ConfigError: the server does not take the key, the address, the model or pictures.
            NotFoundError: it has no such model.
            StorageError: an answer cannot be kept.
            ShoplensError: the server does not answer, or fails at several products in a row.
        """
        asyncio.run(self._all(llm, connections, progress))

    def report(self, place_of: PlaceOf) -> Report:
        """Tell what this run and those before it found out."""
        return report_of(self._job, self._ledger, place_of)

    def _recall(self) -> tuple[int, ...]:
        """Take the answers that are kept; give the places of the other products."""
        places: list[int] = []
        for place, one in enumerate(self._job.wanted):
            texts = self._answers.get(one.image.image_hash, self._versions[place])
            reading = read_answers(texts, self._job.asked) if texts else None
            if reading is None or (self._job.again and reading.refused):
                places.append(place)
            else:
                self._ledger.readings[place] = reading
        self._ledger.kept = len(self._ledger.readings)
        return tuple(places)

    # ---- below runs on an event loop, answers one by one ---------------------------------------

    async def _all(self, make: Callable[[], Llm], connections: int, progress: Progress) -> None:
        places = iter(self.open)
        progress(STEP, 0, len(self.open))
        pool = ThreadPoolExecutor(connections, thread_name_prefix="shoplens-describe")
        async with make() as llm:
            tasks = [
                asyncio.create_task(self._work(places, llm, pool, progress))
                for _ in range(connections)
            ]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._ledger.spent = llm.purse.spent
                # Not waited for: a download under way ends when its fetcher is closed.
                pool.shutdown(wait=False, cancel_futures=True)

    async def _work(
        self, places: Iterator[int], llm: Llm, pool: ThreadPoolExecutor, tell: Progress
    ) -> None:
        loop = asyncio.get_running_loop()
        for place in places:
            try:
                question = await loop.run_in_executor(pool, self.question, place)
            except ImageError as error:
                self._ledger.reasons[place] = str(error)
            else:
                await self._ask(place, question, llm)
            tell(STEP, self._ledger.done, len(self.open))
            if self._ledger.out_of_budget:
                return

    async def _ask(self, place: int, question: Question, llm: Llm) -> None:
        reply = await llm.ask(question)
        if isinstance(reply, OutOfBudget):
            self._ledger.out_of_budget = True
        elif isinstance(reply, Failed):
            self._fail(place, reply)
        else:
            self._ledger.in_a_row = 0
            await self._take(place, question, reply, llm)

    def _fail(self, place: int, reply: Failed) -> None:
        self._ledger.reasons[place] = reply.reason
        self._ledger.in_a_row = self._ledger.in_a_row + 1 if reply.trouble else 0
        if self._ledger.in_a_row >= IN_A_ROW:
            raise ShoplensError(
                f"{IN_A_ROW} products in a row were not answered, the last one because: "
                f"{reply.reason}; what is done is kept, the same command goes on"
            )

    async def _take(self, place: int, question: Question, reply: Answered, llm: Llm) -> None:
        """Read an answer; one that is wrong may be given once more, knowing why."""
        texts = [reply.text]
        reading = read_answers(texts, self._job.asked)
        if reading.refused and not reply.cut:
            second = await llm.ask(again(question, reading.refused))
            if isinstance(second, Answered):
                texts.append(second.text)
                reply, reading = second, read_answers(texts, self._job.asked)
            elif isinstance(second, OutOfBudget):
                self._ledger.out_of_budget = True
        if reading.refused and reply.cut:
            reading = _cut_off(reading)
        elif not reading.refused or len(texts) > 1:
            one = self._job.wanted[place]
            self._answers.put(one.image.image_hash, self._versions[place], tuple(texts))
        self._ledger.readings[place] = reading


def _cut_off(reading: Reading) -> Reading:
    reason = "the answer was cut off; raise llm.max_tokens, or let the model think less"
    return Reading(reading.values, reading.unknown, dict.fromkeys(reading.refused, reason))
