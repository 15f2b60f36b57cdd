/** Asks the person for the second factor when the service wants it again; resolves to whether it was given. */
type Listener = () => void;

let waiting: ((given: boolean) => void)[] = [];
const listeners = new Set<Listener>();
const tell = (): void => listeners.forEach((listener) => listener());

export const stepUp = {
  /** Requests that need it at the same time share one dialog. */
  ask: (): Promise<boolean> =>
    new Promise((resolve) => {
      waiting = [...waiting, resolve];
      tell();
    }),
  answer: (given: boolean): void => {
    const asked = waiting;
    waiting = [];
    tell();
    asked.forEach((resolve) => resolve(given));
  },
  isAsked: (): boolean => waiting.length > 0,
  subscribe: (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
