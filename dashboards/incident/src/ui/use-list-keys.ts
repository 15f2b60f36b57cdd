import { useEffect, useRef } from 'react';
import { areKeysOn } from '../app/shortcuts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Whether a single key may act now: shortcuts are on, nobody types, no dialog is open. */
export const mayAct = (event: KeyboardEvent): boolean =>
  areKeysOn() &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  !isTyping(event.target) &&
  // Closed lists of choices stay in the document, unseen.
  ![...document.querySelectorAll('[role="dialog"],[role="menu"],[role="listbox"]')].some((layer) =>
    layer.checkVisibility(),
  );

/**
 * Moves through the elements marked `data-row` inside the returned ref by j and k; Enter opens them, being links or buttons themselves.
 */
export function useListKeys<E extends HTMLElement>(): React.RefObject<E | null> {
  const list = useRef<E>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.key !== 'j' && event.key !== 'k') || !mayAct(event) || list.current === null) return;
      const rows = [...list.current.querySelectorAll<HTMLElement>('[data-row]')];
      const at = rows.indexOf(document.activeElement as HTMLElement);
      const next = at < 0 ? (event.key === 'j' ? 0 : rows.length - 1) : at + (event.key === 'j' ? 1 : -1);
      rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return list;
}
