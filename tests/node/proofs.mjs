// Makes and checks Data Integrity proofs with jsonld-signatures and the suites of @digitalbazaar, offline. Whether the
// signer is the issuer is not asked here.
//
//   node proofs.mjs < lines
//
// In, a line to check: {"name", "document"}. Out: {"name", "proofs": [{"verified", "error"}]}, in the document's order.
// jsonld-signatures knows sets only. With "chain": true, a proof with `previousProof` is handed to its suite over the
// document with the proofs that it names (VC Data Integrity 1.0, section 4.5).
// In, a line to sign: {"name", "document", "sign": {"suite", "key", "created"}}, with `key` a pair of Multikeys and
// `suite` a cryptosuite or Ed25519Signature2020. Out: {"name", "document"}, with one proof more.
// A line that cannot be done comes out as {"name", "error"}.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import jsigs from 'jsonld-signatures';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {lines, loader, print, reason} from './documents.mjs';

const SIGNING = [eddsaRdfc, ecdsaRdfc, eddsaJcs.createSignCryptosuite(), ecdsaJcs.createSignCryptosuite()];
const CHECKING = [eddsaRdfc, ecdsaRdfc, eddsaJcs.createVerifyCryptosuite(), ecdsaJcs.createVerifyCryptosuite()];
const documentLoader = loader();

async function signer({publicKeyMultibase, secretKeyMultibase}) {
  const {from} = publicKeyMultibase.startsWith('z6Mk') ? Ed25519Multikey : EcdsaMultikey;
  const controller = `did:key:${publicKeyMultibase}`;
  const id = `${controller}#${publicKeyMultibase}`;
  const pair = await from({type: 'Multikey', id, controller, publicKeyMultibase, secretKeyMultibase});
  return pair.signer();
}

async function sign(document, {suite: name, key, created}) {
  const given = {signer: await signer(key), date: new Date(created)};
  const cryptosuite = SIGNING.find(each => each.name === name);
  const suite = cryptosuite ? new DataIntegrityProof({...given, cryptosuite}) : new Ed25519Signature2020(given);
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  return {document: await jsigs.sign(document, {suite, purpose, documentLoader})};
}

// The library canonizes whatever document it is given: here with the proofs that this one follows.
async function follows(document, proof, suites) {
  const named = [proof.previousProof].flat();
  const previous = [document.proof].flat().filter(({id}) => id !== undefined && named.includes(id));
  if(previous.length !== named.length) {
    throw new Error('A previousProof is not there');
  }
  const suite = suites.find(({cryptosuite}) => cryptosuite === proof.cryptosuite);
  const chained = {...document, proof: previous};
  const given = {'@context': document['@context'], ...proof};
  return suite.verifyProof({proof: given, document: chained, proofSet: previous, documentLoader});
}

async function checkChain(document) {
  const suites = CHECKING.map(cryptosuite => new DataIntegrityProof({cryptosuite}));
  const {proofs} = await check(document);
  return {proofs: await Promise.all([document.proof].flat().map(async (proof, place) => {
    if(proof.previousProof === undefined) {
      return proofs[place];
    }
    const {verified, error} = await follows(document, proof, suites);
    return {verified, error: verified ? null : reason(error)};
  }))};
}

async function check(document) {
  const suite = [...CHECKING.map(cryptosuite => new DataIntegrityProof({cryptosuite})), new Ed25519Signature2020()];
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  const {results = [], error} = await jsigs.verify(document, {suite, purpose, documentLoader});
  const of = new Map(results.map(result => [result.proof.proofValue, result]));
  return {proofs: [document.proof].flat().map(proof => {
    const {verified = false, error: why = error} = of.get(proof?.proofValue) ?? {};
    return {verified, error: verified ? null : reason(why ?? 'a proof of a kind that is not supported')};
  })};
}

for(const {name, document, sign: request, chain} of lines()) {
  try {
    print({name, ...await (request ? sign(document, request) : chain ? checkChain(document) : check(document))});
  } catch(error) {
    print({name, error: reason(error)});
  }
}
