"""Pages as files, opened from disk with the network off."""

from pathlib import Path
from typing import Any

import pytest

from netspec import diff, load, loads
from netspec.spec_page import file_of, file_of_difference
from netspec.stock_table import stock_networks
from tests.view.networks import RESIDUAL
from tests.view.page.test_document import data_of
from tests.view.test_files import HOSTILE
from tests.web.conftest import SHOTS, Open, Page, until

THOUSAND = """\
netspec: 1
name: Thousand
inputs: {data: [N, 16, 32, 32]}
blocks:
  basic:
    layers:
      - {name: conv1, type: Convolution, num_output: 16, kernel_size: 3, pad: 1}
      - {name: pool1, type: Pooling, pool: AVE, kernel_size: 3, pad: 1}
      - {name: conv2, type: Convolution, num_output: 16, kernel_size: 3, pad: 1}
      - {name: pool2, type: Pooling, pool: MAX, kernel_size: 3, pad: 1}
      - {name: sum, type: Eltwise, bottom: [pool2, input]}
layers:
  - {name: stage1, type: basic, repeat: 250}
  - {name: stage2, type: basic, repeat: 250}
  - {name: stage3, type: basic, repeat: 250}
  - {name: stage4, type: basic, repeat: 250}
"""
FRAMES = """async ([dx, dy, zoom]) => {
  const graph = document.getElementById("graph"), times = [];
  let last = performance.now(), most = 0;
  for (let i = 0; i < 120; i++) {
    graph.dispatchEvent(new WheelEvent("wheel", { deltaX: dx, deltaY: zoom && i > 60 ? -dy : dy,
      ctrlKey: zoom, clientX: 400, clientY: 400, bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - last);
    last = performance.now();
    most = Math.max(most, document.querySelectorAll("#scene *").length);
  }
  times.sort((a, b) => a - b);
  return [times[60], times[114], most];
}"""


def rows(page: Page) -> int:
    """The rows of the table, in sight or not."""
    return int(page.get_attribute("#rows", "aria-rowcount"))


def rows_of(data: dict[str, Any], number: int) -> int:
    """The rows of a frame with everything open."""
    boxes = data["templates"][number]["boxes"]
    return sum(
        1 + rows_of(data, box["i"]) if "i" in box else len(box.get("r", ())) for box in boxes
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "net.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", [each.name for each in stock_networks()])
def test_a_stock_network_opens_folds_and_selects(name: str, tmp_path: Path, opened: Open) -> None:
    net = load(name)
    text = file_of(net, "TEST")
    page = opened(write(tmp_path, text))
    assert page.inner_text("#name") == net.name
    page.click("#fold")
    folded = rows(page)
    assert folded <= len(net)
    for _ in range(12):
        before = rows(page)
        page.click("#unfold")
        if rows(page) == before:
            break
    data = data_of(text)["graph"]
    assert rows(page) == rows_of(data, data["root"]) >= len(net)
    last = [*net][-1]
    page.fill("#search", last.path)
    page.press("#search", "Enter")
    assert page.inner_text("#about b") != ""
    until(page, "document.querySelector('.row.chosen') !== null")
    page.click("#fold")
    assert rows(page) == folded


def test_table_and_graph_select_each_other(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(loads(RESIDUAL), "TEST")))
    page.click("#fit")
    page.click(".box[data-path='fc']")
    assert page.locator(".row.chosen").get_attribute("title") == "fc"
    page.click(".row[title='layer2']")
    assert page.locator("#frames .chosen, #boxes .chosen").get_attribute("data-path") == "layer2"
    page.keyboard.press("ArrowLeft")
    assert page.locator(".row[title='layer2']").get_attribute("aria-expanded") == "false"
    assert page.locator("[data-path='layer2.0']").count() == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator(".row.chosen").get_attribute("title") == "layer2.0"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator(".row.chosen").first.get_attribute("title") == "layer2.0.conv1"
    # A box stands for its convolution and for what is fused with it.
    assert page.locator(".row.chosen").count() == 3
    assert "layer2.0.bn1: BatchNorm → 32×16×16" in page.inner_text("#about")
    page.keyboard.press("Escape")
    assert page.locator(".chosen").count() == 0


def test_the_row_that_keys_chose_is_told_to_screen_readers(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(loads(RESIDUAL), "TEST")))
    page.focus("#rows")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    until(page, "document.querySelector('.row.chosen') !== null")
    row = page.get_attribute("#rows", "aria-activedescendant")
    assert row == page.locator(".row.chosen").first.get_attribute("id")
    page.keyboard.press("Escape")
    assert page.get_attribute("#rows", "aria-activedescendant") is None


def test_arrows_scroll_the_text_that_has_the_focus(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(load("resnet50"), "TEST")))
    page.keyboard.press("t")
    page.focus("#lines")
    page.keyboard.press("ArrowDown")
    until(page, "document.getElementById('lines').scrollTop > 0")
    assert page.get_attribute("#rows", "aria-activedescendant") is None


def test_the_table_sorts_within_blocks(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(loads(RESIDUAL), "TEST")))
    page.click("#fold")
    titles = "[...document.querySelectorAll('.row')].map((each) => each.title).join()"
    page.click("#heads [data-by='0']")
    until(page, f"{titles} === 'layer2,layer1,fc,pool'")
    page.click("#heads [data-by='name']")
    until(page, f"{titles} === 'fc,layer1,layer2,pool'")


def test_colours_by_share(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(load("vgg16"), "TEST")))
    page.click("#fit")
    fills = "(all) => new Set(all.map((each) => each.getAttribute('fill'))).size"
    by_type = page.locator("#boxes rect").evaluate_all(fills)
    page.select_option("#colour", "0")
    page.wait_for_timeout(100)
    assert page.locator("#boxes rect").evaluate_all(fills) > by_type
    colour = "(each) => getComputedStyle(each).fill"
    assert page.locator("#boxes .more").first.evaluate(colour) == "rgb(26, 26, 26)"


def test_names_and_docs_are_text(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(loads(HOSTILE), "TEST")))
    page.click(".row[title='block']")
    assert "]]> <image href='file:///etc/passwd'/>" in page.inner_text("#about")
    assert page.locator("image, img, #about script").count() == 0
    page.click("#text-shown")
    assert "<script>alert(1)</script>" in page.inner_text("#lines")


def test_thousands_of_layers(tmp_path: Path, opened: Open) -> None:
    """What is made is what is in sight; how long frames take is kept beside the pictures."""
    page = opened(write(tmp_path, file_of(loads(THOUSAND), "TEST")))
    page.click("#unfold")
    page.click("#unfold")
    assert rows(page) == 6_004
    page.wait_for_timeout(100)
    assert page.locator(".row").count() < 100
    close = page.evaluate(FRAMES, [0, 60, False])
    assert close[2] < 1_000
    zoomed = page.evaluate(FRAMES, [0, 3, True])
    page.click("#fit")
    whole = page.evaluate(FRAMES, [1, 1, False])
    assert whole[2] < 1_000
    assert page.locator("#canvas").is_visible()
    figures = {"close": close, "zoomed": zoomed, "whole": whole}
    SHOTS.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{name}: {a:.1f} ms a frame, 95 % within {b:.1f} ms" for name, (a, b, _) in figures.items()
    ]
    (SHOTS / "frames.txt").write_text("\n".join(lines) + "\n")


def test_printed_it_is_whole(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(load("resnet50"), "TEST")))
    lines = rows(page)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_timeout(100)
    assert page.locator(".row").count() == lines
    assert page.locator("#boxes > g[data-path='fc']").count() == 1
    assert page.locator("#boxes > g[data-path='data']").count() == 1
    assert page.locator("#svg").get_attribute("viewBox") is not None
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#svg").get_attribute("viewBox") is None


def test_light_and_dark(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of(loads(RESIDUAL), "TEST")))
    back = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(back)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(back) != dark


def test_a_difference(tmp_path: Path, opened: Open) -> None:
    page = opened(write(tmp_path, file_of_difference(diff("resnet18", "resnet34"))))
    assert page.inner_text("#name") == "resnet18 → resnet34"
    page.click("#fit")
    # Until it fits, the last of the four is out of sight.
    until(page, "document.querySelectorAll('#wires .removed').length === 4")
    fill = page.locator("[data-path='layer1.2'] rect").get_attribute("fill")
    assert fill != page.locator("[data-path='layer1.1'] rect").get_attribute("fill")
    assert page.locator(".row.added").count() == 8
    page.click(".row[title='layer1']")
    assert "parameters 147,968 → 221,952" in page.inner_text("#about")
