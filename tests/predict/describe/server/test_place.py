import pytest

from shoplens.errors import ConfigError
from shoplens.predict.describe.server.place import permit, place_of

HERE = ["http://127.0.0.1:11434/v1", "http://localhost:8000/v1/", "http://[::1]:8080/v1"]
AWAY = [
    "https://api.example.com/v1",
    "http://192.168.1.7:8000/v1",
    "http://localhost.example.com/v1",
    "http://0.0.0.0:8000/v1",
    "http://127.0.0.1.nip.io/v1",
]


@pytest.mark.parametrize("url", HERE)
def test_this_machine_needs_no_permission(url: str) -> None:
    place = place_of(url)
    permit(place, "", allow_remote=False)
    assert "this machine" in place.told


@pytest.mark.parametrize("url", AWAY)
def test_another_machine_is_refused_until_somebody_names_it(url: str) -> None:
    place = place_of(url)
    with pytest.raises(ConfigError, match=r"--send-pictures-to .* llm\.allow_remote"):
        permit(place, "", allow_remote=False)
    with pytest.raises(ConfigError, match="leads to"):
        permit(place, "other.example.com", allow_remote=True)
    permit(place, "", allow_remote=True)
    permit(place, place.host, allow_remote=False)
    permit(place, place.host.partition(":")[0].upper(), allow_remote=False)
    assert ("not encrypted" in place.told) == url.startswith("http://")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no language model was named"),
        ("127.0.0.1:11434", "wants http"),
        ("ftp://host/v1", "wants http"),
        ("file:///etc/passwd", "wants http"),
        ("http://", "wants http"),
        ("http://me:secret@host/v1", "SHOPLENS_LLM__API_KEY"),
        ("http://host/v1?key=secret", "SHOPLENS_LLM__API_KEY"),
        ("http://host:99999999/v1", "wants http"),
        ("http://ho st/v1", "wants http"),
        ("http://host:port/v1", "no address"),
    ],
)
def test_what_is_no_address_is_said_without_repeating_secrets(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        place_of(url)
    assert "secret" not in str(raised.value)
