import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';

const arrivalMs = Date.parse('2026-03-10T00:00:00Z');

function fieldsOf(program: string, message: string): Readonly<Record<string, unknown>> {
  const parsed = parseRecord(Buffer.from(`Mar  7 13:06:56 db-1 ${program}: ${message}`), { arrivalMs });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.event.fields;
}

describe('sudo', () => {
  const shadow = '/usr/bin/cat /etc/shadow';
  it.each([
    ['without a terminal', `PWD=/ ; USER=root ; COMMAND=${shadow}`],
    ['without a known terminal', `TTY=unknown ; PWD=/ ; USER=root ; COMMAND=${shadow}`],
    ['with a host in front', `HOST=db1 ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=${shadow}`],
    [
      'with root and variables',
      `TTY=pts/0 ; PWD=/ ; CHROOT=/x ; USER=root ; GROUP=g ; ENV=A=COMMAND=x ; COMMAND=${shadow}`,
    ],
  ])('that ran a command %s is a success', (_what, rest) => {
    const fields = fieldsOf('sudo', `  alice : ${rest}`);
    expect(fields).toMatchObject({
      action: 'sudo.command',
      outcome: 'success',
      user: 'alice',
      target_user: 'root',
      USER: 'root',
      pwd: '/',
      command: shadow,
    });
    expect(fields).not.toHaveProperty('reason');
  });

  it.each([
    ['user NOT in sudoers', 'denied'],
    ['command not allowed', 'denied'],
    ['3 incorrect password attempts', 'failure'],
  ])('that says %j has the outcome %s, also without a terminal', (reason, outcome) => {
    for (const place of ['', 'TTY=pts/0 ; ', 'HOST=db1 ; TTY=pts/0 ; '])
      expect(fieldsOf('sudo', `alice : ${reason} ; ${place}PWD=/ ; USER=root ; COMMAND=${shadow}`)).toMatchObject({
        outcome,
        reason,
        command: shadow,
      });
  });

  it.each(['/tmp/COMMAND=x', '/tmp/a ; USER=nobody', '/tmp/a ; b'])('is not misled by the directory %j', (pwd) => {
    const line = `mallory : user NOT in sudoers ; TTY=pts/0 ; PWD=${pwd} ; USER=root ; COMMAND=${shadow}`;
    expect(fieldsOf('sudo', line)).toMatchObject({ target_user: 'root', USER: 'root', command: shadow });
  });

  it('says nothing in the rest of a long command', () => {
    expect(fieldsOf('sudo', 'alice : (command continued) x ; COMMAND=/bin/id')).not.toHaveProperty('action');
  });
});

describe('sshd', () => {
  const CERT = 'RSA-CERT SHA256:abc ID';
  const CA = '(serial 0) CA RSA SHA256:xyz';
  it.each([
    [`Failed publickey for root from 203.0.113.9 port 4242 ssh2: ${CERT} a from 198.51.100.7 port 1 ${CA}`, 'root'],
    [
      `Failed publickey for root from 203.0.113.9 port 4242 ssh2: ${CERT} a from 198.51.100.7 port 1 ssh2: ${CERT} b ${CA}`,
      'root',
    ],
    [
      `Accepted publickey for root from 203.0.113.9 port 4242 ssh2: ${CERT} a from 198.51.100.7 port 1 ssh2 ${CA}`,
      'root',
    ],
    [`Accepted publickey for root from 203.0.113.9 port 4242 ssh2: RSA-CERT ID a from b ${CA}`, 'root'],
    [
      `Failed publickey for invalid user x from 203.0.113.9 port 4242 ssh2: ${CERT} a from 198.51.100.7 port 1 ssh2 ${CA}`,
      'x',
    ],
    [
      'Failed publickey for invalid user x from 1.2.3.4 port 5 ssh2: RSA SHA256:a from 203.0.113.9 port 4242 ssh2: RSA SHA256:b',
      'x from 1.2.3.4 port 5 ssh2: RSA SHA256:a',
    ],
    [
      'Failed publickey for invalid user x from 1.2.3.4 port 5 from 203.0.113.9 port 4242 ssh2',
      'x from 1.2.3.4 port 5',
    ],
    ['Failed publickey for invalid user  from 203.0.113.9 port 4242 ssh2', ''],
    ['Failed password for invalid user x from 1.2.3.4 port 5 from 203.0.113.9 port 4242 ssh2', 'x from 1.2.3.4 port 5'],
    [
      'Failed password for invalid user x from 1.2.3.4 port 5 ssh2: RSA SHA256:a from 203.0.113.9 port 4242 ssh2',
      'x from 1.2.3.4 port 5 ssh2: RSA SHA256:a',
    ],
    ['Failed none for invalid user  from 203.0.113.9 port 4242 ssh2', ''],
    [
      'error: maximum authentication attempts exceeded for invalid user a from 1.2.3.4 port 5 ssh2 from 203.0.113.9 port 4242 ssh2 [preauth]',
      'a from 1.2.3.4 port 5 ssh2',
    ],
    ['Connection closed by authenticating user root 203.0.113.9 port 4242 [preauth]', 'root'],
    [
      'Connection reset by invalid user a 1.2.3.4 port 5 [preauth] 203.0.113.9 port 4242 [preauth]',
      'a 1.2.3.4 port 5 [preauth]',
    ],
    ['Connection closed by invalid user  203.0.113.9 port 4242 [preauth]', ''],
    ['Disconnected from authenticating user root 203.0.113.9 port 4242 [preauth]', 'root'],
    ['Disconnected from invalid user admin 203.0.113.9 port 4242 [preauth]', 'admin'],
    ['Disconnected from user bob 203.0.113.9 port 4242', 'bob'],
    ['Connection closed by 203.0.113.9 port 4242 [preauth]', undefined],
    ['Received disconnect from 203.0.113.9 port 4242:11: Bye from 1.2.3.4 port 5 [preauth]', undefined],
    ['Unable to negotiate with 203.0.113.9 port 4242: no matching key exchange method found.', undefined],
    ["Bad protocol version identification 'GET / from 1.2.3.4 port 5' from 203.0.113.9 port 4242", undefined],
    ['banner exchange: Connection from 203.0.113.9 port 4242: invalid format', undefined],
    ['Connection from 203.0.113.9 port 4242 on 10.0.0.1 port 22 rdomain ""', undefined],
  ])('is read for who it was: %s', (message, user) => {
    const fields = fieldsOf('sshd[1]', message);
    expect({ ip: fields['src_ip'], port: fields['src_port'], user: fields['user'] }).toEqual({
      ip: '203.0.113.9',
      port: 4242,
      user,
    });
  });

  it.each([
    ['Received disconnect from 203.0.113.9: 11: Bye Bye [preauth]', '203.0.113.9'],
    ['Connection closed by 2001:db8:: [preauth]', '2001:db8::'],
    ['Received disconnect from 2001:db8::: 11: Bye', '2001:db8::'],
    ['Connection closed by authenticating user root fe80::1%eth0 port 42 [preauth]', 'fe80::1%eth0'],
    ['Connection closed by UNKNOWN port 65535 [preauth]', undefined],
  ])('names an address or none: %s', (message, address) => {
    expect(fieldsOf('sshd[1]', message)['src_ip']).toBe(address);
  });

  it.each([' from 1 port 1 ssh2: A B ID ', ' from ', 'a', ' ', ' (serial 1) CA A B', ', '])(
    'is read in bounded time however often a name or a key says %j',
    (part) => {
      const long = part.repeat(Math.floor(900_000 / part.length));
      for (const head of [
        'Failed publickey for invalid user x',
        'Failed publickey for x',
        'Disconnected from user x',
      ]) {
        const startedMs = performance.now();
        fieldsOf('sshd[1]', `${head}${part.repeat(5)} from 1.2.3.4 port 5 ssh2: RSA-CERT ID ${long}!`);
        // A tenth of a second on a free machine.
        expect(performance.now() - startedMs).toBeLessThan(5_000);
      }
    },
  );
});

describe('a line without a host', () => {
  const said = { program: 'sshd', pid: 1, src_ip: '203.0.113.9', user: 'root' };
  it.each(['<13>Mar  7 13:06:56', 'Mar  7 13:06:56', '<13>2026-03-07T13:06:56Z'])(
    'behind %j is its program’s',
    (head) => {
      const line = `${head} sshd[1]: Failed password for root from 203.0.113.9 port 42 ssh2`;
      const parsed = parseRecord(Buffer.from(line), { arrivalMs });
      if (!parsed.ok) throw new Error(parsed.reason);
      expect(parsed.event.logsource).toEqual({ product: 'linux', service: 'sshd' });
      expect(parsed.event.fields).toMatchObject(said);
      expect(parsed.event.fields).not.toHaveProperty('host');
    },
  );
  it('is told from one with a host that has a colon', () => {
    const parsed = parseRecord(Buffer.from('Mar  7 13:06:56 2001:db8::1 sshd[1]: x'), { arrivalMs });
    expect(parsed).toMatchObject({ ok: true, event: { fields: { host: '2001:db8::1', program: 'sshd' } } });
  });
});

describe('su', () => {
  it.each([
    ['(to root) alice on pts/0', 'success'],
    ['FAILED SU (to root) alice on pts/0', 'failure'],
    ['Successful su for root by alice', 'success'],
    ['FAILED su for root by alice', 'failure'],
  ])('%j is read', (message, outcome) => {
    expect(fieldsOf('su[1]', message)).toMatchObject({ outcome, user: 'alice', target_user: 'root' });
  });
});
