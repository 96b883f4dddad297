/* Saves a form while it is being filled in. Files are sent by upload.js. */
const QUIET_MS = 1200;
document.querySelectorAll("form[data-autosave]").forEach((form) => {
  const line = form.querySelector("[data-saved]");
  let timer = 0, busy = false, again = false;
  const say = (text, off) => { line.textContent = text; line.classList.toggle("off", off); };
  const save = () => {
    if (form.dataset.sent) return;
    if (busy) { again = true; return; }
    busy = true; again = false;
    const body = new URLSearchParams();
    new FormData(form).forEach((value, key) => { if (typeof value === "string") body.append(key, value); });
    fetch(form.dataset.autosave, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => answer.json().then((said) => say(said.text, !answer.ok)))
      .catch(() => say(line.dataset.off, true))
      .then(() => { busy = false; if (again) save(); });
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(save, QUIET_MS); };
  form.addEventListener("input", soon);
  window.addEventListener("online", save);
});
