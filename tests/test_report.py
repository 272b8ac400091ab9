"""The reports in a real browser: what they show, what they load, keys, contrast, hostile text.

QGEN_PICTURES names a folder that gets pictures of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgen_sidecar import Sidecar
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from browser import MISSING, browsing, complaints, low_contrast, open_page, requests, there
from road import CHUNKS, ModelServer, chunk_id

pytestmark = pytest.mark.skipif(not there(), reason=MISSING)

EVIL = "</script><script>window.hit=1</script><img src=x onerror=window.hit=2>‮gnp.exe⁦\x1b[31m"


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with browsing() as driver:
        yield driver


@pytest.fixture
def report(config: dict[str, Any], gold: Path, tmp_path: Path) -> Path:
    """Of a compiled program and of 30 pairs, some of them equal."""
    path = tmp_path / "report.html"
    with Sidecar(config) as sidecar:
        sidecar.compile(split="40/30/30", optimizer={"num_candidate_programs": 2})
        sidecar.evaluate(split="all", report=path)
    return path


@pytest.fixture
def hostile(config: dict[str, Any], tmp_path: Path) -> Path:
    """Chunks, questions and reasons that try to be more than text; one chunk of a megabyte."""
    entries = [
        {
            "chunk_text": f"{n} {EVIL} " + ("word " * 210_000 if n == 0 else ""),
            "persona_description": EVIL,
            "gold_question": EVIL,
        }
        for n in range(12)
    ]
    Path(config["files"]["gold"]).write_text(json.dumps(entries), encoding="utf-8")
    old = tmp_path / "old.jsonl"
    lines = [json.dumps({"chunk_text": e["chunk_text"], "query": EVIL}) for e in entries]
    old.write_text("\n".join(lines), encoding="utf-8")

    def score(query: str, **_: Any) -> dict[str, Any]:
        return {"score": 2 if query == EVIL else 4, "reason": EVIL}

    path = tmp_path / "hostile.html"
    with Sidecar(config, score=score) as sidecar:
        sidecar.evaluate(baseline=str(old), split="all", metric="host", report=path)
    return path


@pytest.fixture
def questions_report(config: dict[str, Any], gold: Path, tmp_path: Path) -> Path:
    path = tmp_path / "questions.html"
    questions: list[Any] = [
        {"chunk_text": text, "chunk_id": chunk_id(n), "query": query}
        for n, text in enumerate(CHUNKS[:12])
        for query in (f"By when do I register what rule {n} is about?", text[:80], EVIL)
    ]
    with Sidecar(config) as sidecar:
        sidecar.check_questions(questions=questions, report=path)
    return path


def rows(browser: webdriver.Chrome) -> list[Any]:
    return [b for b in browser.find_elements(By.CSS_SELECTOR, "#all tbody") if b.is_displayed()]


def picture(browser: webdriver.Chrome, name: str, height: int) -> None:
    folder = os.environ.get("QGEN_PICTURES")
    if folder:
        browser.set_window_size(1180, height)
        browser.execute_script("window.scrollTo(0, 0)")
        browser.save_screenshot(str(Path(folder) / name))
        browser.set_window_size(1280, 1600)


def quiet_and_alone(browser: webdriver.Chrome, page: Path) -> None:
    assert complaints(browser) == []
    assert set(requests(browser)) <= {page.as_uri()}
    assert page.stat().st_size < 2 << 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_quiet_loads_nothing_and_can_be_read(
    scheme: str, report: Path, questions_report: Path, browser: webdriver.Chrome
) -> None:
    for page, name in ((report, "report"), (questions_report, "questions")):
        open_page(browser, page, scheme)
        quiet_and_alone(browser, page)
        assert low_contrast(browser) == []
        browser.find_element(By.ID, "openall").click()
        assert low_contrast(browser) == []
        browser.find_element(By.ID, "openall").click()
        if (name, scheme) != ("questions", "dark"):
            picture(browser, f"{name}-{scheme}.png", 1500 if name == "report" else 1100)


def test_the_contrast_check_finds_what_is_faint(report: Path, browser: webdriver.Chrome) -> None:
    open_page(browser, report)
    browser.execute_script("document.querySelector('.sub').style.color = '#bbb'")
    assert len(low_contrast(browser)) == 1


def test_losses_come_first_and_headers_sort(report: Path, browser: webdriver.Chrome) -> None:
    open_page(browser, report)

    def column(key: str) -> list[float]:
        return [float(str(b.get_attribute(f"data-{key}"))) for b in rows(browser)]

    assert len(rows(browser)) == 30
    assert column("order") == sorted(column("order"))
    for key in ("n", "new", "order"):
        header = browser.find_element(By.CSS_SELECTOR, f"th[data-key={key}]")
        header.find_element(By.TAG_NAME, "button").click()
        assert header.get_attribute("aria-sort") == "ascending"
        assert column(key) == sorted(column(key))
        header.find_element(By.TAG_NAME, "button").click()
        assert header.get_attribute("aria-sort") == "descending"
        assert column(key) == sorted(column(key), reverse=True)
        marked = browser.find_elements(By.CSS_SELECTOR, "th[aria-sort]")
        assert len(marked) == 1


def test_filters_and_search(report: Path, browser: webdriver.Chrome) -> None:
    open_page(browser, report)
    choose = Select(browser.find_element(By.ID, "filter"))
    said = browser.find_element(By.ID, "shown")
    kinds = {}
    for kind in ("loss", "tie", "win", "error", "changed", ""):
        choose.select_by_value(kind)
        kinds[kind] = len(rows(browser))
        assert said.text == f"{kinds[kind]} of 30"
    assert kinds["loss"] + kinds["win"] == kinds["changed"]
    assert kinds["changed"] + kinds["tie"] + kinds["error"] == kinds[""] == 30
    search = browser.find_element(By.ID, "search")
    search.send_keys("House rule 7 concerns")
    assert said.text == "1 of 30"
    search.send_keys(Keys.ESCAPE)
    assert said.text == "30 of 30"
    search.send_keys("nothing has these words")
    assert rows(browser) == []


def test_every_figure_shows_its_questions(report: Path, browser: webdriver.Chrome) -> None:
    """A cell of score against score, a query type, a persona: as many rows as it says."""
    open_page(browser, report)
    cells = browser.find_elements(By.CSS_SELECTOR, "button.cell")
    total = 0
    for cell in cells:
        cell.click()
        assert cell.get_attribute("aria-pressed") == "true"
        old, new = str(cell.get_attribute("data-cell")).split("-")
        found = rows(browser)
        total += len(found)
        assert f": {len(found)}" in str(cell.get_attribute("textContent"))
        assert {r.get_attribute("data-old") for r in found} == {f"{old}.000"}
        assert {r.get_attribute("data-new") for r in found} == {f"{new}.000"}
    assert total == 30 - kind_count(browser, "error")
    cells[0].click()
    assert len(browser.find_elements(By.CSS_SELECTOR, "[aria-pressed=true]")) == 1
    browser.find_element(By.ID, "reset").click()
    assert browser.find_elements(By.CSS_SELECTOR, "[aria-pressed=true]") == []
    for element in browser.find_elements(By.CSS_SELECTOR, "select.by"):
        by = Select(element)
        said = [str(o.text) for o in by.options][1:]
        assert len(said) > 1
        for text in said:
            by.select_by_visible_text(text)
            assert text.endswith(f"({len(rows(browser))})")
        browser.find_element(By.ID, "reset").click()
    assert len(rows(browser)) == 30


def kind_count(browser: webdriver.Chrome, kind: str) -> int:
    browser.find_element(By.ID, "reset").click()
    choose = Select(browser.find_element(By.ID, "filter"))
    choose.select_by_value(kind)
    count = len(rows(browser))
    choose.select_by_value("")
    return count


def test_the_keyboard_is_enough(report: Path, browser: webdriver.Chrome) -> None:
    open_page(browser, report)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.text == "Skip to the examples"
    assert skip.location["x"] >= 0
    body.send_keys("/")
    assert browser.switch_to.active_element.get_attribute("id") == "search"
    browser.switch_to.active_element.send_keys("/")  # a slash is a letter there
    assert browser.switch_to.active_element.get_attribute("value") == "/"
    browser.switch_to.active_element.send_keys(Keys.ESCAPE, Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("id") == "reset"
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("id") == "openall"
    more = browser.find_element(By.CSS_SELECTOR, "#all tbody .more")
    detail = browser.find_element(By.ID, str(more.get_attribute("aria-controls")))
    assert more.get_attribute("aria-expanded") == "false"
    assert not detail.is_displayed()
    more.send_keys(Keys.ENTER)
    assert more.get_attribute("aria-expanded") == "true"
    assert detail.is_displayed()
    unnamed = browser.execute_script(
        "const all = 'button,select,input,[role=region],svg:not([aria-hidden])';"
        "return [...document.querySelectorAll(all)]"
        ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length))"
        ".map(e => e.outerHTML)"
    )
    assert unnamed == []


def test_without_scripts_everything_is_there(report: Path) -> None:
    with browsing() as driver:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        open_page(driver, report)
        details = driver.find_elements(By.CSS_SELECTOR, "#all .detail")
        assert len(details) == 30
        assert all(d.is_displayed() for d in details)


def test_it_fits_a_narrow_window(
    report: Path, questions_report: Path, browser: webdriver.Chrome
) -> None:
    browser.set_window_size(500, 900)
    for page in (report, questions_report):
        open_page(browser, page)
        wide = browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0
    browser.set_window_size(1280, 1600)


def test_hostile_text_stays_text(
    hostile: Path, questions_report: Path, browser: webdriver.Chrome
) -> None:
    for page in (hostile, questions_report):
        open_page(browser, page)
        browser.find_element(By.ID, "openall").click()
        quiet_and_alone(browser, page)
        assert browser.execute_script("return window.hit") is None
        assert browser.execute_script("return document.scripts.length") == 1
        assert browser.execute_script("return document.images.length") == 0
        shown = str(browser.execute_script("return document.body.textContent"))
        assert "<script>window.hit=1</script>" in shown
        assert not set("‮⁦\x1b") & set(shown)


def test_the_check_for_requests_sees_one(tmp_path: Path, models: ModelServer) -> None:
    page = tmp_path / "loads.html"
    page.write_text(
        f"<img src='{models.base_url}/x.png'><script>nothing()</script>", encoding="utf-8"
    )
    with browsing() as driver:
        open_page(driver, page)
        assert any(url.endswith("/x.png") for url in requests(driver))
        assert complaints(driver) != []
