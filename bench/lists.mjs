// The other side of the lists: @digitalbazaar/vc-bitstring-status-list and @sd-jwt/jwt-status-list, in one warm process.
//
//   cd tests/node && node --input-type=module --eval "$(cat ../../bench/lists.mjs)"
//
// In: one request a line, {"form": "bitstring" or "token", "length", "indices", "times"}. Out: one line for each,
// {"packed": [ms…], "unpacked": [ms…], "encoded"}, what it packed last.
import {createInterface} from 'node:readline';
import {createList, decodeList} from '@digitalbazaar/vc-bitstring-status-list';
import {StatusList} from '@sd-jwt/jwt-status-list';

const FORMS = {
  bitstring: {
    async pack({length, indices}) {
      const list = await createList({length});
      indices.forEach(index => list.setStatus(index, true));
      return list.encode();
    },
    unpack: encodedList => decodeList({encodedList})
  },
  token: {
    async pack({length, indices}) {
      const list = new StatusList(Array(length).fill(0), 2);
      indices.forEach(index => list.setStatus(index, 1));
      return list.compressStatusList();
    },
    unpack: lst => StatusList.decompressStatusList(lst, 2)
  }
};

async function timed(times, work) {
  const ms = [];
  let last;
  for(let at = 0; at < times; at++) {
    const begun = performance.now();
    last = await work();
    ms.push(performance.now() - begun);
  }
  return [ms, last];
}

for await (const line of createInterface({input: process.stdin})) {
  const request = JSON.parse(line);
  const {pack, unpack} = FORMS[request.form];
  const [packed, encoded] = await timed(request.times, () => pack(request));
  const [unpacked] = await timed(request.times, () => unpack(encoded));
  process.stdout.write(JSON.stringify({packed, unpacked, encoded}) + '\n');
}
