
"use strict";
// Every text from the report reaches the page through textContent, never as markup.
(() => {
  const PAGE_SIZE = 200;
  const SEARCH_DELAY = 150; // milliseconds without a keystroke before a search starts
  const report = JSON.parse(document.getElementById("data").textContent);
  const section = document.getElementById("problems");
  if (!section) return;

  const form = section.querySelector("form");
  const list = section.querySelector(".list");
  const status = section.querySelector(".status");
  const pages = section.querySelector(".pages");
  const [previous, next] = pages.querySelectorAll("button");
  const byRule = report.problems.map((row, position) => problem(row, position));
  const byPlace = [...byRule].sort(
    (a, b) => a.file - b.file || a.line - b.line || a.column - b.column || a.position - b.position
  );
  let matches = [];
  let page = 0;

  function problem(row, position) {
    const [rule, table, file, line, column, record, field, value, message, suggestion] = row;
    return {
      rule, table, file, line, column, record, field, value, message, suggestion, position,
      place: [report.files[file], line, column].filter(Boolean).join(":"),
      subject: [record, field].filter(Boolean).join("."),
    };
  }

  function searchable(item) {
    item.words ??= [
      item.place, item.subject, item.value, item.message, item.suggestion, report.rules[item.rule].id,
    ].join("\n").toLowerCase();
    return item.words;
  }

  function filter() {
    const wanted = form.elements;
    const words = wanted.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ordered = wanted.order.value === "place" ? byPlace : byRule;
    matches = ordered.filter((item) =>
      (!wanted.severity.value || report.rules[item.rule].severity === wanted.severity.value) &&
      (!wanted.rule.value || report.rules[item.rule].id === wanted.rule.value) &&
      (!wanted.table.value || report.tables[item.table] === wanted.table.value) &&
      words.every((word) => searchable(item).includes(word)));
    show(0);
  }

  function show(number) {
    page = number;
    const start = page * PAGE_SIZE;
    const end = Math.min(start + PAGE_SIZE, matches.length);
    list.replaceChildren(...matches.slice(start, end).map(row));
    list.start = start + 1;
    status.textContent = matches.length
      ? `Problems ${amount(start + 1)} to ${amount(end)} of ${amount(matches.length)}` +
        (matches.length < byRule.length ? ` that match, ${amount(byRule.length)} in all` : "")
      : "No problem matches. Clear a filter to see more.";
    pages.hidden = matches.length <= PAGE_SIZE;
    previous.disabled = page === 0;
    next.disabled = end === matches.length;
  }

  function amount(number) {
    return number.toLocaleString("en");
  }

  function element(name, className, ...children) {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children); // strings become text nodes
    return node;
  }

  // Text in which `quotes` stand as code, as a list of nodes.
  function quoted(text) {
    return text.split(/`([^`]+)`/).map((part, position) =>
      position % 2 ? element("code", "", element("bdi", "", part)) : part);
  }

  function row(item) {
    const rule = report.rules[item.rule];
    const where = element("div", "where", element("p", "place", item.place));
    if (item.subject) where.append(element("p", "subject", item.subject));
    const what = element("div", "what", element("p", "message",
      element("span", `badge ${rule.severity}`, rule.severity), " ",
      element("span", "sentence", ...quoted(item.message))));
    if (item.value && !item.message.includes("`" + item.value + "`")) {
      what.append(element("p", "", element("code", "", element("bdi", "", item.value))));
    }
    if (item.suggestion) {
      what.append(element("p", "suggestion",
        element("span", "sentence", ...quoted(item.suggestion))));
    }
    return element("li", "", where, what, element("p", "id", rule.id));
  }

  function turn(step) {
    show(page + step);
    section.scrollIntoView();
  }

  let waiting;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, event.target.name === "search" ? SEARCH_DELAY : 0);
  });
  form.addEventListener("reset", () => setTimeout(filter)); // after the fields are cleared
  form.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  for (const link of document.querySelectorAll("[data-rule]")) {
    link.addEventListener("click", () => {
      form.reset();
      form.elements.rule.value = link.dataset.rule;
      filter();
    });
  }
  form.hidden = false;
  filter();
})();
