// The network as a tree of boxes, of which some are open: made from templates as far as it is open.

const MANY = 40; // boxes that are open at first, at most
const COLUMNS = ["params", "macs", "memory"];

class Node_ {
  constructor(box, path, parent, number) {
    this.box = box;
    this.path = path;
    this.parent = parent;
    this.number = number; // among the boxes of the frame around it
    this.template = box.i;
    this.open = false;
    this.made = null;
  }

  get folds() { return this.template !== undefined; }
  get level() { return this.parent ? this.parent.level + 1 : -1; }

  /** Its boxes, made when someone asks for them. */
  get children() {
    if (!this.made) {
      const boxes = Node_.templates[this.template].boxes;
      this.made = boxes.map((box, number) =>
        new Node_(box, joined(this.path, box.n), this, number));
    }
    return this.made;
  }

  /** The layers that a box stands for, as rows: [path, type, shape, figures]. */
  get rows() {
    return (this.box.r || []).map(([name, ...more]) => [joined(this.parent.path, name), ...more]);
  }
}

function joined(around, name) {
  return around ? around + "." + name : name;
}

/** The outermost node of a page's data. */
function treeOf(data) {
  Node_.templates = data.templates;
  const root = new Node_({ i: data.root, n: "", t: data.name, v: data.total }, "", null, 0);
  root.open = true;
  return root;
}

/** Every node below one, whether it is seen or not. */
function* everyNode(node) {
  if (!node.folds) return;
  for (const child of node.children) {
    yield child;
    yield* everyNode(child);
  }
}

function* openNodes(node) {
  for (const child of node.children) {
    if (!child.open) continue;
    yield child;
    yield* openNodes(child);
  }
}

/** Open level by level, as long as not too much is seen. */
function openAtFirst(root) {
  const opens = (child) => child.folds && child.box.m !== "same";
  let level = root.children.filter(opens), seen = root.children.length;
  while (level.length > 0) {
    let more = 0;
    for (const node of level) more += Node_.templates[node.template].boxes.length;
    if (seen + more > MANY) return;
    seen += more;
    for (const node of level) node.open = true;
    level = level.flatMap((node) => node.children.filter(opens));
  }
}

/** Open every block that is closed among what is seen. */
function openMore(node) {
  for (const child of node.children) {
    if (child.open) openMore(child);
    else if (child.folds) child.open = true;
  }
}

function closeAll(node) {
  for (const child of openNodes(node)) child.open = false;
}

/** The node of a path, or of the box that a layer of that path is in; null where there is none. */
function nodeOf(root, path) {
  let node = root;
  for (;;) {
    const within = node.children.find((child) =>
      child.path === path || (child.folds && path.startsWith(child.path + ".")));
    if (!within) {
      return node.children.find((child) => child.rows.some(([each]) => each === path)) || null;
    }
    if (within.path === path || !within.folds) return within;
    node = within;
  }
}
