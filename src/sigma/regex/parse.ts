import { type RegexNode } from './node.js';

/** Groups within groups beyond this are not analysed. */
const MAX_GROUPS = 100;

/**
 * Reads a regular expression of the common kind (PCRE without back references, conditionals and comments); undefined
 * for anything else, about which then nothing is known.
 */
export function parseRegex(source: string): RegexNode | undefined {
  if (source.length > 10_000) return undefined;
  try {
    const parser = new RegexParser(source);
    return parser.parse();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

class Unsupported extends Error {}

const CLASS_LETTERS = 'dDwWsShHvVN';
const CONTROL: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['f', 12],
  ['a', 7],
  ['e', 27],
  ['0', 0],
]);
const UNKNOWN_CLASS: RegexNode = { kind: 'class', codes: undefined };

class RegexParser {
  #at = 0;
  #depth = 0;

  constructor(private readonly source: string) {}

  parse(): RegexNode {
    const node = this.#choice();
    if (this.#at < this.source.length) throw new Unsupported();
    return node;
  }

  #choice(): RegexNode {
    const parts = [this.#sequence()];
    while (this.#accept('|')) parts.push(this.#sequence());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'choice', parts };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.source.length && !/[|)]/.test(this.#peek())) parts.push(this.#repeated(this.#atom()));
    return { kind: 'sequence', parts };
  }

  #repeated(body: RegexNode): RegexNode {
    const match = /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})[?+]?/.exec(this.source.slice(this.#at, this.#at + 16));
    if (match === null) return body;
    const [whole, sign, least, comma, most] = match;
    this.#at += whole.length;
    if (/^[*+?]/.test(this.#peek())) throw new Unsupported();
    if (sign !== undefined)
      return { kind: 'repeat', body, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    const min = Number(least);
    const max = comma === undefined ? min : most === '' ? Infinity : Number(most);
    return { kind: 'repeat', body, min, max };
  }

  #atom(): RegexNode {
    const char = this.#take();
    if (char === '(') return this.#group();
    if (char === '[') return this.#class();
    if (char === '\\') return this.#escape();
    if (char === '.') return UNKNOWN_CLASS;
    if (char === '^' || char === '$') return { kind: 'edge' };
    if (/[*+?]/.test(char)) throw new Unsupported();
    return { kind: 'char', code: char.codePointAt(0) ?? 0 };
  }

  #group(): RegexNode {
    if (++this.#depth > MAX_GROUPS) throw new Unsupported();
    let isLook = false;
    if (this.#accept('?')) {
      const match = /^(?:([=!]|<[=!])|:|P?<[A-Za-z_]\w*>|([imsU-]+)([:)]))/.exec(
        this.source.slice(this.#at, this.#at + 80),
      );
      if (match === null) throw new Unsupported();
      this.#at += match[0].length;
      isLook = match[1] !== undefined;
      // Flags change case, lines and dots, none of which the analysis counts on.
      if (match[3] === ')') return { kind: 'edge' };
    }
    const body = this.#choice();
    if (!this.#accept(')')) throw new Unsupported();
    this.#depth--;
    return isLook ? { kind: 'look', body } : body;
  }

  #escape(): RegexNode {
    const char = this.#take();
    if (CLASS_LETTERS.includes(char)) return UNKNOWN_CLASS;
    if (/[bBAzZ]/.test(char)) return { kind: 'edge' };
    const code = this.#escapedCode(char);
    if (code === undefined) throw new Unsupported();
    return { kind: 'char', code };
  }

  #escapedCode(char: string): number | undefined {
    const control = CONTROL.get(char);
    if (control !== undefined) return control;
    const hex = /^(?:x([0-9a-f]{2})|x\{([0-9a-f]{1,6})\}|u([0-9a-f]{4}))/i.exec(
      char + this.source.slice(this.#at, this.#at + 9),
    );
    if (hex !== null) {
      this.#at += hex[0].length - 1;
      return Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16);
    }
    return /[A-Za-z0-9]/.test(char) ? undefined : char.codePointAt(0);
  }

  /** A character class; its characters are listed when they are few. */
  #class(): RegexNode {
    const isNegated = this.#accept('^');
    const codes: number[] = [];
    let isKnown = !isNegated;
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      const char = this.#take();
      if (char === '[' && this.#peek() === ':') throw new Unsupported();
      let code = char.codePointAt(0);
      if (char === '\\') {
        const escaped = this.#take();
        code = CLASS_LETTERS.includes(escaped) ? undefined : escaped === 'b' ? 8 : this.#escapedCode(escaped);
      }
      if (code === undefined || this.#isRange()) isKnown = false;
      else codes.push(code);
    }
    this.#take();
    return { kind: 'class', codes: isKnown && codes.length <= 8 ? codes : undefined };
  }

  #isRange(): boolean {
    const isRange = this.#peek() === '-' && this.source.charAt(this.#at + 1) !== ']';
    if (isRange) {
      this.#at++;
      if (this.#take() === '\\') this.#escapedCode(this.#take());
    }
    return isRange;
  }

  #peek(): string {
    return this.source.charAt(this.#at);
  }

  #take(): string {
    const code = this.source.codePointAt(this.#at);
    if (code === undefined) throw new Unsupported();
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return char;
  }

  #accept(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }
}
