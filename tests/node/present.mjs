// Makes presentations with @digitalbazaar/vc and eddsa-rdfc-2022, one JSON order a line:
//
//   node present.mjs  < orders > answers
//
// order   {"name", "seed", "presentation", "challenge", "domain", "created", "credentials": [unsigned, …]}
//         seed: 32 bytes of the holder's Ed25519 key in hexadecimal; credentials are issued by the same key
// answer  {"name", "presentation"}
import * as vc from '@digitalbazaar/vc';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {loader, standardInput} from './documents.mjs';

const documentLoader = loader();

async function presented({seed, presentation, challenge, domain, created, credentials = []}) {
  const keyPair = await Ed25519Multikey.generate({seed: Buffer.from(seed, 'hex')});
  keyPair.controller = `did:key:${keyPair.publicKeyMultibase}`;
  keyPair.id = `${keyPair.controller}#${keyPair.publicKeyMultibase}`;
  const date = new Date(created);
  const suite = () => new DataIntegrityProof({signer: keyPair.signer(), cryptosuite, date});
  const verifiableCredential = [];
  for(const unsigned of credentials) {
    const credential = {issuer: keyPair.controller, ...unsigned};
    verifiableCredential.push(await vc.issue({credential, suite: suite(), documentLoader, now: date}));
  }
  const whole = credentials.length ? {...presentation, verifiableCredential} : presentation;
  return vc.signPresentation({presentation: whole, suite: suite(), challenge, domain, documentLoader});
}

for(const line of standardInput().split('\n').filter(each => each)) {
  const order = JSON.parse(line);
  console.log(JSON.stringify({name: order.name, presentation: await presented(order)}));
}
