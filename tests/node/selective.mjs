// ecdsa-sd-2023 with jsonld-signatures and @digitalbazaar/ecdsa-sd-2023-cryptosuite, offline. Whether the signer is the
// issuer is not asked here.
//
//   node selective.mjs < lines
//
// In, a line to sign: {"name", "document", "sign": {"key", "created"}, "pointers"}, with `key` a pair of Multikeys and
// `pointers` to what is mandatory. Out: {"name", "document"}, with a base proof.
// In, a line to derive: {"name", "document", "pointers"}. Out: {"name", "document"}, the part with its derived proof.
// In, a line to check: {"name", "document"}. Out: {"name", "verified", "error"}.
// A line that cannot be done comes out as {"name", "verified": false, "error"}.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as selective from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import jsigs from 'jsonld-signatures';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {lines, loader, print, reason} from './documents.mjs';

const purpose = new jsigs.purposes.AssertionProofPurpose();
const documentLoader = loader();

async function sign(document, {key, created}, mandatoryPointers) {
  const controller = `did:key:${key.publicKeyMultibase}`;
  const id = `${controller}#${key.publicKeyMultibase}`;
  const pair = await EcdsaMultikey.from({type: 'Multikey', id, controller, ...key});
  const cryptosuite = selective.createSignCryptosuite({mandatoryPointers});
  const suite = new DataIntegrityProof({signer: pair.signer(), date: new Date(created), cryptosuite});
  return {document: await jsigs.sign(document, {suite, purpose, documentLoader})};
}

async function derive(document, selectivePointers) {
  const suite = new DataIntegrityProof({cryptosuite: selective.createDiscloseCryptosuite({selectivePointers})});
  return {document: await jsigs.derive(document, {suite, purpose, documentLoader})};
}

async function check(document) {
  const suite = new DataIntegrityProof({cryptosuite: selective.createVerifyCryptosuite()});
  const {verified, error} = await jsigs.verify(document, {suite, purpose, documentLoader});
  return {verified, error: verified ? null : reason(error)};
}

for(const {name, document, sign: request, pointers} of lines()) {
  try {
    const done = request ? sign(document, request, pointers) : pointers ? derive(document, pointers) : check(document);
    print({name, ...await done});
  } catch(error) {
    print({name, verified: false, error: reason(error)});
  }
}
