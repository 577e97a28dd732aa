// What the scripts here may read: the bundled contexts, did:key, and the documents handed to them.
// Any other URL is an error; nothing is fetched.
import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {driver} from '@digitalbazaar/did-method-key';

const CONTEXTS = new URL('../../schemas/published/contexts/', import.meta.url);

const didKey = driver();
didKey.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});
didKey.use({multibaseMultikeyHeader: 'zDna', fromMultibase: EcdsaMultikey.from});
didKey.use({multibaseMultikeyHeader: 'z82L', fromMultibase: EcdsaMultikey.from});

export function bundledContexts() {
  const index = JSON.parse(readFileSync(new URL('index.json', CONTEXTS), 'utf8'));
  return new Map(index.map(({url, file}) => [url, JSON.parse(readFileSync(new URL(file, CONTEXTS), 'utf8'))]));
}

// did:web:example.org:i:kbtu → https://example.org/i/kbtu/did.json
function didWebUrl(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${[host, ...(path.length ? path : ['.well-known'])].join('/')}/did.json`;
}

function dereference(document, url) {
  const fragment = url.slice(url.indexOf('#'));
  const listed = Object.values(document).filter(Array.isArray).flat();
  const found = listed.find(entry => entry?.id === url || entry?.id === fragment);
  if(!found) {
    throw new Error(`The DID document has no ${url}`);
  }
  return {'@context': document['@context'], ...found, id: url};
}

// `documents`: URL → document, where a did:web may stand under its DID or its https URL.
export function loader(documents = {}) {
  const known = new Map([...bundledContexts(), ...Object.entries(documents)]);
  const find = async url => {
    if(known.has(url)) {
      return known.get(url);
    }
    if(url.startsWith('did:key:')) {
      return didKey.get({url});
    }
    if(url.startsWith('did:web:')) {
      const did = url.split('#')[0];
      const document = known.get(did) ?? known.get(didWebUrl(did));
      if(document) {
        return url === did ? document : dereference(document, url);
      }
    }
    throw new Error(`Unknown URL ${url}: nothing is fetched`);
  };
  return async url => ({contextUrl: null, documentUrl: url, document: await find(url)});
}

// An option that holds JSON, or names a file that does.
export function json(value) {
  return value === undefined ? undefined :
    JSON.parse(value.trimStart().startsWith('{') ? value : readFileSync(value, 'utf8'));
}

export function options(...names) {
  const string = Object.fromEntries(names.map(name => [name, {type: 'string'}]));
  return parseArgs({options: string, allowPositionals: true});
}

export function standardInput() {
  return readFileSync(0, 'utf8');
}

export function* lines() {
  for(const line of standardInput().split('\n')) {
    if(line.trim()) {
      yield JSON.parse(line);
    }
  }
}

// The innermost messages of an error: the outer ones only say "Verification error(s)."
export function reason(error) {
  const inner = error?.errors ?? (error?.cause ? [error.cause] : []);
  return inner.length ? inner.map(reason).join('; ') : String(error?.message ?? error);
}

export function print(value) {
  process.stdout.write(JSON.stringify(value) + '\n');
}
