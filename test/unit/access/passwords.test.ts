import { passwordFault } from '../../../src/access/password-rules.js';

const account = { email: 'ada.byron@example.test', name: 'Ada Byron' };

describe('a password', () => {
  it.each(['seven grey herons', 'correct-donkey-battery-nail', 'äöü ist auch ein Passwort', 'kX9#mQ2$vL7!pR4@'])(
    '%s is taken',
    (password) => {
      expect(passwordFault(password, account)).toBeUndefined();
    },
  );
  it.each([
    ['short', /at least 12/],
    ['x'.repeat(11), /at least 12/],
    ['seven grey herons '.repeat(5), /at most 72 bytes/],
    ['ü'.repeat(30) + 'abcdefgh12345', /at most 72 bytes/],
    ['password123456', /first that an attacker tries/],
    ['P@ssw0rd!!!!', /first that an attacker tries/],
    ['123456789012', /first that an attacker tries/],
    ['iloveyouiloveyou', /first that an attacker tries/],
    ['manchesterunited', /first that an attacker tries/],
    ['ababababababab', /repeats too few/],
    ['silowatch2026', /little more than a name/],
    ['AdaByron1815!', /little more than a name/],
    ['nul\0in the middle', /NUL/],
  ])('%j is refused', (password, why) => {
    expect(passwordFault(password, account)).toMatch(why);
  });
});
