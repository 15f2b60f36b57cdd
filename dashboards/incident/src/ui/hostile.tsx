import { Fragment, useState } from 'react';
import { visible } from './visible';

interface HostileProps {
  text: string;
  /** Characters shown before the rest is folded. */
  fold?: number;
  mono?: boolean;
}

/** Text from an event, a mail or a form: shown as text, unseen characters made visible, long values folded. */
export function Hostile({ text, fold = 240, mono = false }: HostileProps) {
  const [isOpen, setOpen] = useState(false);
  const isLong = text.length > fold;
  const shown = isLong && !isOpen ? text.slice(0, fold) : text;
  return (
    <span className={mono ? 'sw-hostile sw-mono' : 'sw-hostile'}>
      {visible(shown).map((part, i) =>
        i % 2 === 0 ? (
          <Fragment key={i}>{part}</Fragment>
        ) : (
          <span key={i} className="sw-control" title="A character that would not be seen">
            {part}
          </span>
        ),
      )}
      {isLong && (
        <button type="button" className="sw-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'fold' : `… all ${text.length.toLocaleString()} characters`}
        </button>
      )}
    </span>
  );
}
