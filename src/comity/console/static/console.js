// Keys and local times. Every act works without this file; nothing here decides anything.
"use strict";
(() => {
  const on = () => document.body.dataset.keys === "on";
  const typing = (at) => at.closest("input:not([type=radio],[type=checkbox]),textarea,select,[contenteditable]");

  // Local time on hover: the page shows UTC, the title says what that is here.
  const local = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "long" });
  const tell = (root) => root.querySelectorAll("time[datetime]:not([title])").forEach((time) => {
    time.title = local.format(new Date(time.dateTime));
  });

  const rows = () => [...document.querySelectorAll("[data-row]")];
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const chosen = all.findIndex((row) => row === document.activeElement || row.closest("[aria-current=true]"));
    const next = all[Math.max(0, Math.min(all.length - 1, chosen + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  // 1 2 3 only choose; confirming needs Ctrl+Enter or the button, and the form's own checks.
  const confirm = () => {
    const form = document.querySelector("form[data-decide]")
      ?? document.activeElement.closest("form.form") ?? document.querySelector("#compose, #act");
    const button = form && [...form.elements].find((each) => each.matches("button[data-confirm]"));
    if (button) form.requestSubmit(button);
  };

  const press = (key) => {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    target.focus();
    if (target.type !== "search") target.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (!on() || event.isComposing) return;
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      confirm();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
    else if (key === "?") location.assign("/preferences#keys");
    else if (key.length !== 1 || !press(key)) return;
    event.preventDefault();
  });

  // A blocked act stays focusable and does nothing.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  });

  document.addEventListener("htmx:after:swap", () => tell(document));
  tell(document);
})();
