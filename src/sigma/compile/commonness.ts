/** Where a literal must stand in a value; `present` asks for no literal, only for the field. */
export type LiteralPlace = 'whole' | 'start' | 'end' | 'inside' | 'present';

/** Words and stretches that fill logs everywhere: a literal that lies within one of them guards badly. */
export const EVERYWHERE = [
  ...[
    'c:\\windows\\system32\\',
    'c:\\program files\\',
    'c:\\users\\',
    '\\appdata\\local\\temp\\',
    'microsoft',
    'windows',
  ],
  ...['http://', 'https://', '/usr/bin/', '/usr/sbin/', '/bin/bash', '/bin/sh', '/var/log/', '/etc/', '.exe', '.dll'],
  ...[
    '.com',
    '.amazonaws.com',
    'mozilla/5.0 (',
    'applewebkit',
    'chrome/',
    'safari/',
    'gecko',
    'linux',
    '/tmp/',
    '/opt/',
  ],
  ...[
    'get',
    'post',
    'put',
    'delete',
    'head',
    '200',
    '302',
    '304',
    '401',
    '403',
    '404',
    '500',
    'true',
    'false',
    'success',
  ],
  ...[
    'failure',
    'failed',
    'execve',
    'syscall',
    'path',
    'create',
    'update',
    'read',
    'list',
    'user',
    'admin',
    'root',
    'system',
  ],
  ...[
    'allow',
    'none',
    'null',
    'security',
    'login',
    'password',
    'assumedrole',
    'iamuser',
    'console',
    'application',
    'service',
  ],
  ...[
    's3.amazonaws.com',
    'ec2.amazonaws.com',
    'iam.amazonaws.com',
    'sts.amazonaws.com',
    'accepted',
    'error',
    'session',
  ],
  ...['127.0.0.1', '0.0.0.0', 'localhost', 'ssh', 'curl', 'bash', 'python', 'cmd.exe', 'powershell.exe', 'powershell'],
  ...[
    'secrets',
    'pods',
    'get ',
    ' -c ',
    ' -e ',
    ' -s ',
    ' /c ',
    'index',
    'api',
    'select',
    'html',
    'javascript',
    'image',
  ],
];

/**
 * A guess at the share of events that hold a literal. Length counts most: each further character makes it rarer, signs
 * that paths and words lack more than others; what lies within a word of every log is common whatever its length.
 */
export function commonness(literal: string, place: LiteralPlace): number {
  if (literal === '') return 0.3;
  let bits = 0;
  for (let at = 0; at < literal.length && bits < 20; at++) bits += bitsOf(literal.charCodeAt(at));
  const byLength = 0.5 ** bits * (place === 'inside' ? 4 : 1);
  return isEverywhere(literal, place) ? Math.max(place === 'whole' ? 0.4 : 0.2, byLength) : Math.min(1, byLength);
}

const FREQUENT_SIGNS = new Set(Array.from(' -./:_=,&?\\%', (sign) => sign.charCodeAt(0)));

/** By letter, how seldom English writes it: the negative binary logarithm of its share. */
const LETTER_BITS = [
  ...[3.6, 6.1, 5.2, 4.6, 3.0, 5.5, 5.6, 4.0, 3.8, 9.3, 7.0, 4.6, 5.4],
  ...[3.9, 3.7, 5.7, 10.0, 4.1, 4.0, 3.5, 5.2, 6.7, 5.4, 9.4, 5.7, 10.4],
];

/** How much rarer one character makes a literal. */
function bitsOf(code: number): number {
  if (code >= 97 && code <= 122) return 1.5;
  return FREQUENT_SIGNS.has(code) || (code >= 48 && code <= 57) ? 1.2 : 3;
}

function isEverywhere(literal: string, place: LiteralPlace): boolean {
  if (place === 'whole') return EVERYWHERE_WHOLE.has(literal);
  return literal.length <= LONGEST && EVERYWHERE_JOINED.includes(literal);
}

const EVERYWHERE_WHOLE: ReadonlySet<string> = new Set(EVERYWHERE);
const LONGEST = Math.max(...EVERYWHERE.map((word) => word.length));
const EVERYWHERE_JOINED = EVERYWHERE.join('\n');

/** How rare a character is guessed to be, in bits; letters as in English. */
export const RARITY_BITS = Float64Array.from({ length: 128 }, (_, code) => {
  if (code >= 97 && code <= 122) return LETTER_BITS[code - 97] ?? 0;
  return FREQUENT_SIGNS.has(code) || (code >= 48 && code <= 57) ? 4.5 : 8;
});
