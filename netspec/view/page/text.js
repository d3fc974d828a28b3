// The spec's text, with what is said of it: underlined where it is, and told below the line.

class Text {
  constructor() {
    this.lines = document.getElementById("lines");
    this.name = null;
  }

  show(text, diagnostics) {
    const at = this.lines.scrollTop;
    this.lines.replaceChildren();
    const own = new Map();
    for (const each of diagnostics) {
      const number = each.file === text.name && each.line ? each.line : 1;
      own.set(number, [...(own.get(number) || []), each]);
    }
    text.lines.forEach((line, number) => {
      this.lines.append(lineOf(line, number + 1, own.get(number + 1) || [], text.name));
      for (const each of own.get(number + 1) || []) this.lines.append(said(each, text.name));
    });
    this.lines.scrollTop = at;
  }

  /** Bring the line of a diagnostic into sight. */
  reveal(diagnostic) {
    const line = diagnostic && this.lines.querySelector(`[data-number="${Number(diagnostic.line)}"]`);
    if (line) line.scrollIntoView({ block: "center" });
  }
}

function lineOf(line, number, diagnostics, name) {
  const made = document.createElement("div");
  made.className = "line";
  made.dataset.number = number;
  const letters = [...line]; // columns count code points
  let done = 0;
  const here = diagnostics.filter((each) => each.file === name && each.line === number)
    .sort((a, b) => a.column - b.column);
  for (const { column, end_line: endLine, end_column: endColumn, severity } of here) {
    const from = Math.max(column - 1, done);
    const to = endLine === number ? Math.max(endColumn - 1, from + 1) : letters.length;
    if (to <= from) continue;
    made.append(letters.slice(done, from).join(""));
    const mark = document.createElement("span");
    mark.className = severity;
    mark.textContent = letters.slice(from, to).join("") || " ";
    made.append(mark);
    done = to;
  }
  made.append(letters.slice(done).join(""));
  return made;
}

function said(each, name) {
  const made = document.createElement("div");
  made.className = "said of-" + each.severity;
  const where = each.file && each.file !== name ? ` (${each.file}:${each.line}:${each.column})` : "";
  const parts = [`${each.severity}[${each.code}]: ${each.message}${where}`, ...each.notes];
  if (each.help) parts.push("help: " + each.help);
  made.textContent = parts.join("\n");
  return made;
}
