const KEY = 'silowatch.single-keys';

/** Single-key shortcuts can be turned off (WCAG 2.1.4), per browser. */
export const areKeysOn = (): boolean => localStorage.getItem(KEY) !== 'off';
export const setKeysOn = (isOn: boolean): void => localStorage.setItem(KEY, isOn ? 'on' : 'off');
