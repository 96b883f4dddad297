/* A second tap on the same button sends nothing; a slow line is said, not suffered in silence. */
const SLOW_MS = 9000, AGAIN_MS = 30000;
const buttons = (form) => Array.from(form.elements).filter((part) => part.type === "submit");
const release = (form) => {
  delete form.dataset.sent;
  buttons(form).forEach((button) => button.removeAttribute("aria-disabled"));
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (navigator.onLine === false) { event.preventDefault(); tell("off"); return; }
  form.dataset.sent = "1";
  buttons(form).forEach((button) => button.setAttribute("aria-disabled", "true"));
  setTimeout(() => { if (form.dataset.sent) tell("slow"); }, SLOW_MS);
  setTimeout(() => release(form), AGAIN_MS);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
