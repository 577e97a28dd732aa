// Signs one credential with @digitalbazaar/vc and eddsa-rdfc-2022.
//
//   node sign.mjs --seed HEX [--method URL] [--created INSTANT]  < unsigned.json > signed.json
//
// --seed     32 bytes of an Ed25519 private key
// --method   the verification method; default: the did:key of the seed
// --created  the time of the proof; default: the clock
// A credential without an issuer gets the DID of the method.
import * as vc from '@digitalbazaar/vc';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {loader, options, print, standardInput} from './documents.mjs';

const {values} = options('seed', 'method', 'created');
const seed = Buffer.from(values.seed ?? '', 'hex');
if(seed.length !== 32) {
  throw new Error('--seed takes 64 hexadecimal digits');
}

const keyPair = await Ed25519Multikey.generate({seed});
const {publicKeyMultibase} = keyPair;
keyPair.id = values.method ?? `did:key:${publicKeyMultibase}#${publicKeyMultibase}`;
keyPair.controller = keyPair.id.split('#')[0];

const date = values.created ? new Date(values.created) : new Date();
const suite = new DataIntegrityProof({signer: keyPair.signer(), cryptosuite, date});
const credential = {issuer: keyPair.controller, ...JSON.parse(standardInput())};
print(await vc.issue({credential, suite, documentLoader: loader(), now: date}));
