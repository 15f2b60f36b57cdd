import { sshdFields } from './sshd-message.js';

type Fields = Record<string, unknown>;

/** What sshd, sudo, su, cron and the account tools say, as fields: `action`, `outcome`, `user`, `src_ip` and so on. */
export function messageFields(service: string, program: string, message: string, fields: Fields): void {
  if (message.startsWith('pam_')) pam(message, fields);
  if (service === 'sshd') sshdFields(message, fields);
  else if (service === 'sudo') sudo(message, fields);
  else if (service === 'cron') cron(message, fields);
  else if (program === 'su') su(message, fields);
  else if (service === 'auth') account(program, message, fields);
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
/** In sudo's order, as far as each is known; without a terminal there is no TTY (sudoers, "Log format"). */
const SUDO_PART = /(?:^| ; )(HOST|TTY|PWD|CHROOT|USER|GROUP|TSID|ENV|COMMAND)=/g;
const SUDO_NAMES: ReadonlyMap<string, string> = new Map([
  ['TTY', 'tty'],
  ['PWD', 'pwd'],
  ['USER', 'target_user'],
  ['GROUP', 'target_group'],
]);

function sudo(message: string, fields: Fields): void {
  const parts = SUDO.exec(message);
  if (parts === null) return;
  const [, user, rest = ''] = parts;
  // The rest of a long command, with whatever it holds.
  if (rest.startsWith('(command continued)')) return;
  const said = sudoParts(rest);
  if (said === undefined) return;
  const { complaint, named, command } = said;
  fields['action'] = 'sudo.command';
  fields['user'] = user;
  for (const [name, value] of named) {
    const as = SUDO_NAMES.get(name);
    if (as !== undefined) fields[as] = value;
    // Community rules read it as sudo writes it.
    if (name === 'USER') fields['USER'] = value;
  }
  fields['command'] = command;
  fields['outcome'] = complaint === '' ? 'success' : complaint.includes('incorrect password') ? 'failure' : 'denied';
  if (complaint !== '') fields['reason'] = complaint;
}

/**
 * What stands before the first part is why sudo refused. The working directory may imitate parts, whose own come after it, so of two with one name the
 * last holds; a command may too, and is everything behind the first that is called one.
 */
function sudoParts(
  rest: string,
): { readonly complaint: string; readonly named: ReadonlyMap<string, string>; readonly command: string } | undefined {
  const named = new Map<string, string>();
  let complaint: string | undefined;
  let open: { readonly name: string; readonly from: number } | undefined;
  for (const { 0: separator, 1: name = '', index } of rest.matchAll(SUDO_PART)) {
    complaint ??= rest.slice(0, index);
    if (open !== undefined) named.set(open.name, rest.slice(open.from, index));
    open = { name, from: index + separator.length };
    if (name === 'COMMAND') return { complaint, named, command: rest.slice(open.from) };
  }
  return undefined;
}

const CRON = /^\((\S{1,64})\) (CMD|RELOAD|REPLACE|BEGIN EDIT|END EDIT|LIST) \((.*)\)$/s;

function cron(message: string, fields: Fields): void {
  const parts = CRON.exec(message);
  if (parts === null) return;
  fields['action'] = parts[2] === 'CMD' ? 'cron.command' : 'cron.change';
  fields['user'] = parts[1];
  fields[parts[2] === 'CMD' ? 'command' : 'detail'] = parts[3];
}

/** As shadow's su writes it, and util-linux's. */
const SU =
  /^(?:(?:Successful su|FAILED su) for (\S{1,64}) by (\S{1,64})|(?:FAILED SU )?\(to (\S{1,64})\) (\S{1,64}))(?: |$)/;

function su(message: string, fields: Fields): void {
  const parts = SU.exec(message);
  if (parts === null) return;
  fields['action'] = 'su.switch';
  fields['outcome'] = message.startsWith('FAILED') ? 'failure' : 'success';
  fields['user'] = parts[2] ?? parts[4];
  fields['target_user'] = parts[1] ?? parts[3];
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
