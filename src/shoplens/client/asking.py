"""What can be asked of a server, each a ``Talk``: written once, led by either client."""

from collections.abc import Callable, Iterable
from urllib.parse import quote

from shoplens.client.answers import (
    Answer,
    Field,
    Fields,
    Job,
    Page,
    Product,
    Rejection,
    Rejections,
    Rule,
    Rules,
    Shown,
    Status,
    Suggested,
)
from shoplens.client.sending import (
    Asked,
    FeedOptions,
    File,
    Narrowed,
    at_hand,
    by_id,
    file_bytes,
    form,
    given,
    image_source,
    members,
    opened,
    question,
)
from shoplens.client.wire import Request, Talk
from shoplens.errors import BusyError, FeedError, QueryError, ShoplensError

Watch = Callable[[Job], None]

FIRST_LOOK_S = 0.1
LONGEST_LOOK_S = 2.0
IMAGES = "/v1/images/"
MAPS = "/v1/maps/"

_TOLD = frozenset({"product_id", "images", "stage"})
"""Members of a product that are not sent as they are."""
_TOLD_OF_RULES = frozenset({"rule_id", "problem"})


# ---- questions ---------------------------------------------------------------------------------


def search(image: File | None, asked: Asked) -> Talk[Answer]:
    """Ask with a photo, words, a colour, a product, or several together."""
    reply = yield question(image, asked)
    return reply.read(Answer)


class Pages:
    """A question asked page after page, each product told once; ``ended`` when no more will come.

    A photo is sent once, if the server remembers it, and again when it no longer does.
    """

    def __init__(self, image: File | None, page: int, asked: Asked) -> None:
        self._image = image
        self._page = page
        self._asked = asked
        self._offset = asked.get("offset", 0)
        self._left = asked.get("limit")
        self._photo_id = ""
        self._seen: set[str] = set()
        self.ended = False

    def turn(self) -> Talk[tuple[Shown, ...]]:
        """Ask for the next page."""
        if self._image is not None:
            self._image = file_bytes(self._image)  # an open file can be read but once
        self._asked = at_hand(self._asked)
        k = self._page if self._left is None else min(self._page, self._left)
        answer = yield from self._ask({**self._asked, "limit": k, "offset": self._offset})
        came = answer.products
        self._photo_id = answer.query_image_id
        self._offset += len(came)
        self._left = None if self._left is None else self._left - len(came)
        all_told = answer.total_exact and self._offset >= answer.total
        self.ended = len(came) < k or all_told or self._left == 0
        new = tuple(one for one in came if one.product_id not in self._seen)
        self._seen.update(one.product_id for one in new)
        return new

    def _ask(self, asked: Asked) -> Talk[Answer]:
        if self._image is not None and self._photo_id:
            reply = yield by_id(asked, self._photo_id)
            if reply.status == 200:
                return reply.read(Answer)
        return (yield from search(self._image, asked))


def similar(product_id: str, asked: Narrowed) -> Talk[Answer]:
    """Ask for what is like a product of the shop."""
    reply = yield Request("GET", f"{_path(product_id)}/similar", params=form(given(asked)))
    return reply.read(Answer)


def suggest(q: str, limit: int) -> Talk[Suggested]:
    """Ask how what has been typed may go on."""
    reply = yield Request("GET", "/v1/suggest", params={"q": q, "limit": limit})
    return reply.read(Suggested)


def filterable() -> Talk[tuple[Field, ...]]:
    """Ask what can be filtered."""
    reply = yield Request("GET", "/v1/fields")
    return reply.read(Fields).fields


def picture(path: str, folder: str) -> Talk[bytes]:
    """Fetch a picture of the server's own: no other path, or it would see our key."""
    if not path.startswith(folder):
        wanted = "Product.image" if folder == IMAGES else "why.map, which explain=True asks for"
        raise QueryError(f"{path!r} is no path below {folder}; give that of {wanted}, if not empty")
    reply = yield Request("GET", path)
    if not reply.headers.get("content-type", "").startswith("image/"):
        raise ShoplensError(f"this is no picture: {reply.body[:80]!r}")
    return reply.body


# ---- products ----------------------------------------------------------------------------------


def product(product_id: str) -> Talk[Product]:
    """Look a product up."""
    reply = yield Request("GET", _path(product_id))
    return reply.read(Product)


def page(after: int, limit: int) -> Talk[Page]:
    """List a page of products."""
    reply = yield Request("GET", "/v1/products", params={"after": after, "limit": limit})
    return reply.read(Page)


def put(product: Product, images: Iterable[File | str]) -> Talk[Product]:
    """Add or replace a product: the images that the server named, then ``images``."""
    body = members(product, without=_TOLD)
    if product.group_id == product.product_id:
        del body["group_id"]  # as the server tells it for a product without variants
    kept = [image.source for image in product.images]
    body["images"] = kept + [image_source(image) for image in images]
    reply = yield Request("PUT", _path(product.product_id), body=body)
    return reply.read(Product)


def remove(product_id: str) -> Talk[None]:
    """Forget a product."""
    yield Request("DELETE", _path(product_id))


# ---- a merchandiser's rules --------------------------------------------------------------------


def rules() -> Talk[tuple[Rule, ...]]:
    """List the rules."""
    reply = yield Request("GET", "/v1/rules")
    return reply.read(Rules).rules


def put_rule(rule: Rule) -> Talk[Rule]:
    """Add or replace a rule."""
    body = members(rule, without=_TOLD_OF_RULES)
    reply = yield Request("PUT", _rule_path(rule.rule_id), body=body, refused=QueryError)
    return reply.read(Rule)


def remove_rule(rule_id: str) -> Talk[None]:
    """Forget a rule."""
    yield Request("DELETE", _rule_path(rule_id))


# ---- feeds and how things stand ----------------------------------------------------------------


def queue(feed: File, how: FeedOptions) -> Talk[Job]:
    """Send a feed, which becomes a job."""
    sent = form(given(how))
    with opened(feed) as file:
        reply = yield Request(
            "POST",
            "/v1/feeds",
            form=sent,
            files={"file": file},
            repeatable=False,
            refused=FeedError,
        )
    return reply.read(Job)


def job(job_id: str, after_s: float = 0) -> Talk[Job]:
    """Look how far a job has come."""
    reply = yield Request("GET", f"/v1/jobs/{quote(job_id, safe='')}", after_s=after_s)
    return reply.read(Job)


def wait(waited: Job | str, watch: Watch | None, timeout_s: float | None) -> Talk[Job]:
    """Look at a job until it ends, less and less often."""
    job_id = waited if isinstance(waited, str) else waited.job_id
    before, slept_s, pause_s = None, 0.0, 0.0
    while True:
        now = yield from job(job_id, pause_s)
        if watch and now != before:
            watch(now)
        if now.state == "done":
            return now
        if now.ended:
            raise FeedError(f"job {job_id} {now.state}: {now.message or 'no reason was given'}")
        before, slept_s = now, slept_s + pause_s
        if timeout_s is not None and slept_s >= timeout_s:
            raise BusyError(f"job {job_id} is still {now.state} after {timeout_s:g} s; it goes on")
        left_s = LONGEST_LOOK_S if timeout_s is None else timeout_s - slept_s
        pause_s = min(max(pause_s * 1.5, FIRST_LOOK_S), LONGEST_LOOK_S, left_s)


def index(feed: File, watch: Watch | None, how: FeedOptions) -> Talk[Job]:
    """Send a feed and wait for the end of its job."""
    queued = yield from queue(feed, how)
    return (yield from wait(queued, watch, None))


def rejections(limit: int) -> Talk[tuple[Rejection, ...]]:
    """List what was refused."""
    reply = yield Request("GET", "/v1/rejections", params={"limit": limit})
    return reply.read(Rejections).rejections


def status() -> Talk[Status]:
    """Count everything."""
    reply = yield Request("GET", "/v1/status")
    return reply.read(Status)


def ready() -> Talk[bool]:
    """Ask whether a search would be answered."""
    reply = yield Request("GET", "/readyz", accepts=503)
    return reply.status == 200


# ---- paths -------------------------------------------------------------------------------------


def _path(product_id: str) -> str:
    if not product_id:
        raise QueryError("a product id cannot be empty")
    return f"/v1/products/{_quoted(product_id)}"


def _rule_path(rule_id: str) -> str:
    if not rule_id or "/" in rule_id:
        raise QueryError(f"{rule_id!r} cannot be a rule's id; give 1 to 200 characters without '/'")
    return f"/v1/rules/{_quoted(rule_id)}"


def _quoted(name: str) -> str:
    quoted = quote(name, safe="")
    dots = not quoted.strip(".")  # "..", as it stands, would mean the folder above
    return quoted.replace(".", "%2E") if dots else quoted
