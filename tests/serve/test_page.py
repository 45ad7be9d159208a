import re
from html.parser import HTMLParser

import httpx
import pytest

from shoplens.serve.pages import PAGES, UI

FILES = {file.name: file.read_text("utf-8") for file in UI.iterdir() if "." in file.name}
SCRIPTS = {name: text for name, text in FILES.items() if name.endswith(".js")}
HTML = {name: text for name, text in FILES.items() if name.endswith(".html")}
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")
_TYPE_IMPORT = re.compile(r"""import\("([^"]+)"\)\.(\w+)""")


class Page(HTMLParser):
    """Collects what a browser would fetch, and whatever the policy forbids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.assets: list[str] = []
        self.links: list[str] = []
        self.forbidden: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.forbidden += [name for name in given if name == "style" or name.startswith("on")]
        self._in_script = tag in {"script", "style"}
        if tag in {"script", "img"}:
            self.assets.append(given["src"])
        if tag == "link":
            self.assets.append(given["href"])
        if tag == "a":
            self.links.append(given["href"])

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.forbidden.append(data)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_and_all_it_fetches_is_there(shop: httpx.Client, path: str) -> None:
    answer = shop.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    assert page.assets
    for asset in page.assets:
        assert asset.startswith("/ui/")
        assert shop.get(asset).status_code == 200, asset
    for link in page.links:
        assert shop.get(link).status_code == 200, link


@pytest.mark.parametrize("name", HTML)
def test_no_page_breaks_its_own_policy(name: str) -> None:
    assert Page(HTML[name]).forbidden == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_import_of_a_script_leads_to_a_script(name: str) -> None:
    for target in _IMPORT.findall(SCRIPTS[name]):
        assert target.startswith("./"), target
        assert target[2:] in SCRIPTS, target
    for target, kind in _TYPE_IMPORT.findall(SCRIPTS[name]):
        defined = rf"(\}}|class) {kind}\b"
        assert re.search(defined, SCRIPTS[target[2:]]), f"{target} has no {kind}"


@pytest.mark.parametrize("name", FILES)
def test_no_file_needs_the_network_or_what_the_policy_forbids(name: str) -> None:
    text = re.sub(r"http://www\.w3\.org/2000/svg|https://\w+\.example", "", FILES[name])
    assert not re.search(r"""["'(]\s*(https?:)?//[a-z]""", text), "an address elsewhere"
    for forbidden in (
        "innerHTML",
        "eval(",
        "new Function",
        "document.write",
        "setAttribute('style",
    ):
        assert forbidden not in text


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_type_checked_and_short(name: str) -> None:
    assert SCRIPTS[name].startswith("// @ts-check\n/**")
    assert SCRIPTS[name].count("\n") <= 350


def test_files_come_with_a_type_and_a_tag(shop: httpx.Client) -> None:
    types = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
    for name, text in FILES.items():
        answer = shop.get(f"/ui/{name}")
        assert answer.text == text
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"] == types.get(
            name.rpartition(".")[2], answer.headers["content-type"]
        )
        again = shop.get(f"/ui/{name}", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert shop.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "name", ["nothing.js", "..%2Fapp.py", "%2e%2e%2fapp.py", "__init__.py", ""]
)
def test_nothing_but_the_pages_files_is_sent(shop: httpx.Client, name: str) -> None:
    assert shop.get(f"/ui/{name}").status_code == 404


def _table(script: str, name: str) -> dict[str, str]:
    body = re.search(rf"const {name} = {{(.*?)\n}};", SCRIPTS[script], re.DOTALL)
    assert body
    found = re.findall(r"""(\w+): (["'])(.*?)\2(?=,)""", body[1])
    return {word: text for word, _, text in found}


@pytest.mark.parametrize("script", ["words.js", "rule-words.js"])
def test_both_languages_say_the_same_and_nothing_is_said_in_vain(script: str) -> None:
    english, chinese = _table(script, "ENGLISH"), _table(script, "CHINESE")
    assert english.keys() == chinese.keys()
    assert len(english) > 30
    of_rules = script.startswith("rule")
    users = (text for name, text in SCRIPTS.items() if name.startswith("rule") == of_rules)
    used = " ".join(users).replace(SCRIPTS[script], "")
    for word, text in english.items():
        assert f'"{word}"' in used, f"nobody says {word}"
        places = re.findall(r"\{\d\}", text)
        assert sorted(places) == sorted(re.findall(r"\{\d\}", chinese[word])), word
    for word in re.findall(r"""\bsay\("(\w+)\"""", used):
        assert word in english
