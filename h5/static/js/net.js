/* What happens to the line, in words: layout.html holds the sentences. */
document.documentElement.classList.add("js");
const net = document.getElementById("net");
const tell = (what) => {
  if (!net) return;
  net.hidden = what === "on";
  net.textContent = net.dataset[what] || "";
};
window.addEventListener("offline", () => tell("off"));
window.addEventListener("online", () => tell("on"));
