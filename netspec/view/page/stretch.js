// Frames within frames: what surrounds an open block is stretched to make room for it.
// The order of all things along both axes stays, so wires stay straight and cross no more.

const SLACK = 8; // above and below an open block, where a wire may step aside to its port

/** What a tree of open blocks looks like, as a key: equal ones are arranged once. */
function stateOf(node) {
  if (!node.open) return "";
  const parts = [];
  node.children.forEach((child, number) => {
    if (child.open) parts.push(number + ":" + stateOf(child));
  });
  return node.template + "(" + parts.join(",") + ")";
}

/** The arrangement of an open node: { w, h, at, routes, labels, ins, outs, inner }. */
function arrange(node, templates, known) {
  const key = stateOf(node);
  let found = known.get(key);
  if (!found) {
    found = stretched(node, templates, known);
    known.set(key, found);
  }
  return found;
}

function stretched(node, templates, known) {
  const base = templates[node.template];
  const inner = new Map();
  node.children.forEach((child, number) => {
    if (child.open) inner.set(number, arrange(child, templates, known));
  });
  if (inner.size === 0) return { ...base, inner };
  const wide = [], high = [];
  for (const [number, within] of inner) {
    const [x, y, w, h] = base.at[number];
    wide.push([x, x + w, within.w]);
    high.push([y, y + h, within.h + 2 * SLACK]);
  }
  const fx = stretching(wide), fy = stretching(high);
  const at = base.at.map(([x, y, w, h], number) => {
    const within = inner.get(number);
    const [wider, higher] = within ? [within.w, within.h] : [w, h];
    const left = (fx(x) + fx(x + w) - wider) / 2;
    const aside = within ? stepAside(base, number, left, within, fx) : 0;
    return [left + aside, (fy(y) + fy(y + h) - higher) / 2, wider, higher];
  });
  const height = fy(base.h);
  const made = { w: fx(base.w), h: height, at, inner, ins: base.ins.map(fx), outs: base.outs.map(fx) };
  made.labels = base.labels.map((label, number) =>
    label && beside(base, at, number, label, fx, fy));
  made.routes = base.routes.map((route, number) =>
    rerouted(base.wires[number], route, base, at, inner, fx, fy, made));
  return made;
}

/** How far an open block goes aside so that its first wire comes in straight: a little at most. */
function stepAside(base, number, left, within, fx) {
  const wire = base.wires.findIndex(([, , target, into]) => target === number && into === 0);
  if (wire < 0 || within.ins.length === 0) return 0;
  const route = base.routes[wire];
  const aside = fx(route[route.length - 2]) - left - within.ins[0];
  return Math.abs(aside) <= SLACK ? aside : 0;
}

/** Where the label of a wire begins: as far from where the wire leaves its box as before. */
function beside(base, at, number, [x, y], fx, fy) {
  const source = base.wires[number][0];
  const [startX] = base.routes[number];
  if (source < 0) return [fx(startX) + x - startX, fy(y)];
  const [, top, , high] = base.at[source];
  const [left, newTop, wide, newHigh] = at[source];
  const middle = base.at[source][0] + base.at[source][2] / 2;
  return [left + wide / 2 + x - middle, newTop + newHigh + y - top - high];
}

/** A monotone map of an axis under which each of the intervals has the length that it needs. */
function stretching(intervals) {
  const points = [...new Set(intervals.flatMap(([from, to]) => [from, to]))].sort((a, b) => a - b);
  const lengths = points.slice(1).map((point, number) => point - points[number]);
  const kept = [...lengths];
  for (const [from, to, need] of [...intervals].sort((a, b) => a[2] - b[2])) {
    const first = points.indexOf(from), last = points.indexOf(to);
    let length = 0;
    for (let i = first; i < last; i++) length += lengths[i];
    if (length < need) {
      const more = (need - length) / (to - from);
      for (let i = first; i < last; i++) lengths[i] += more * kept[i];
    }
  }
  const ends = [points[0]];
  lengths.forEach((length, number) => ends.push(ends[number] + length));
  const least = points[0], most = points[points.length - 1], end = ends[ends.length - 1];
  return (value) => {
    if (value <= least) return value;
    if (value >= most) return value - most + end;
    let low = 0, high = points.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle] <= value) low = middle; else high = middle;
    }
    return ends[low] + (value - points[low]) / kept[low] * lengths[low];
  };
}

/** A wire's points, its ends brought to the boxes and ports where they now are. */
function rerouted(wire, route, base, at, inner, fx, fy, made) {
  const [source, out, target, into] = wire;
  const points = [];
  for (let i = 0; i < route.length; i += 2) points.push([fx(route[i]), fy(route[i + 1])]);
  const last = points.length - 1;
  if (source >= 0) {
    const x = portOf(source, out, "outs", route[0], base, at, inner);
    brought(points, 0, 1, x, at[source][1] + at[source][3], 1);
  } else points[0] = [points[0][0], 0];
  if (target >= 0) {
    const x = portOf(target, into, "ins", route[route.length - 2], base, at, inner);
    brought(points, points.length - 1, points.length - 2, x, at[target][1], -1);
  } else points[points.length - 1] = [points[points.length - 1][0], made.h];
  return straightened(points).flat();
}

/** Where on the axis a wire meets its box: at the port of an open one, else as far from the middle. */
function portOf(number, port, side, x, base, at, inner) {
  const within = inner.get(number);
  if (within && port < within[side].length) return at[number][0] + within[side][port];
  const [left, , wide] = base.at[number];
  const [newLeft, , newWide] = at[number];
  return newLeft + newWide / 2 + (within ? 0 : x - left - wide / 2);
}

/** Bring the end of a wire to a place; `away` is the direction in which the wire leaves it. */
function brought(points, end, next, x, y, away) {
  const old = points[end];
  if (Math.abs(old[0] - x) < 0.5) {
    points[end] = [old[0], y];
    return;
  }
  if (Math.abs(points[next][0] - old[0]) > 0.5) { // it turns at once: no step is needed
    points[end] = [x, y];
    return;
  }
  const step = y + away * (SLACK - 2);
  const more = [[x, y], [x, step], [old[0], step]];
  points.splice(end, 1, ...(away > 0 ? more : more.reverse()));
}

function straightened(points) {
  return points.filter(([x, y], i) => {
    if (i === 0 || i === points.length - 1) return true;
    const [px, py] = points[i - 1], [nx, ny] = points[i + 1];
    return !(Math.abs(px - x) < 0.05 && Math.abs(nx - x) < 0.05)
      && !(Math.abs(py - y) < 0.05 && Math.abs(ny - y) < 0.05);
  });
}
