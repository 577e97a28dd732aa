// What @digitalbazaar/vc itself says of a credential with several proofs, and of each of them, offline. It binds the
// signer to the issuer; verify.mjs asks more than the library does.
//
//   node cosigned.mjs --now INSTANT  < lines
//
// In: {"name", "credential"}. Out: {"name", "verified", "proofs": [{"verified", "error"}]}, in the document's order.
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {lines, loader, options, print, reason} from './documents.mjs';

const {values} = options('now');
const now = new Date(values.now);
const suite = new DataIntegrityProof({cryptosuite});
const checkStatus = async () => ({verified: true});

for(const {name, credential} of lines()) {
  const given = {credential, suite, documentLoader: loader(), now, checkStatus};
  const {verified, results = []} = await vc.verifyCredential(given);
  const of = new Map(results.map(result => [result.proof.proofValue, result]));
  print({name, verified, proofs: [credential.proof].flat().map(({proofValue}) => {
    const {verified: holds = false, error} = of.get(proofValue) ?? {};
    return {verified: holds, error: holds ? null : reason(error)};
  })});
}
