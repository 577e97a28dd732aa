// Opens and makes compact JWS with jose.
//
//   node jose.mjs < orders.ndjson > answers.ndjson
//
// An order is one line: {"name", "jwk", "alg", "typ", "token"} to verify, or {"name", "jwk", "header", "payload"} to
// sign `payload`, a text. The answer is {"name", "verified", "payload" or "error"} or {"name", "token"}.
import * as jose from 'jose';
import {print, standardInput} from './documents.mjs';

async function verified({name, jwk, alg, typ, token}) {
  try {
    const key = await jose.importJWK(jwk, alg);
    const {payload, protectedHeader} = await jose.compactVerify(token, key, {algorithms: [alg]});
    if(protectedHeader.typ !== typ) {
      throw new Error(`typ is ${protectedHeader.typ}`);
    }
    return {name, verified: true, payload: new TextDecoder().decode(payload)};
  } catch(error) {
    return {name, verified: false, error: `${error.name}: ${error.message}`};
  }
}

async function signed({name, jwk, header, payload}) {
  const key = await jose.importJWK(jwk, header.alg);
  const sign = new jose.CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header);
  return {name, token: await sign.sign(key)};
}

for(const line of standardInput().split('\n').filter(Boolean)) {
  const order = JSON.parse(line);
  print(await (order.token ? verified(order) : signed(order)));
}
