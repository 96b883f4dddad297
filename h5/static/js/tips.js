/* The pages of tips: solve the sum of a form in the background, check sizes, leave at once. Keeps and asks nothing.
   The same file is its own worker: there is no document in there. */
const K = new Uint32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
]);
const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const W = new Uint32Array(64), H = new Uint32Array(8);
const turn = (x, n) => (x >>> n) | (x << (32 - n));
/* SHA-256 of ASCII (FIPS 180-4) into H. crypto.subtle is slower for one line, and is missing without HTTPS. */
const sha256 = (text) => {
  const blocks = (text.length + 72) >> 6;
  H.set(START);
  for (let block = 0; block < blocks; block++) {
    W.fill(0, 0, 16);
    const end = Math.min(text.length - 64 * block, 64);
    for (let i = 0; i < end; i++) W[i >> 2] |= text.charCodeAt(64 * block + i) << (24 - 8 * (i & 3));
    if (end >= 0 && end < 64) W[end >> 2] |= 0x80 << (24 - 8 * (end & 3));
    if (block === blocks - 1) W[15] = 8 * text.length;
    squeeze();
  }
};
const squeeze = () => {
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = W[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
  for (let i = 0; i < 64; i++) {
    const s = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const t = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
  }
  H[0] += a; H[1] += b; H[2] += c; H[3] += d; H[4] += e; H[5] += f; H[6] += g; H[7] += h;
};
/* The number in from … to that solves it, or -1. */
const search = (sum, from, to) => {
  const wanted = sum.challenge.match(/.{8}/g).map((word) => parseInt(word, 16));
  for (let n = from; n <= to; n++) {
    sha256(sum.salt + n);
    if (H[0] === wanted[0] && wanted.every((word, i) => H[i] === word)) return n;
  }
  return -1;
};
const CHUNK = 2000;
if (typeof document === "undefined") {
  self.onmessage = (event) => {
    for (let from = 0, number = -1; number < 0 && from <= event.data.maxnumber; from += CHUNK) {
      number = search(event.data, from, from + CHUNK - 1);
      self.postMessage([number, from]);
    }
  };
  return;
}
const HERE = document.currentScript.src;
document.documentElement.classList.add("js");
/* Without a worker: in pieces between which the page stays alive. */
const pieces = (sum, tell, from) => {
  const number = search(sum, from, from + CHUNK - 1);
  tell(number, from);
  if (number < 0 && from <= sum.maxnumber) setTimeout(() => pieces(sum, tell, from + CHUNK), 0);
};
const solve = (sum, tell) => {
  let worker;
  try { worker = new Worker(HERE); } catch (error) { pieces(sum, tell, 0); return; }
  worker.onmessage = (event) => {
    if (event.data[0] >= 0) worker.terminate();
    tell(event.data[0], event.data[1]);
  };
  worker.onerror = () => { worker.terminate(); pieces(sum, tell, 0); };
  worker.postMessage(sum);
};
/* A form with a sum (data-challenge) or a file (data-large). Sentences: data-busy (…{n}%…), data-wait, data-done, data-large, data-sending. */
const RIPE_MS = 31000, AGAIN_MS = 30000;
document.querySelectorAll("form[data-challenge], form[data-large]").forEach((form) => {
  const line = form.querySelector("[data-line]"), said = form.dataset;
  const say = (text) => { line.textContent = text || ""; };
  const lock = (on) => Array.from(form.elements).forEach((part) => {
    if (part.type === "submit") part.setAttribute("aria-disabled", on);
  });
  let ready = false, held = null, share = 0;
  const words = () => say((held ? said.wait : said.busy).replace("{n}", share));
  const go = () => {
    if (ready) return;
    ready = true;
    say(said.done);
    if (held) form.requestSubmit ? form.requestSubmit(held.button) : form.submit();
  };
  const sum = said.challenge ? JSON.parse(said.challenge) : null;
  if (sum) words(); else ready = true;
  /* The ticket of the form is ripe by then, so that nobody waits for a phone that cannot do sums. */
  if (sum) setTimeout(go, RIPE_MS);
  if (sum) solve(sum, (number, tried) => {
    if (number >= 0) {
      form.elements.altcha.value = btoa(JSON.stringify({
        algorithm: sum.algorithm, challenge: sum.challenge, number, salt: sum.salt, signature: sum.signature
      }));
      go();
    }
    const now = Math.floor(10 * tried / sum.maxnumber) * 10;
    if (ready || now === share) return;
    share = now;
    words();
  });
  const large = () => Array.from(form.elements).some((part) =>
    part.files && Array.from(part.files).some((file) => file.size > Number(part.dataset.limit || Infinity)));
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    if (large()) say(said.large); else if (ready) say(said.done); else words();
  });
  form.addEventListener("submit", (event) => {
    const stop = said.sent || large() || !ready;
    if (stop) event.preventDefault();
    if (said.sent) return;
    /* The button is docked: what it leads to may stand off the screen. */
    line.scrollIntoView({ block: "center" });
    if (large()) { say(said.large); held = null; return; }
    if (!ready) { held = { button: event.submitter }; words(); return; }
    said.sent = "1";
    lock(true);
    say(said.sending);
    setTimeout(() => { delete said.sent; lock(false); }, AGAIN_MS);
  });
});
/* Away at once: the page is empty before the other one is asked for, and "back" does not lead here. */
const blank = () => { document.title = ""; document.body.replaceChildren(); };
/* The first of our entries in this tab, where the browser tells: a null address is one of ours (no-referrer). */
const first = () => {
  if (!window.navigation || !navigation.currentEntry) return null;
  const all = navigation.entries(), ours = (entry) => !entry.url || new URL(entry.url).pathname.startsWith("/tips");
  let at = navigation.currentEntry.index;
  while (at > 0 && ours(all[at - 1])) at--;
  return at < navigation.currentEntry.index ? all[at].key : null;
};
const LEAVING = "leaving";
const leave = (there) => {
  blank();
  const key = first();
  if (!key) { location.replace(there); return; }
  window.name = LEAVING;
  navigation.traverseTo(key).finished.catch(() => location.replace(there));
  setTimeout(() => location.replace(there), 2000);
};
const away = document.querySelector("[data-leave]");
if (away && window.name === LEAVING) {
  /* Arrived at the first: it gets an address that leads away, and going on from it drops all the others. */
  window.name = "";
  const there = away.href;
  blank();
  history.replaceState(null, "", away.pathname + "?care=0");
  /* Before it is loaded, a page that goes on would be replaced, and those after it would stay. */
  window.addEventListener("load", () => setTimeout(() => location.assign(there)));
} else if (away) {
  document.querySelectorAll("[data-leave]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(link.href);
  }));
  let last = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    /* By itself the key means "stop loading": it would stop the way out. */
    event.preventDefault();
    if (event.timeStamp - last < 1000) leave(away.href);
    last = event.timeStamp;
  });
}
const typed = (part) => /^text/.test(part.type) && part.value;
/* From page to page in one entry of the tab's history, so that there is little to leave behind. */
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[href]");
  const other = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented;
  const within = link && link.hash && link.pathname === location.pathname;
  if (!link || other || within || link.origin !== location.origin) return;
  event.preventDefault();
  const unsent = Array.from(document.forms).find((form) => form.dataset.lost && Array.from(form.elements).some(typed));
  if (!unsent || confirm(unsent.dataset.lost)) location.replace(link.href);
});
/* A page out of the browser's memory would show what was written: an empty one instead, then a fresh one. */
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  blank();
  location.replace(location.pathname + location.search);
});
