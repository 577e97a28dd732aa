// The other side of the comparison: @digitalbazaar/vc with its eddsa-rdfc-2022 suite, in one warm process.
//
//   cd tests/node && node --input-type=module --eval "$(cat ../../bench/peer.mjs)"
//
// In: one request a line. Out: one {"ms": [...], "last": ...} a line, with the time of each piece of work.
//   {"do": "verify", "texts": [...], "status": {URL: list}, "now": INSTANT}  parse, verifyCredential, checkStatus
//   {"do": "proof", "texts": [...], "now": INSTANT}                          parse, verifyCredential
//   {"do": "sign", "seed": HEX, "texts": [...], "created": [...]}            parse, issue
import {createInterface} from 'node:readline';
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {loader} from './documents.mjs';

const suite = new DataIntegrityProof({cryptosuite});

async function verify(text, {documentLoader, now, status}) {
  const credential = JSON.parse(text);
  const result = await vc.verifyCredential({credential, suite, documentLoader, now, checkStatus: status});
  if(!result.verified) {
    throw result.error ?? new Error('not verified');
  }
  const set = result.statusResult?.results?.filter(({status}) => status) ?? [];
  if(set.length) {
    throw new Error('a status is set');
  }
  return true;
}

async function sign(text, {documentLoader, signer}, created) {
  const date = new Date(created);
  const own = new DataIntegrityProof({signer, cryptosuite, date});
  return vc.issue({credential: JSON.parse(text), suite: own, documentLoader, now: date});
}

async function prepared(request) {
  const documentLoader = loader(request.status ?? {});
  const now = request.now ? new Date(request.now) : undefined;
  if(request.do !== 'sign') {
    const status = request.do === 'verify' ?
      async ({credential}) => checkStatus({credential, documentLoader, suite, verifyBitstringStatusListCredential: true}) :
      async () => ({verified: true});
    return {run: verify, with: {documentLoader, now, status}};
  }
  const keyPair = await Ed25519Multikey.generate({seed: Buffer.from(request.seed, 'hex')});
  keyPair.controller = `did:key:${keyPair.publicKeyMultibase}`;
  keyPair.id = `${keyPair.controller}#${keyPair.publicKeyMultibase}`;
  return {run: sign, with: {documentLoader, signer: keyPair.signer()}};
}

for await (const line of createInterface({input: process.stdin})) {
  const request = JSON.parse(line);
  const work = await prepared(request);
  const ms = [];
  let last;
  for(const [at, text] of request.texts.entries()) {
    const begun = performance.now();
    last = await work.run(text, work.with, request.created?.[at]);
    ms.push(performance.now() - begun);
  }
  process.stdout.write(JSON.stringify({ms, last}) + '\n');
}
