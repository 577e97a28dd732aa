// Asks for issuers as VerifierPlus does, with @digitalcredentials/issuer-registry-client, offline.
//
//   node issuers.mjs --registries LIST --pages MAP  < lines
//
// Lines in: {name, did}. Lines out: {name, found, unchecked}: what each registry that knows the DID says of it, and
// how many could not be asked. LIST is as in known-did-registries.json; MAP is URL → the text that stands there.
import {json, lines, options, print} from './documents.mjs';

const {values} = options('registries', 'pages');
const pages = new Map(Object.entries(json(values.pages)));
globalThis.fetch = async request => {
  const url = String(request?.url ?? request);
  return pages.has(url) ? new Response(pages.get(url)) : new Response('', {status: 404});
};
console.log = () => {};  // it talks; only the answers may stand in the output

const {RegistryClient} = await import('@digitalcredentials/issuer-registry-client');

const client = new RegistryClient();
client.use({registries: json(values.registries)});
for(const {name, did} of lines()) {
  const {matchingIssuers, uncheckedRegistries} = await client.lookupIssuersFor(did);
  const found = matchingIssuers.map(({issuer, registry}) => ({
    issuer: issuer.federation_entity, registry: registry.federation_entity
  }));
  print({name, found, unchecked: uncheckedRegistries.length});
}
