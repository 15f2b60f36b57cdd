type Fields = Record<string, unknown>;

/**
 * What sshd, sudo, su, cron and the account tools say, as fields: `action`, `outcome`, `user`, `src_ip` and so on. User
 * names are the attacker's text, so what follows them is read from the right.
 */
export function messageFields(service: string, program: string, message: string, fields: Fields): void {
  if (message.startsWith('pam_')) pam(message, fields);
  if (service === 'sshd') sshd(message, fields);
  else if (service === 'sudo') sudo(message, fields);
  else if (service === 'cron') cron(message, fields);
  else if (program === 'su') su(message, fields);
  else if (service === 'auth') account(program, message, fields);
}

const EXCEEDED = 'error: maximum authentication attempts exceeded for ';
const REPEATED = /^message repeated (\d{1,6}) times: \[ (.*)\]$/s;
const LOGIN = /^(Accepted|Failed) (\S{1,64}) for (.*)$/s;
const FROM = /^(\S{1,64}) port (\d{1,5})(?:[: ]|$)/;
const PREAUTH =
  /^(?:Connection (?:closed|reset) by|Disconnected from|Received disconnect from|Did not receive identification string from|banner exchange: Connection from|Unable to negotiate with|fatal: Unable to negotiate with|Bad protocol version identification .{0,200} from|Connection from) (?:invalid user .{0,100} |authenticating user .{0,100} )?([0-9a-fA-F:.]{3,45})(?: port (\d{1,5}))?/s;

function sshd(text: string, fields: Fields): void {
  const repeated = REPEATED.exec(text);
  if (repeated !== null) fields['repeated'] = Number(repeated[1]);
  const message = repeated?.[2] ?? text;
  const login = LOGIN.exec(message);
  if (login !== null) {
    sshLogin(login[1] === 'Accepted', login[2] ?? '', login[3] ?? '', fields);
  } else if (message.startsWith('Invalid user ')) {
    sshRefused('ssh.invalid_user', `invalid user ${message.slice(13)}`, fields);
  } else if (message.startsWith(EXCEEDED)) {
    sshRefused('ssh.attempts_exceeded', message.slice(EXCEEDED.length), fields);
  } else {
    sshClosed(message, fields);
  }
}

function sshClosed(message: string, fields: Fields): void {
  const closed = PREAUTH.exec(message);
  if (closed === null) return;
  fields['action'] = message.startsWith('Connection from') ? 'ssh.connect' : 'ssh.disconnect';
  fields['src_ip'] = closed[1];
  if (closed[2] !== undefined) fields['src_port'] = Number(closed[2]);
  if (message.endsWith('[preauth]')) fields['preauth'] = true;
}

function sshLogin(isAccepted: boolean, method: string, rest: string, fields: Fields): void {
  fields['action'] = 'ssh.login';
  fields['outcome'] = isAccepted ? 'success' : 'failure';
  fields['method'] = method;
  userFrom(rest, fields);
}

function sshRefused(action: string, rest: string, fields: Fields): void {
  fields['action'] = action;
  fields['outcome'] = 'failure';
  userFrom(rest, fields);
}

/** `[invalid user ]NAME from ADDRESS[ port N]…`, the last ` from ` being sshd's own. */
function userFrom(rest: string, fields: Fields): void {
  const at = rest.lastIndexOf(' from ');
  if (at < 0) return;
  const isInvalid = rest.startsWith('invalid user ');
  fields['user'] = rest.slice(isInvalid ? 13 : 0, Math.max(isInvalid ? 13 : 0, at));
  if (isInvalid) fields['user_exists'] = false;
  const tail = rest.slice(at + 6);
  const peer = FROM.exec(tail);
  fields['src_ip'] = peer?.[1] ?? tail.split(' ', 1)[0];
  if (peer?.[2] !== undefined) fields['src_port'] = Number(peer[2]);
}

const PAM = /^pam_\w{1,32}\([\w.-]{1,64}:\w{1,16}\): ([^;]{1,100})(?:; (.*))?$/s;
/** The host stands before the user, whose name may imitate all of it. */
const PAM_PEER = /(?<!\w)rhost=(\S{0,256})(?: +user=(.{1,256}))?/s;

/** `pam_unix(sshd:auth): authentication failure; logname= uid=0 … rhost=203.0.113.7  user=root`. */
function pam(message: string, fields: Fields): void {
  const parts = PAM.exec(message);
  if (parts === null) return;
  fields['pam_message'] = parts[1];
  const peer = PAM_PEER.exec(parts[2] ?? '');
  if (peer?.[1] !== undefined && peer[1] !== '') fields['pam_rhost'] = peer[1];
  if (peer?.[2] !== undefined) fields['pam_user'] = peer[2];
}

const SUDO = /^ *(\S{1,64}) : (.*)$/s;
const SUDO_PART = /(?:^|; )(TTY|PWD|USER|GROUP|COMMAND)=((?:(?! ; (?:TTY|PWD|USER|GROUP|COMMAND|ENV|TSID)=).)*)/gs;
const SUDO_NAMES: Readonly<Record<string, string>> = {
  TTY: 'tty',
  PWD: 'pwd',
  USER: 'target_user',
  GROUP: 'target_group',
  COMMAND: 'command',
};

function sudo(message: string, fields: Fields): void {
  const parts = SUDO.exec(message);
  if (parts === null) return;
  const [, user, rest = ''] = parts;
  const commandAt = rest.indexOf('COMMAND=');
  if (commandAt < 0) return;
  const complaint = rest.startsWith('TTY=') ? undefined : rest.slice(0, Math.max(0, rest.indexOf(' ; ')));
  fields['action'] = 'sudo.command';
  fields['user'] = user;
  for (const [, name = '', value] of rest.slice(0, commandAt).matchAll(SUDO_PART)) {
    fields[SUDO_NAMES[name] ?? name] = value?.replace(/ ; $/, '');
    // Community rules read it as sudo writes it.
    if (name === 'USER') fields['USER'] = value?.replace(/ ; $/, '');
  }
  fields['command'] = rest.slice(commandAt + 8);
  fields['outcome'] =
    complaint === undefined ? 'success' : complaint.includes('incorrect password') ? 'failure' : 'denied';
  if (complaint !== undefined) fields['reason'] = complaint;
}

const CRON = /^\((\S{1,64})\) (CMD|RELOAD|REPLACE|BEGIN EDIT|END EDIT|LIST) \((.*)\)$/s;

function cron(message: string, fields: Fields): void {
  const parts = CRON.exec(message);
  if (parts === null) return;
  fields['action'] = parts[2] === 'CMD' ? 'cron.command' : 'cron.change';
  fields['user'] = parts[1];
  fields[parts[2] === 'CMD' ? 'command' : 'detail'] = parts[3];
}

const SU = /^(Successful su|FAILED SU|FAILED su|\(to \S{1,64}\)) (?:for (\S{1,64}) by )?(\S{1,64})/;

function su(message: string, fields: Fields): void {
  const parts = SU.exec(message);
  if (parts === null) return;
  fields['action'] = 'su.switch';
  fields['outcome'] = parts[1]?.startsWith('FAILED') === true ? 'failure' : 'success';
  fields['user'] = parts[3];
  fields['target_user'] = parts[2] ?? parts[1]?.slice(4, -1);
}

const NEW_USER = /^new user: name=([^,]{1,64}), UID=(\d{1,10})/;
const GROUP_ADD =
  /^(?:add '([^']{1,64})' to (?:shadow )?group '([^']{1,64})'|user (\S{1,64}) added by \S{1,64} to group (\S{1,64}))/;

function account(program: string, message: string, fields: Fields): void {
  const created = program === 'useradd' ? NEW_USER.exec(message) : null;
  if (created !== null) {
    fields['action'] = 'account.create';
    fields['user'] = created[1];
    fields['uid'] = Number(created[2]);
    return;
  }
  const added = GROUP_ADD.exec(message);
  if (added !== null) {
    fields['action'] = 'group.add_member';
    fields['user'] = added[1] ?? added[3];
    fields['group'] = added[2] ?? added[4];
    return;
  }
  if (message.startsWith('password changed for ')) {
    fields['action'] = 'password.change';
    fields['user'] = message.slice(21);
  }
}
