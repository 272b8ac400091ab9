"""A headless Chromium with its driver, as Debian packages them, for pages on disk."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium")
MISSING = "needs Debian's packages chromium and chromium-driver"
logging.getLogger("selenium").setLevel(logging.WARNING)


def there() -> bool:
    """Whether a browser is there; where CI runs it has to be."""
    found = DRIVER is not None and BROWSER is not None
    if not found and os.environ.get("CI"):
        raise RuntimeError(MISSING)
    return found


@contextlib.contextmanager
def browsing(width: int = 1280, height: int = 1600) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = str(BROWSER)
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={width},{height}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def open_page(driver: webdriver.Chrome, page: Path, scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for log in ("browser", "performance"):
        driver.get_log(log)  # an earlier page's
    driver.get(page.as_uri())


def complaints(driver: webdriver.Chrome) -> list[str]:
    """What the console said."""
    return [entry["message"] for entry in driver.get_log("browser")]


def requests(driver: webdriver.Chrome) -> list[str]:
    """Every address that was asked for, the pages themselves included."""
    sent = []
    for entry in driver.get_log("performance"):
        message: dict[str, Any] = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            sent.append(message["params"]["request"]["url"])
    return sent


# Text whose contrast to what is behind it is under WCAG 2.1's AA (4.5, large text 3):
# [text, ratio]. Backgrounds are taken from the nearest ancestor that has one.
CONTRAST = """
const parse = (c) => {
  const m = c.match(/[\\d.]+/g).map(Number);
  return m.length < 4 ? [...m, 1] : m;
};
const channel = (v) => {
  v /= 255;
  return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c[3] > 0.99) return c;
  }
  return [255, 255, 255, 1];
};
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const text = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement;
  if (!text || !e.getClientRects().length) continue;
  if (["SCRIPT", "STYLE", "OPTION"].includes(e.tagName)) continue;
  const style = getComputedStyle(e), svg = e.closest("svg");
  const ink = parse(svg ? style.fill : style.color);
  const a = light(ink), b = light(behind(e));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const size = parseFloat(style.fontSize), bold = style.fontWeight >= 700;
  const large = size >= 24 || (size >= 18.66 && bold);
  if (ratio < (large ? 3 : 4.5)) found.push([text.slice(0, 40), Math.round(ratio * 100) / 100]);
}
return found;
"""


def low_contrast(driver: webdriver.Chrome) -> list[Any]:
    return driver.execute_script(CONTRAST)
