// A page that netspec serves: it asks anew when the file changes, and for what its controls say.

function goLive(given) {
  const form = part("controls");
  form.hidden = false;
  const values = new Map();
  let wanted = 0;

  async function renew() {
    const mine = ++wanted;
    const query = new URLSearchParams([...values].filter(([, value]) => value !== ""));
    try {
      const response = await fetch("data?" + query, { cache: "no-store" });
      const found = await response.json();
      if (mine === wanted) show(found);
    } catch (error) {
      connected(false);
    }
  }

  /** What is there now; where that has a mistake, the drawing of what was before stays. */
  function show(found) {
    if (found.text) text.show(found.text, found.diagnostics);
    const errors = found.diagnostics.filter((each) => each.severity === "error");
    const fresh = part("broken").hidden && errors.length > 0;
    part("broken").hidden = errors.length === 0;
    part("broken").textContent = brokenLines(errors, page.data !== NOTHING).join("\n");
    if (fresh) text.reveal(found.text ? errors.find((each) => each.file === found.text.name) : null);
    if (found.controls) showControls(found.controls);
    if (found.graph) page.show(found.graph);
    document.documentElement.dataset.version = found.version;
  }

  function showControls(controls) {
    const focused = document.activeElement && document.activeElement.name;
    const [start, end] = focused && document.activeElement.matches("input")
      ? [document.activeElement.selectionStart, document.activeElement.selectionEnd] : [null, null];
    const typed = focused && document.activeElement.value;
    form.replaceChildren();
    if (controls.variants.length) {
      add("variant", "variant", choice([["", "(none)"], ...controls.variants.map((each) => [each, each])]), controls.variant);
    }
    add("phase", "phase", choice([["TEST", "TEST"], ["TRAIN", "TRAIN"]]), "TEST");
    for (const [name, shape] of controls.inputs) add("input " + name, name, field(shape));
    for (const [name, value] of controls.vars) add("set " + name, name, field(value));
    const again = focused && form.elements[focused];
    if (again) {
      again.value = typed;
      again.focus();
      if (start !== null) again.setSelectionRange(start, end);
    }
  }

  function add(key, title, control, usual = "") {
    const label = document.createElement("label");
    label.append(title, control);
    control.name = key;
    control.value = values.has(key) ? values.get(key) : usual || "";
    control.addEventListener("change", () => {
      if (key === "variant" || control.value !== "") values.set(key, control.value);
      else values.delete(key);
      renew();
    });
    form.append(label);
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  show(given);

  const stream = new EventSource("events");
  stream.addEventListener("version", (event) => {
    connected(true);
    if (event.data !== document.documentElement.dataset.version) renew();
  });
  stream.addEventListener("error", () => connected(false));
}

/** What is said above a graph, if there is any, that is older than the text. */
function brokenLines(errors, drawn) {
  if (errors.length === 0) return [];
  const count = `${errors.length} ${errors.length === 1 ? "mistake" : "mistakes"}`;
  const told = errors.slice(0, 3).map((each) =>
    `${each.line ? `${each.file}:${each.line}:${each.column}: ` : ""}${each.message}`);
  return [drawn ? `${count}; the graph is that of the last text without any.` : count, ...told];
}

const connection = document.createElement("span");
connection.id = "connection";
connection.hidden = true;
connection.textContent = "netspec view has ended";
document.querySelector("header").append(connection);

function connected(is) {
  connection.hidden = is;
}

function choice(options) {
  const made = document.createElement("select");
  for (const [value, title] of options) {
    const option = document.createElement("option");
    option.value = value;
    option.textContent = title;
    made.append(option);
  }
  return made;
}

function field(usual) {
  const made = document.createElement("input");
  made.placeholder = usual;
  made.autocomplete = "off";
  made.spellcheck = false;
  return made;
}
