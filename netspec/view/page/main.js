// The page: what is open, chosen and searched for, and how that comes to be.

/** What there is before any spec was without mistakes. */
const NOTHING = {
  name: "netspec", caption: "", root: 0, total: [0, 0, 0, "", "", ""], paints: {},
  templates: [{ boxes: [], wires: [], w: 1, h: 1, at: [], routes: [], labels: [], ins: [], outs: [] }],
};

const page = {
  data: NOTHING,
  root: treeOf(NOTHING),
  chosen: null,
  chosenPath: null,
  hits: new Set(),
  by: "type",
  most: 1,

  /** What figures are shares of. */
  get whole() { return this.data.whole || this.data.total; },

  /** The colours of a box: by its type, or by its share of a figure. */
  paint(node) {
    if (node.box.m && this.by === "type") return this.data.marks[node.box.m];
    if (this.by === "type") return this.data.paints[node.box.c] || PLAIN;
    const value = Math.abs(node.box.v[this.by]);
    if (!value) return PLAIN;
    const part = Math.sqrt(value / this.most);
    const mix = (from, to) => Math.round(from + (to - from) * part);
    return [`rgb(${mix(255, 236)},${mix(247, 112)},${mix(230, 60)})`, `rgb(${mix(160, 120)},${mix(140, 40)},60)`];
  },

  /** Show other data; what was open and chosen stays so where it is still there. */
  show(data) {
    const before = this.data !== NOTHING && { open: [...openNodes(this.root)].map((node) => node.path),
      chosen: this.chosen && this.chosen.path };
    this.data = data;
    this.root = treeOf(data);
    this.chosen = null;
    drawing.known.clear();
    if (before) {
      for (const path of before.open) {
        const node = nodeOf(this.root, path);
        if (node && node.folds && node.path === path) node.open = true;
      }
      this.chosen = before.chosen === null ? null : nodeOf(this.root, before.chosen);
    } else {
      openAtFirst(this.root);
    }
    document.title = data.name + " · netspec";
    part("name").textContent = data.name;
    part("name").title = data.doc || "";
    part("caption").textContent = data.caption;
    table.named(data.heads, data.total);
    this.search(false);
    this.unfolded();
    this.about();
    if (!before) drawing.begin();
  },

  /** Draw anew after blocks were opened or closed. */
  unfolded() {
    this.most = 1;
    if (this.by !== "type") {
      for (const node of this.seen(this.root)) {
        if (!node.open) this.most = Math.max(this.most, Math.abs(node.box.v[this.by]));
      }
    }
    drawing.arrange();
    table.arrange();
  },

  *seen(node) {
    for (const child of node.children) {
      yield child;
      if (child.open) yield* this.seen(child);
    }
  },

  toggle(node, open = !node.open) {
    if (!node.folds || node.open === open) return;
    const before = drawing.placeOf(node);
    node.open = open;
    this.unfolded();
    const after = drawing.placeOf(node);
    if (before && after) { // what was opened stays where it was
      drawing.x += (before.x + before.w / 2 - after.x - after.w / 2) * drawing.scale;
      drawing.y += (before.y - after.y) * drawing.scale;
    }
    table.reveal(this.chosen);
  },

  /** Choose a box, its row with it; `from` is where it was chosen. */
  choose(node, from, path = null) {
    if (node && node.parent) {
      let around = node.parent, opened = false;
      for (; around.parent; around = around.parent) {
        opened = opened || !around.open;
        around.open = true;
      }
      this.chosen = node;
      if (opened) this.unfolded();
    } else {
      this.chosen = null;
    }
    this.chosenPath = path || (this.chosen && this.chosen.path);
    drawing.renew();
    table.renew();
    if (this.chosen) {
      if (from !== "graph") drawing.reveal(this.chosen);
      if (from !== "table") table.reveal(this.chosen);
    }
    this.about();
  },

  /** What is said of the chosen box. */
  about() {
    const place = part("about");
    place.hidden = !this.chosen;
    if (!this.chosen) return;
    const { box, path, rows } = this.chosen;
    const title = document.createElement("b");
    title.textContent = path;
    const lines = rows.map(([each, type, shape]) => `${each}: ${type} → ${shape}`);
    if (box.k === "block" && box.s) lines.push("block " + box.t);
    const names = ["parameters", "MACs", "memory"];
    const figures = names.map((name, i) => {
      const text = box.v[i + 3];
      if (!text) return "";
      const [value, whole] = [box.v[i], this.whole[i]];
      const share = value && whole ? ` (${(100 * value / whole).toFixed(1)} %)` : "";
      return i === 2 ? `${name} ${text}${share}` : `${text} ${name}${share}`;
    }).filter(Boolean);
    lines.push(...(box.e || [figures.join(" · ")]));
    if (box.d) lines.push(box.d);
    place.replaceChildren(title, lines.filter(Boolean).join("\n"));
  },

  /** Mark what the search finds; with `next` go to the next of it. */
  search(next) {
    const words = part("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    if (words.length) {
      for (const node of everyNode(this.root)) {
        const texts = node.folds ? [node.path + " " + node.box.t]
          : [node.path + " " + node.box.t, ...node.rows.map(([path, type]) => path + " " + type)];
        if (texts.some((text) => words.every((word) => text.toLowerCase().includes(word)))) found.push(node);
      }
    }
    this.hits = new Set(found);
    for (const node of found) { // a closed block shows that something in it was found
      for (let each = node.parent; each && each.parent; each = each.parent) this.hits.add(each);
    }
    part("found").textContent = words.length ? `${found.length.toLocaleString("en")} found` : "";
    drawing.renew();
    table.renew();
    if (next && found.length) {
      const number = found.indexOf(this.chosen);
      this.choose(found[(number + 1) % found.length], "search");
    }
  },
};

function part(id) {
  return document.getElementById(id);
}

function showText(shown) {
  part("text").hidden = !shown;
  part("text-shown").setAttribute("aria-pressed", shown);
}

const drawing = new Drawing(page);
const table = new Table(page);
const text = new Text();

const KEYS = {
  ArrowDown: () => page.choose(table.near(page.chosen, 1), "keys"),
  ArrowUp: () => page.choose(table.near(page.chosen, -1), "keys"),
  ArrowRight: () => page.chosen && page.toggle(page.chosen, true),
  ArrowLeft: () => {
    const node = page.chosen;
    if (node && node.open) page.toggle(node, false);
    else if (node && node.parent.parent) page.choose(node.parent, "keys");
  },
  Enter: () => page.chosen && page.toggle(page.chosen),
  " ": () => page.chosen && page.toggle(page.chosen),
  Escape: () => page.choose(null, "keys"),
  "+": () => drawing.zoom(1.25),
  "=": () => drawing.zoom(1.25),
  "-": () => drawing.zoom(0.8),
  "0": () => drawing.fit(),
  f: () => part("fold").click(),
  o: () => part("unfold").click(),
  t: () => part("text-shown").click(),
  "/": () => part("search").focus(),
  "?": () => part("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || part("keys").open) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.target.matches("button") && (event.key === "Enter" || event.key === " ")) return;
  if (event.target.closest("#lines") && /^(Arrow.*| )$/.test(event.key)) return; // they scroll the text
  if (!KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

part("search").addEventListener("input", () => page.search(false));
part("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") page.search(true);
});
part("colour").addEventListener("change", () => {
  const value = part("colour").value;
  page.by = value === "type" ? value : Number(value);
  part("svg").classList.toggle("share", page.by !== "type");
  page.unfolded();
});
part("fold").addEventListener("click", () => {
  closeAll(page.root);
  page.unfolded();
  drawing.fit();
});
part("unfold").addEventListener("click", () => {
  openMore(page.root);
  page.unfolded();
});
part("fit").addEventListener("click", () => drawing.fit());
part("text-shown").addEventListener("click", () => showText(part("text").hidden));
part("help").addEventListener("click", () => part("keys").showModal());
part("keys-done").addEventListener("click", () => part("keys").close());

const given = JSON.parse(part("data").textContent);
part("text-shown").hidden = !given.text;
if (given.text && (given.live || given.diagnostics.length)) showText(true);
if (given.live) {
  goLive(given);
} else {
  if (given.text) text.show(given.text, given.diagnostics);
  page.show(given.graph);
}
