// Checks credentials with @digitalcredentials/verifier-core, the library behind VerifierPlus, offline.
//
//   node verifier-core.mjs [--documents MAP] [--status MAP] --now INSTANT  < lines
//
// Lines in and out, and both maps, as in verify.mjs. `verified` says that each step of the library's log is valid,
// but for the one that asks registries of issuers on the network, and that the JSON Schemas hold: those under
// credentialSchema (to be handed over in --documents), else the published one of Open Badges.
// The library asks the machine for the time: here it is always --now.
// The library fetches whatever it lacks: here that finds the contexts, that schema and the two maps, nothing else.
import {readFileSync} from 'node:fs';
import {bundledContexts, json, lines, options, print} from './documents.mjs';

const OPEN_BADGES = new URL(
  '../vectors/openbadges-3.0/schema/ob_v3p0_achievementcredential_schema.json', import.meta.url);

const {values} = options('documents', 'status', 'now');
const openBadges = JSON.parse(readFileSync(OPEN_BADGES, 'utf8'));
const known = new Map([
  ...bundledContexts(),
  [openBadges.$id, openBadges],
  ...Object.entries({...json(values.documents), ...json(values.status)})
]);
globalThis.fetch = async request => {
  const url = String(request?.url ?? request);
  return known.has(url) ? Response.json(known.get(url)) : Response.json({error: 'Unknown URL'}, {status: 404});
};
const now = new Date(values.now).getTime();
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
  static now() {
    return now;
  }
};
console.log = console.warn = console.error = () => {};  // it talks; only the answers may stand in the output

const {verifyCredential} = await import('@digitalcredentials/verifier-core');

function steps(log) {
  return log.filter(({id, valid}) => id !== 'registered_issuer' && valid !== true)
    .map(({id, error}) => `${id}: ${error?.message ?? 'not valid'}`);
}

function schemas(information) {
  const results = information.flatMap(({results}) => results);
  return results.filter(found => found !== 'NO_SCHEMA' && found?.result?.valid !== true)
    .map(found => `schema: ${found?.schema ?? found} ${JSON.stringify(found?.result?.errors ?? [])}`);
}

for(const {name, credential} of lines()) {
  const {log = [], errors = [], additionalInformation = []} =
    await verifyCredential({credential, knownDIDRegistries: []});
  const bad = [...errors.map(({message}) => message), ...steps(log), ...schemas(additionalInformation)];
  print({name, verified: bad.length === 0, error: bad.join('; ') || null});
}
