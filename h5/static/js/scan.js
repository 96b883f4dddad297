/* Check in by camera, where the browser reads QR codes itself; elsewhere the code is typed, or a scanner on the desk types it.
   The camera goes on by itself for the next in line, and does not read again what is still held up. */
document.querySelectorAll("form[data-scan]").forEach(async (form) => {
  if (matchMedia("(pointer: fine)").matches) form.elements.code.focus();
  if (!window.BarcodeDetector || !navigator.mediaDevices) return;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!formats.includes("qr_code")) return;
  const place = form.querySelector("[data-camera]"), reader = new BarcodeDetector({ formats: ["qr_code"] });
  const [view, button, line] = ["video", "button", ".error"].map((name) => place.querySelector(name));
  const stop = () => { if (view.srcObject) view.srcObject.getTracks().forEach((track) => track.stop()); view.srcObject = null; };
  const read = async () => {
    if (!view.srcObject) return;
    const [found] = await reader.detect(view).catch(() => []);
    const end = found && found.rawValue.slice(-8);
    if (!found || end === sessionStorage.scanned) { setTimeout(read, 200); return; }
    stop();
    sessionStorage.scanned = end;
    form.elements.code.value = found.rawValue;
    form.elements.camera.value = "1";
    form.requestSubmit();
  };
  const start = async () => {
    try {
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      view.hidden = false;
      button.hidden = line.hidden = true;
      await view.play();
      read();
    } catch (error) { line.hidden = false; }
  };
  place.hidden = false;
  button.addEventListener("click", () => { sessionStorage.removeItem("scanned"); start(); });
  window.addEventListener("pagehide", stop);
  if (form.dataset.scan) start();
});
