/* Sends a photo as soon as it is chosen, shows how far it is, and puts the server's answer in its place. */
const LIMIT = 10 * 1024 * 1024;
document.addEventListener("change", (event) => {
  const input = event.target;
  const form = input.closest && input.closest("form[data-upload]");
  if (!form || input.type !== "file" || !input.files.length) return;
  const line = form.querySelector("[data-line]"), bar = form.querySelector("progress");
  const fail = (text) => { line.textContent = text; line.className = "error"; bar.hidden = true; input.value = ""; delete form.dataset.sent; };
  if (form.dataset.sent) return;
  if (input.files[0].size > LIMIT) { fail(form.dataset.large); return; }
  const data = new FormData(form), request = new XMLHttpRequest();
  form.dataset.sent = "1";
  bar.hidden = false; bar.removeAttribute("value");
  line.className = "hint"; line.textContent = form.dataset.busy;
  preview(form, input.files[0]);
  request.open("POST", form.action);
  request.setRequestHeader("X-Fragment", "1");
  request.timeout = 120000;
  request.upload.onprogress = (step) => {
    if (!step.lengthComputable) return;
    bar.value = step.loaded / step.total;
    line.textContent = form.dataset.busy + " " + Math.round(100 * bar.value) + "%";
  };
  request.onerror = request.ontimeout = () => fail(form.dataset.off);
  request.onload = () => {
    const place = form.closest("[data-material]");
    if (request.getResponseHeader("X-Fragment") !== "1") { fail(said(request) || form.dataset.off); return; }
    place.outerHTML = request.responseText;
    const fresh = document.getElementById(place.id);
    if (fresh) { fresh.tabIndex = -1; fresh.focus(); }
  };
  request.send(data);
});
/* A refusal is a sentence in JSON; anything else comes from the line between us. */
const said = (request) => {
  try { return JSON.parse(request.responseText).text; } catch (error) { return ""; }
};
const preview = (form, file) => {
  const picture = form.querySelector("[data-preview]");
  if (!picture || !file.type.startsWith("image/")) return;
  const address = URL.createObjectURL(file);
  picture.onload = picture.onerror = () => URL.revokeObjectURL(address);
  picture.src = address;
  picture.hidden = false;
};
