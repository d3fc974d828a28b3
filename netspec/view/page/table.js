// The cost table: the rows that are open, of which those in sight are made.

const ROW = 22;
const HEADS = [["layer", "name"], ["type", "type"], ["output", "shape"], ["params", 0], ["MACs", 1], ["memory", 2]];

class Table {
  constructor(page) {
    this.page = page;
    this.rows = document.getElementById("rows");
    this.room = document.getElementById("room");
    this.heads = document.getElementById("heads");
    this.sort = null; // [by, downward]
    this.lines = [];
    this.made = new Map();
    this.waits = false;
    this.printed = false;
    this.rows.addEventListener("scroll", () => this.later());
    new ResizeObserver(() => this.later()).observe(this.rows);
    this.rows.addEventListener("click", (event) => this.clicked(event));
    this.rows.addEventListener("dblclick", (event) => this.clicked(event, true));
    window.addEventListener("beforeprint", () => {
      this.printed = true;
      this.draw();
    });
    window.addEventListener("afterprint", () => {
      this.printed = false;
      this.renew();
    });
  }

  head(title, by) {
    const cell = document.createElement("button");
    cell.type = "button";
    cell.textContent = title;
    cell.dataset.by = by;
    cell.setAttribute("role", "columnheader");
    if (typeof by === "number") cell.className = "number";
    cell.addEventListener("click", () => {
      const [before, down] = this.sort || [];
      if (before !== by) this.sort = [by, typeof by === "number"];
      else if (down === (typeof by === "number")) this.sort = [by, !down];
      else this.sort = null;
      this.arrange();
    });
    return cell;
  }

  clicked(event, twice = false) {
    const element = event.target.closest(".row");
    if (!element) return;
    const line = this.lines[Number(element.dataset.number)];
    if (line.node.folds && (twice || event.target.closest(".twist"))) this.page.toggle(line.node);
    else this.page.choose(line.node, "table", line.path);
  }

  /** The rows that are open, sorted within each block. */
  arrange() {
    this.lines = [];
    const add = (node) => {
      for (const child of this.sorted(node.children)) {
        if (child.folds) {
          this.lines.push({ node: child, path: child.path, type: child.box.s ? child.box.t : "",
            shape: "", v: child.box.v, folds: true, mark: child.box.m });
          if (child.open) add(child);
        } else {
          for (const [path, type, shape, v, mark] of child.rows) {
            this.lines.push({ node: child, path, type, shape, v, folds: false, mark });
          }
        }
      }
    };
    add(this.page.root);
    this.rows.setAttribute("aria-rowcount", this.lines.length);
    this.room.style.height = this.lines.length * ROW + "px";
    for (const cell of this.heads.children) {
      const mine = this.sort && String(this.sort[0]) === cell.dataset.by;
      cell.setAttribute("aria-sort", mine ? (this.sort[1] ? "descending" : "ascending") : "none");
      cell.textContent = cell.textContent.replace(/ [▾▴]$/, "") + (mine ? (this.sort[1] ? " ▾" : " ▴") : "");
    }
    this.renew();
  }

  sorted(children) {
    if (!this.sort) return children;
    const [by, down] = this.sort;
    const value = (child) => typeof by === "number" ? child.box.v[by] ?? -Infinity
      : by === "name" ? child.path : by === "type" ? (child.rows[0] || ["", child.box.t])[1]
      : (child.rows[0] || ["", "", ""])[2];
    const order = (a, b) => typeof by === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return [...children].sort((a, b) => order(value(a), value(b)) * (down ? -1 : 1));
  }

  renew() {
    for (const element of this.made.values()) element.remove();
    this.made.clear();
    const { chosen } = this.page;
    const number = chosen ? this.lines.findIndex((line) => line.node === chosen) : -1;
    if (number < 0) this.rows.removeAttribute("aria-activedescendant");
    else this.rows.setAttribute("aria-activedescendant", "row" + number);
    this.later();
  }

  later() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.draw();
    });
  }

  draw(everything = this.printed) {
    const first = everything ? 0 : Math.max(0, Math.floor(this.rows.scrollTop / ROW) - 4);
    const last = everything ? this.lines.length
      : Math.min(this.lines.length, first + Math.ceil(this.rows.clientHeight / ROW) + 8);
    for (const [number, element] of this.made) {
      if (number < first || number >= last) {
        element.remove();
        this.made.delete(number);
      }
    }
    for (let number = first; number < last; number++) {
      if (!this.made.has(number)) {
        const element = this.row(number);
        this.made.set(number, element);
        this.room.append(element);
      }
    }
  }

  row(number) {
    const { node, path, type, shape, v, folds, mark } = this.lines[number];
    const chosen = node === this.page.chosen;
    const made = document.createElement("div");
    made.className = ["row", folds && "folds", chosen && "chosen", this.page.hits.has(node) && "hit",
      mark].filter(Boolean).join(" ");
    made.id = "row" + number;
    made.dataset.number = number;
    made.setAttribute("aria-rowindex", number + 1);
    made.style.top = number * ROW + "px";
    made.setAttribute("role", "row");
    made.setAttribute("aria-level", node.level + 1);
    made.setAttribute("aria-selected", chosen);
    if (folds) made.setAttribute("aria-expanded", node.open);
    made.title = path;
    const name = document.createElement("span");
    name.style.paddingLeft = node.level * 1.1 + "em";
    const twist = document.createElement("span");
    twist.className = "twist";
    twist.textContent = folds ? (node.open ? "▾ " : "▸ ") : "\u2003";
    const around = node.parent.path;
    name.append(twist, around && path.startsWith(around + ".") ? path.slice(around.length + 1) : path);
    made.append(name, cell(type), cell(shape));
    for (let i = 0; i < 3; i++) made.append(this.number(v, i));
    for (const each of made.children) each.setAttribute("role", "gridcell");
    return made;
  }

  number(v, by) {
    const made = cell(v[by + 3]);
    made.className = "number";
    const total = this.page.whole[by];
    if (total && v[by]) {
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.style.width = Math.min(100, 100 * Math.abs(v[by]) / total) + "%";
      made.append(bar);
      made.title += ` (${(100 * v[by] / total).toFixed(1)} %)`;
    }
    return made;
  }

  /** Bring the row of the chosen into sight. */
  reveal(node) {
    const number = this.lines.findIndex((line) => line.node === node);
    if (number < 0) return;
    const top = number * ROW;
    if (top < this.rows.scrollTop || top + ROW > this.rows.scrollTop + this.rows.clientHeight) {
      this.rows.scrollTop = top - this.rows.clientHeight / 3;
    }
  }

  /** The node so many rows below that of another. */
  near(node, step) {
    const number = this.lines.findIndex((line) => line.node === node);
    if (number < 0) return this.lines.length ? this.lines[0].node : null;
    let next = number + step;
    while (this.lines[next] && this.lines[next].node === node) next += step;
    return this.lines[next] ? this.lines[next].node : node;
  }

  /** What stands above the figures and below them. */
  named(heads, total) {
    this.heads.replaceChildren(...HEADS.map(([title, by]) =>
      this.head(typeof by === "number" && heads ? heads[by] : title, by)));
    const whole = document.getElementById("total");
    whole.replaceChildren(cell("total"), cell(""), cell(""));
    for (let i = 3; i < 6; i++) {
      const each = cell(total[i]);
      each.className = "number";
      whole.append(each);
    }
  }
}

/** A cell, which tells all of its text where it has no room for it. */
function cell(text) {
  const made = document.createElement("span");
  made.textContent = text;
  made.title = made.textContent;
  return made;
}
