/* Print, share and copy, where the phone can; the buttons are hidden until then. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
document.querySelectorAll("[data-share]").forEach((button) => {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ title: document.title, url: button.dataset.share }).catch(() => undefined));
});
document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const { copy, done } = button.dataset;
  button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(copy).value).then(() => (button.textContent = done), () => undefined));
});
/* A hold counts down to the second; the page itself says until when. */
document.querySelectorAll("[data-until]").forEach((place) => {
  const { until, now, left, over, page } = place.dataset;
  const rest = Date.parse(until) - Date.parse(now) + performance.now();
  const timer = setInterval(() => {
    const seconds = Math.ceil((rest - performance.now()) / 1000);
    place.textContent = seconds > 0 ? left.replace("{m}", Math.floor(seconds / 60)).replace("{s}", seconds % 60) : over;
    if (seconds > 0) return;
    clearInterval(timer);
    location.replace(page);
  }, 1000);
});
/* The queue with a keyboard: j and k walk (inside the list the arrows too), Enter opens what has the focus, x ticks it. */
document.querySelectorAll("[data-keys]").forEach((list) => {
  const rows = [...list.querySelectorAll("a")];
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "x" && at >= 0) rows[at].parentElement.querySelector("input")?.click();
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (at < 0 && event.key.length > 1) return;
    event.preventDefault();
    rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  });
});
/* The counts over the queue, each minute while somebody looks; ended by whatever goes wrong (signed out, no net). */
document.querySelectorAll("[data-counts]").forEach((bar) => {
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(bar.dataset.counts).catch(() => undefined);
    if (!answer || !answer.ok) return clearInterval(timer);
    const { counts, capped_at: most } = await answer.json();
    bar.querySelectorAll("[data-count]").forEach((place) => {
      const count = counts[place.dataset.count];
      place.textContent = count < most ? count : `${most - 1}+`;
    });
  }, 60000);
});
/* Ten rooms are wider than a phone: begin with the one that is open in sight. */
document.querySelectorAll(".rooms [aria-current]").forEach((room) => {
  const row = room.parentElement;
  row.scrollLeft = room.offsetLeft - (row.clientWidth - room.offsetWidth) / 2;
});
