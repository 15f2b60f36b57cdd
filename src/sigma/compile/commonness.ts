import { type GuardTerm } from './guard.js';

/** Words and stretches that fill logs everywhere: a literal that lies within one of them guards badly. */
const EVERYWHERE = [
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
 * A guess at the share of events that hold a literal. Length counts most: each further character makes it rarer; what
 * lies within a word of every log is common whatever its length; a place in the value makes it a little rarer.
 */
export function commonness({ literal, place }: Pick<GuardTerm, 'literal' | 'place'>): number {
  if (literal === '') return 0.3;
  const byLength = 0.5 ** (1.5 * Math.min(literal.length, 10)) * (place === 'inside' ? 4 : 1);
  return isEverywhere(literal, place) ? Math.max(0.2, byLength) : Math.min(1, byLength);
}

function isEverywhere(literal: string, place: GuardTerm['place']): boolean {
  if (place === 'whole') return EVERYWHERE.includes(literal);
  return EVERYWHERE.some((word) => word.includes(literal));
}
