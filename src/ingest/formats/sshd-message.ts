import { isIP } from 'node:net';

type Fields = Record<string, unknown>;

const EXCEEDED = 'error: maximum authentication attempts exceeded for ';
const REPEATED = /^message repeated (\d{1,6}) times: \[ (.*)\]$/s;
const LOGIN = /^(Accepted|Failed) (\S{1,64}) for (.*)$/s;
const INVALID = 'invalid user ';
/** Methods that say more behind the peer: of a certificate the key's id, of a host its name, in the client's own words. */
const TELLING = /^(?:publickey|hostbased|gssapi)/;

/** What sshd says of who came, in the texts of OpenSSH 5 to 10. */
export function sshdFields(text: string, fields: Fields): void {
  const repeated = REPEATED.exec(text);
  if (repeated !== null) fields['repeated'] = Number(repeated[1]);
  const message = repeated?.[2] ?? text;
  const login = LOGIN.exec(message);
  if (login !== null) {
    const [, result, method = '', rest = ''] = login;
    fields['action'] = 'ssh.login';
    fields['outcome'] = result === 'Accepted' ? 'success' : 'failure';
    fields['method'] = method;
    userFrom(rest, TELLING.test(method), fields);
  } else if (message.startsWith('Invalid user ')) {
    refused('ssh.invalid_user', `${INVALID}${message.slice(13)}`, fields);
  } else if (message.startsWith(EXCEEDED)) {
    refused('ssh.attempts_exceeded', message.slice(EXCEEDED.length), fields);
  } else {
    connection(message, fields);
  }
}

function refused(action: string, rest: string, fields: Fields): void {
  fields['action'] = action;
  fields['outcome'] = 'failure';
  userFrom(rest, false, fields);
}

/** `[invalid user ]NAME from ADDRESS[ port N]…`. */
function userFrom(rest: string, isTelling: boolean, fields: Fields): void {
  const isInvalid = rest.startsWith(INVALID);
  const said = isInvalid ? rest.slice(INVALID.length - 1) : ` ${rest}`;
  const at = isTelling ? fromBeforeKey(said, isInvalid) : said.lastIndexOf(FROM);
  if (at < 0) return;
  fields['user'] = said.slice(1, Math.max(1, at));
  if (isInvalid) fields['user_exists'] = false;
  const tail = said.slice(at + FROM.length);
  const peer = PEER.exec(tail);
  fields['src_ip'] = peer?.[1] ?? tail.split(' ', 1)[0];
  if (peer?.[2] !== undefined) fields['src_port'] = Number(peer[2]);
}

const FROM = ' from ';
const PEER = /^(\S{1,64}) port (\d{1,5})(?:[: ]|$)/;
/** Nothing but a key, or a certificate with its id (`format_method_key` in OpenSSH's auth2.c). */
const THEN_KEY =
  /^\S{1,64} port \d{1,5} ssh2(?:: [\w@.-]{1,64}(?: \S{1,128})?(?: ID .* \(serial \d{1,20}\) CA \S{1,64} \S{1,128})?(?:, .*)?)?(?: \[preauth\])?$/s;

/**
 * Where sshd's own ` from ` stands when a key may follow. The name of an account that exists holds no such text, so the first is sshd's; a name that does
 * not exist may hold anything, so the last is that nothing but a key follows.
 */
function fromBeforeKey(said: string, isInvalid: boolean): number {
  if (!isInvalid) return said.search(/ from \S{1,64} port \d{1,5}(?:[: ]|$)/);
  let at = said.lastIndexOf(FROM, MAX_NAME_CHARS);
  while (at > 0 && !THEN_KEY.test(said.slice(at + FROM.length))) at = said.lastIndexOf(FROM, at - 1);
  return at > 0 ? at : said.lastIndexOf(FROM);
}

/** sshd cuts names at a hundred bytes, each of which may be written as four characters. */
const MAX_NAME_CHARS = 400;

const AT_ONCE =
  /^(?:Received disconnect from|Did not receive identification string from|banner exchange: Connection from|(?:fatal: )?Unable to negotiate with|Connection from) (\S{2,64})(?: port (\d{1,5})(?:[: ]|$)| |$)/;
const CLOSED = /^(?:Connection (?:closed|reset) by|Disconnected from|Bad protocol version identification) /;
const CLOSED_USER = /^(?:Connection (?:closed|reset) by|Disconnected from) (invalid |authenticating )?user /;
/** At the end, behind a name that is the client's own. */
const PEER_AT_END = / (\S{2,64})(?: port (\d{1,5}))?(?: \[preauth\])?$/;

function connection(message: string, fields: Fields): void {
  const peer = (CLOSED.test(message) ? PEER_AT_END : AT_ONCE).exec(message);
  // Before OpenSSH 7 a colon stood behind the address.
  const address = [peer?.[1], peer?.[1]?.slice(0, -1)].find((text) => isIP(text ?? '') !== 0);
  if (peer === null || address === undefined) return;
  fields['action'] = message.startsWith('Connection from') ? 'ssh.connect' : 'ssh.disconnect';
  fields['src_ip'] = address;
  if (peer[2] !== undefined) fields['src_port'] = Number(peer[2]);
  if (message.endsWith('[preauth]')) fields['preauth'] = true;
  const named = CLOSED_USER.exec(message);
  if (named === null) return;
  fields['user'] = message.slice(named[0].length, Math.max(named[0].length, peer.index));
  if (named[1] === 'invalid ') fields['user_exists'] = false;
}
