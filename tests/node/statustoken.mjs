// Token status lists with @sd-jwt/jwt-status-list.
//
//   node statustoken.mjs < token                             prints {"bits", "length", "set": {index: status}}
//   node statustoken.mjs --length N --bits B [INDEX=STATUS …]   prints the compressed list, base64url
import {getListFromStatusListJWT, StatusList} from '@sd-jwt/jwt-status-list';
import {options, print, standardInput} from './documents.mjs';

const {values, positionals} = options('length', 'bits');
if(values.length) {
  const list = new StatusList(Array(Number(values.length)).fill(0), Number(values.bits));
  positionals.map(each => each.split('=').map(Number)).forEach(([index, status]) => list.setStatus(index, status));
  process.stdout.write(list.compressStatusList() + '\n');
} else {
  const list = getListFromStatusListJWT(standardInput().trim());
  const length = list.statusList.length;
  const set = {};
  for(let index = 0; index < length; index++) {
    if(list.getStatus(index)) {
      set[index] = list.getStatus(index);
    }
  }
  print({bits: list.getBitsPerStatus(), length, set});
}
