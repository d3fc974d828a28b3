// The graph: what is in sight, as SVG; as pixels where that would be too much.

const SVG = "http://www.w3.org/2000/svg";
const MOST = 1000; // boxes in sight that SVG still moves smoothly
const LEGIBLE = 0.45; // the least scale at which text is drawn
const EDGE = 24;

const PLAIN = ["#f4f4f2", "#8a8a86"];

/** Everything that is open, at its place: boxes, frames and wires with their outlines. */
function placed(root, templates, known) {
  const found = [];
  const put = (node, within, x, y) => {
    const base = templates[node.template];
    node.children.forEach((child, number) => {
      const [left, top, wide, high] = within.at[number];
      const each = { kind: child.open ? "frame" : "box", node: child,
        x: x + left, y: y + top, w: wide, h: high, key: child.path + "\n" + child.number };
      found.push(each);
      if (child.open) put(child, within.inner.get(number), each.x, each.y);
    });
    base.wires.forEach((wire, number) => {
      const points = within.routes[number].map((value, i) => value + (i % 2 ? y : x));
      let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = 0; i < points.length; i += 2) {
        left = Math.min(left, points[i]); right = Math.max(right, points[i]);
        top = Math.min(top, points[i + 1]); bottom = Math.max(bottom, points[i + 1]);
      }
      const label = within.labels[number];
      const [source, , target, , shapes, mark = ""] = wire;
      const ends = [source, target].map((each) => each < 0 ? null : node.children[each]);
      found.push({ kind: "wire", x: left, y: top, w: right - left, h: bottom - top, points,
        arrow: ends[1] !== null && !ends[1].open, ends, shapes, mark,
        label: label && [label[0] + x, label[1] + y], key: node.path + "\n>" + number });
    });
  };
  const whole = arrange(root, templates, known);
  put(root, whole, 0, 0);
  return { w: whole.w, h: whole.h, things: found };
}

class Drawing {
  constructor(page) {
    this.page = page;
    this.part = (id) => document.getElementById(id);
    this.area = this.part("graph");
    this.svg = this.part("svg");
    this.canvas = this.part("canvas");
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.shown = new Map();
    this.known = new Map();
    this.whole = { w: 1, h: 1, things: [] };
    this.waits = false;
    this.printed = false;
    this.listen();
  }

  /** Lay out anew what is open. */
  arrange() {
    this.whole = placed(this.page.root, this.page.data.templates, this.known);
    this.clear();
    this.later();
  }

  clear() {
    for (const elements of this.shown.values()) elements.forEach((each) => each.remove());
    this.shown.clear();
  }

  fit() {
    const { clientWidth: wide, clientHeight: high } = this.area;
    const fits = Math.min((wide - 2 * EDGE) / this.whole.w, (high - 2 * EDGE) / this.whole.h);
    this.scale = Math.max(Math.min(fits, 1.25), 0.01);
    this.centre(this.whole.w / 2, this.whole.h / 2);
  }

  /** Show the top at a size that can be read. */
  begin() {
    const { clientWidth: wide, clientHeight: high } = this.area;
    const fits = Math.min((wide - 2 * EDGE) / this.whole.w, (high - 2 * EDGE) / this.whole.h);
    this.scale = Math.max(Math.min(fits, 1.25), Math.min(1, Math.max(0.6, (wide - 2 * EDGE) / this.whole.w)));
    this.centre(this.whole.w / 2, Math.min(this.whole.h / 2, (high / 2 - EDGE) / this.scale));
  }

  centre(x, y) {
    this.x = this.area.clientWidth / 2 - x * this.scale;
    this.y = this.area.clientHeight / 2 - y * this.scale;
    this.later();
  }

  /** Bring a box into sight, if it isn't. */
  reveal(node) {
    const at = this.placeOf(node);
    if (!at) return;
    const [left, top] = [at.x * this.scale + this.x, at.y * this.scale + this.y];
    const { clientWidth: wide, clientHeight: high } = this.area;
    if (left < 0 || top < 0 || left + at.w * this.scale > wide || top + Math.min(at.h * this.scale, high) > high) {
      if (this.scale < LEGIBLE) this.scale = 1;
      this.centre(at.x + at.w / 2, at.y + Math.min(at.h / 2, high / 2 / this.scale - EDGE));
    }
  }

  placeOf(node) {
    return this.whole.things.find((each) => each.node === node);
  }

  zoom(factor, x = this.area.clientWidth / 2, y = this.area.clientHeight / 2) {
    const scale = Math.min(Math.max(this.scale * factor, 0.005), 8);
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
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

  /** What is in sight. */
  inSight(margin) {
    const left = (-this.x - margin) / this.scale, top = (-this.y - margin) / this.scale;
    const right = (this.area.clientWidth - this.x + margin) / this.scale;
    const bottom = (this.area.clientHeight - this.y + margin) / this.scale;
    return this.whole.things.filter((each) =>
      each.x <= right && each.x + each.w >= left && each.y <= bottom && each.y + each.h >= top);
  }

  draw(everything = this.printed) {
    const sight = everything ? this.whole.things : this.inSight(60);
    const pixels = !everything && sight.length > 2 * MOST;
    this.canvas.hidden = !pixels;
    this.svg.toggleAttribute("hidden", pixels);
    if (pixels) {
      this.clear();
      paint(this, sight);
      return;
    }
    this.part("scene").setAttribute("transform",
      `translate(${this.x.toFixed(2)} ${this.y.toFixed(2)}) scale(${this.scale.toFixed(4)})`);
    this.svg.classList.toggle("far", !everything && this.scale < LEGIBLE);
    const wanted = new Set(sight.map((each) => each.key));
    for (const [key, elements] of this.shown) {
      if (!wanted.has(key)) {
        elements.forEach((each) => each.remove());
        this.shown.delete(key);
      }
    }
    for (const each of sight) {
      if (!this.shown.has(each.key)) this.shown.set(each.key, this.elements(each));
    }
  }

  elements(thing) {
    const made = thing.kind === "wire" ? this.wire(thing) : thing.kind === "frame"
      ? this.frame(thing) : this.box(thing);
    for (const [id, element] of made) this.part(id).append(element);
    return made.map(([, element]) => element);
  }

  wire(thing) {
    const chosen = this.page.chosen && thing.ends.includes(this.page.chosen);
    const path = svg("path", { d: rounded(thing.points), class: thing.mark + (chosen ? " chosen" : "") });
    if (thing.arrow) path.setAttribute("marker-end", "url(#arrow)");
    if (thing.shapes) path.append(svg("title", {}, thing.shapes));
    if (!thing.label) return [["wires", path]];
    const [x, y] = thing.label;
    return [["wires", path], ["shapes", svg("text", { x, y: y + 3 }, thing.shapes)]];
  }

  frame(thing) {
    const { node, x, y, w, h } = thing;
    const group = svg("g", { class: this.classes(`head ${node.box.m || ""}`, node), "data-path": node.path });
    group.append(svg("rect", { x, y, width: w, height: h, rx: 6 }));
    group.append(svg("title", {}, aboutLine(node)));
    const text = svg("text", { x: x + 8, y: y + 12, class: "head" });
    text.append(svg("tspan", { class: "name" }, node.box.s || node.box.t));
    if (node.box.s) text.append(svg("tspan", { dx: 4 }, node.box.t));
    return [["frames", group], ["shapes", text]];
  }

  box(thing) {
    const { node, x, y, w, h } = thing;
    const [fill, stroke] = this.page.paint(node);
    const group = svg("g", { class: this.classes(`box ${node.box.k}`, node), "data-path": node.path });
    const middle = x + w / 2;
    if (node.box.k === "sign") {
      group.append(svg("circle", { cx: middle, cy: y + h / 2, r: w / 2, fill, stroke }));
      group.append(svg("text", { x: middle, y: y + h / 2 + 4, class: "title" }, node.box.t));
      if (node.box.s) {
        group.append(svg("text", { x: x + w + 4, y: y + h / 2 + 3, class: "more beside" }, node.box.s));
      }
    } else {
      group.append(svg("rect", { x, y, width: w, height: h, rx: 4, fill, stroke }));
      const title = y + h / 2 + (node.box.s ? -3 : 4);
      group.append(svg("text", { x: middle, y: title, class: "title" }, node.box.t));
      if (node.box.s) group.append(svg("text", { x: middle, y: y + h / 2 + 10, class: "more" }, node.box.s));
    }
    group.append(svg("title", {}, aboutLine(node)));
    return [["boxes", group]];
  }

  classes(own, node) {
    return own + (node === this.page.chosen ? " chosen" : "") + (this.page.hits.has(node) ? " hit" : "");
  }

  /** Draw anew what is in sight: its look has changed, not its place. */
  renew() {
    this.clear();
    this.later();
  }

  listen() {
    const held = new Map();
    let moved = 0;
    this.area.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = this.area.getBoundingClientRect();
      const step = event.deltaMode === 1 ? 16 : 1;
      if (event.ctrlKey || event.metaKey) {
        this.zoom(Math.exp(-event.deltaY * step / 200), event.clientX - box.left, event.clientY - box.top);
      } else {
        this.x -= event.deltaX * step;
        this.y -= event.deltaY * step;
        this.later();
      }
    }, { passive: false });
    this.area.addEventListener("pointerdown", (event) => {
      if (event.target.closest("#about")) return;
      held.set(event.pointerId, [event.clientX, event.clientY]);
      moved = 0;
    });
    this.area.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
      moved += Math.abs(dx) + Math.abs(dy);
      if (moved < 4) return;
      this.area.classList.add("dragged");
      if (!this.area.hasPointerCapture(event.pointerId)) this.area.setPointerCapture(event.pointerId);
      held.set(event.pointerId, [event.clientX, event.clientY]);
      if (held.size === 2) {
        const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
        const far = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
        const box = this.area.getBoundingClientRect();
        this.zoom(far([event.clientX, event.clientY]) / Math.max(far(before), 1),
          other[0] - box.left, other[1] - box.top);
      } else {
        this.x += dx;
        this.y += dy;
        this.later();
      }
    });
    const release = (event) => {
      held.delete(event.pointerId);
      this.area.classList.remove("dragged");
    };
    this.area.addEventListener("pointerup", release);
    this.area.addEventListener("pointercancel", release);
    const at = (event) => {
      const box = this.area.getBoundingClientRect();
      const x = (event.clientX - box.left - this.x) / this.scale;
      const y = (event.clientY - box.top - this.y) / this.scale;
      const found = this.whole.things.filter((each) => each.node
        && x >= each.x && x <= each.x + each.w && y >= each.y && y <= each.y + each.h);
      return found.length ? found[found.length - 1].node : null;
    };
    this.area.addEventListener("click", (event) => {
      if (event.target.closest("#about") || moved >= 4) return;
      this.page.choose(at(event), "graph");
    });
    this.area.addEventListener("dblclick", (event) => {
      if (event.target.closest("#about")) return;
      const node = at(event);
      if (node && node.folds) this.page.toggle(node);
    });
    new ResizeObserver(() => this.later()).observe(this.area);
    window.addEventListener("beforeprint", () => this.print());
    window.addEventListener("afterprint", () => {
      this.printed = false;
      [this.x, this.y, this.scale] = this.before || [this.x, this.y, this.scale];
      this.svg.removeAttribute("viewBox");
      this.renew();
    });
  }

  /** Put all of the graph on the paper, as vectors, whatever is in sight. */
  print() {
    this.before = [this.x, this.y, this.scale];
    [this.x, this.y, this.scale] = [0, 0, 1];
    this.printed = true;
    this.clear();
    this.draw();
    this.svg.setAttribute("viewBox", `${-EDGE} ${-EDGE} ${this.whole.w + 2 * EDGE} ${this.whole.h + 2 * EDGE}`);
  }
}

/** Everything in sight as pixels: its text can't be read at that size anyway. */
function paint(drawing, sight) {
  const { canvas, area, scale, x, y, page } = drawing;
  const dense = window.devicePixelRatio || 1;
  const [wide, high] = [area.clientWidth, area.clientHeight];
  if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(high * dense)) {
    canvas.width = Math.round(wide * dense);
    canvas.height = Math.round(high * dense);
  }
  const pen = canvas.getContext("2d");
  const look = getComputedStyle(document.documentElement);
  const color = (name) => look.getPropertyValue(name).trim();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(dense * scale, 0, 0, dense * scale, dense * x, dense * y);
  pen.lineWidth = Math.max(1, 0.6 / scale);
  pen.strokeStyle = color("--frame-line");
  for (const each of sight) if (each.kind === "frame") pen.strokeRect(each.x, each.y, each.w, each.h);
  pen.strokeStyle = color("--wire");
  pen.beginPath();
  for (const { kind, points } of sight) {
    if (kind !== "wire") continue;
    pen.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 2) pen.lineTo(points[i], points[i + 1]);
  }
  pen.stroke();
  const [chosen, hit] = [color("--chosen"), color("--hit")];
  for (const each of sight) {
    if (each.kind !== "box") continue;
    const [fill, stroke] = page.paint(each.node);
    pen.fillStyle = each.node === page.chosen ? chosen : page.hits.has(each.node) ? hit : fill;
    pen.fillRect(each.x, each.y, each.w, each.h);
    pen.strokeStyle = stroke;
    pen.strokeRect(each.x, each.y, each.w, each.h);
  }
}

function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== "") made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A path through points, its corners rounded. */
function rounded(points) {
  const n = (value) => Math.round(value * 10) / 10;
  let path = `M${n(points[0])} ${n(points[1])}`;
  for (let i = 2; i < points.length - 2; i += 2) {
    const near = toward(points, i, i - 2), far = toward(points, i, i + 2);
    path += `L${n(near[0])} ${n(near[1])}Q${n(points[i])} ${n(points[i + 1])} ${n(far[0])} ${n(far[1])}`;
  }
  return `${path}L${n(points[points.length - 2])} ${n(points[points.length - 1])}`;
}

function toward(points, corner, other) {
  const [x, y] = [points[corner], points[corner + 1]];
  const [dx, dy] = [points[other] - x, points[other + 1] - y];
  const length = Math.abs(dx) + Math.abs(dy);
  const part = length ? Math.min(5, length / 2) / length : 0;
  return [x + dx * part, y + dy * part];
}

function aboutLine(node) {
  const [, , , params, macs] = node.box.v;
  const parts = [node.path];
  if (params) parts.push(params + " parameters");
  if (macs) parts.push(macs + " MACs");
  return parts.join(" · ");
}
