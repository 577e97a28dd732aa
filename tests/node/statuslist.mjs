// Bitstring status lists with @digitalbazaar/vc-bitstring-status-list.
//
//   node statuslist.mjs < encodedList          prints {"length", "set": [indices]}
//   node statuslist.mjs --length N [INDEX …]   prints the encodedList with these indices set
import {createList, decodeList} from '@digitalbazaar/vc-bitstring-status-list';
import {options, print, standardInput} from './documents.mjs';

const {values, positionals} = options('length');
if(values.length) {
  const list = await createList({length: Number(values.length)});
  positionals.forEach(index => list.setStatus(Number(index), true));
  process.stdout.write(await list.encode() + '\n');
} else {
  const list = await decodeList({encodedList: standardInput().trim()});
  const indices = Array.from({length: list.length}, (_, index) => index);
  print({length: list.length, set: indices.filter(index => list.getStatus(index))});
}
