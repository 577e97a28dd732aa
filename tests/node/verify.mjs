// Checks credentials with @digitalbazaar/vc and eddsa-rdfc-2022, offline.
//
//   node verify.mjs [--documents MAP] [--status MAP] [--now INSTANT]  < lines
//
// In: one {"name", "credential"} a line. Out: one {"name", "verified", "error"} a line, in that order.
// --documents  JSON, or a file of it: URL or DID → document (DID documents of did:web)
// --status     JSON, or a file of it: URL → status list credential. Given, every credentialStatus must be found
//              there, hold, and be clear; not given, credentialStatus is not looked at.
// --now        the time to judge by; default: the clock
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {json, lines, loader, options, print, reason} from './documents.mjs';

const {values} = options('documents', 'status', 'now');
const now = values.now ? new Date(values.now) : new Date();
const lists = json(values.status);
const documentLoader = loader({...json(values.documents), ...lists});
const suite = new DataIntegrityProof({cryptosuite});

// The library is content with one good proof out of several: here every proof must be one that it knows, and hold.
async function proofs(credential, status) {
  const result = await vc.verifyCredential({credential, suite, documentLoader, now, checkStatus: status});
  if(!result.verified) {
    throw result.error ?? result.statusResult?.error ?? new Error('not verified');
  }
  const bad = result.results.find(({verified}) => !verified);
  if(bad) {
    throw bad.error ?? new Error('A proof does not hold');
  }
  if(result.results.length !== [credential.proof].flat().length) {
    throw new Error('A proof is of a kind that is not supported');
  }
  return result.statusResult;
}

// The library would judge the list by the clock: so the list is checked here first, by `now`.
async function statuses({credential}) {
  for(const {statusListCredential} of [credential.credentialStatus].flat()) {
    await proofs((await documentLoader(statusListCredential)).document);
  }
  return checkStatus({credential, documentLoader, suite, verifyBitstringStatusListCredential: false});
}

async function check(credential) {
  const found = await proofs(credential, lists ? statuses : async () => ({verified: true}));
  const set = found?.results?.filter(({status}) => status) ?? [];
  if(set.length) {
    throw new Error(`Status is set: ${set.map(({credentialStatus}) => credentialStatus.statusPurpose).join(', ')}`);
  }
}

for(const {name, credential} of lines()) {
  try {
    await check(credential);
    print({name, verified: true, error: null});
  } catch(error) {
    print({name, verified: false, error: reason(error)});
  }
}
