
"use strict";
(() => {
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  // Theme: what the system prefers, until the reader chooses.
  const theme = byId("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const named = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  try { const kept = localStorage.getItem("slsacheck-theme"); if (kept === "dark" || kept === "light") root.dataset.theme = kept; } catch { /* no storage */ }
  theme.hidden = false;
  named();
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("slsacheck-theme", root.dataset.theme); } catch { /* no storage */ }
    named();
  });

  // Filter: the rows of the level tables, and with them the details and the matrix.
  const rows = all("tr[data-row]");
  const form = byId("filter");
  const text = byId("f-text"), type = byId("f-type"), channel = byId("f-channel"), outcome = byId("f-outcome"), level = byId("f-level");
  const cell = (row, number) => row.cells[number].textContent.trim();
  const fill = (select, values) => [...new Set(values)].filter(Boolean).sort().forEach((value) => select.add(new Option(value, value)));
  fill(type, rows.map((row) => cell(row, 1)));
  fill(channel, rows.map((row) => cell(row, 2)));
  fill(outcome, rows.flatMap((row) => row.dataset.outcomes.split(" ")));
  const found = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const levelFits = (row) => ({
    "": () => true,
    floor: () => "floor" in row.dataset,
    proved: () => Number(row.cells[3].dataset.value) > 0,
    unknown: () => Number(row.cells[4].dataset.value) < 0,
  })[level.value]();
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => found.get(row).includes(word))
        && (!type.value || cell(row, 1) === type.value)
        && (!channel.value || cell(row, 2) === channel.value)
        && (!outcome.value || row.dataset.outcomes.split(" ").includes(outcome.value))
        && levelFits(row);
      row.hidden = !fits;
      if (fits) { count += 1; shown.add(row.dataset.subject); }
    }
    const everything = count === rows.length;
    for (const other of all("details.subject, table.matrix tr[data-subject]")) other.hidden = !everything && !shown.has(other.dataset.subject);
    byId("f-count").textContent = everything ? "" : `${count} of ${rows.length} shown`;
  };
  form.hidden = rows.length < 2;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());

  // Sort: a button in each heading that can be sorted by.
  const value = (row, number, numeric) => numeric ? Number(row.cells[number].dataset.value) : cell(row, number).toLowerCase();
  const sort = (heading) => {
    const table = heading.closest("table"), body = table.tBodies[0], number = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    const numeric = heading.dataset.sort === "number";
    const sorted = Array.from(body.rows).sort((one, two) => {
      const left = value(one, number, numeric), right = value(two, number, numeric);
      const order = numeric ? left - right : left.localeCompare(right);
      return down ? -order : order;
    });
    all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...sorted);
  };
  for (const heading of all("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => sort(heading));
  }

  // Copy: the text to paste.
  const legacyCopy = (pre) => {
    const range = document.createRange(), selection = getSelection();
    range.selectNodeContents(pre);
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  };
  for (const button of all("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const pre = button.nextElementSibling;
      let done = false;
      try { await navigator.clipboard.writeText(pre.textContent); done = true; } catch { done = legacyCopy(pre); }
      button.textContent = done ? "Copied" : "Select and copy";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  // Details: open what a link leads to, all at once, and everything for print.
  const reveal = () => {
    const target = location.hash.length > 1 && byId(location.hash.slice(1));
    for (let box = target && target.closest("details"); box; box = box.parentElement && box.parentElement.closest("details")) box.open = true;
    if (target && target.closest("details")) target.closest("details").scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  for (const tools of all(".tools")) tools.hidden = all("details.subject").length < 2;
  for (const button of all("button[data-open]")) {
    button.addEventListener("click", () => all("details.subject").forEach((box) => { box.open = button.dataset.open === "yes"; }));
  }
  let opened = [];
  addEventListener("beforeprint", () => { opened = all("details:not([open])"); opened.forEach((box) => { box.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((box) => { box.open = false; }); opened = []; });
})();
