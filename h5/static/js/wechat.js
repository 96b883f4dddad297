/* WeChat's own button, on pages that ask to be allowed one more message. Whatever goes wrong, the page stays as it is. */
(() => {
"use strict";
const place = document.querySelector("[data-wechat]");
if (!place) return;
const { wechat: templates, sdk, press, done } = place.dataset;
const care = document.documentElement.classList.contains("care");
const inert = (slot, text) => {
  const part = document.createElement("script");
  part.type = "text/wxtag-template";
  if (slot) part.slot = slot;
  part.text = text;
  return part;
};
const show = () => {
  const tag = document.createElement("wx-open-subscribe");
  tag.setAttribute("template", templates);
  const look = `.b{width:100%;min-height:${care ? 60 : 48}px;border:1.5px solid #0a7a43;border-radius:10px;background:#fff;color:#06582f;font-weight:600;font-size:${care ? 21 : 17}px}`;
  tag.append(inert("style", `<style>${look}</style>`), inert("", `<button class="b">${press}</button>`));
  tag.addEventListener("success", (event) => {
    const answers = Object.values(event.detail.subscribeDetails || {}).join();
    if (answers.includes("accept")) place.textContent = done;
  });
  place.append(tag);
  place.setAttribute("role", "status");
  place.hidden = false;
};
const script = document.createElement("script");
script.src = sdk;
script.addEventListener("load", async () => {
  const url = location.href.split("#")[0];
  const answer = await fetch(`/api/v1/wechat/js-signature?url=${encodeURIComponent(url)}`).catch(() => undefined);
  if (!answer || !answer.ok) return;
  const { app_id: appId, timestamp, nonce: nonceStr, signature } = await answer.json();
  window.wx.ready(show);
  window.wx.config({ appId, timestamp, nonceStr, signature, jsApiList: ["checkJsApi"], openTagList: ["wx-open-subscribe"] });
});
document.head.append(script);
})();
