// Verifies one token from stdin {token, forged, jwk} and says what it found and with which library.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const { token, forged, jwk } = JSON.parse(readFileSync(0, "utf8"));

async function withJose(text) {
  const { compactVerify, importJWK } = await import("jose");
  const seen = await compactVerify(text, await importJWK(jwk, "EdDSA"), { algorithms: ["EdDSA"] });
  return { header: seen.protectedHeader, body: JSON.parse(new TextDecoder().decode(seen.payload)) };
}

async function withNode(text) {
  const [head, body, signature] = text.split(".");
  const key = createPublicKey({ key: jwk, format: "jwk" });
  if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
    throw new Error("signature");
  }
  const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  return { header: read(head), body: read(body) };
}

async function library() {
  try {
    await import("jose");
    return ["jose", withJose];
  } catch {
    return ["node:crypto", withNode];
  }
}

const [name, check] = await library();
const { header, body } = await check(token);
const refused = await check(forged).then(() => "accepted", () => "refused");
console.log(JSON.stringify({ library: name, number: body.jti, kid: header.kid, forged: refused }));
