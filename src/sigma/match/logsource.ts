import { type Logsource } from '../model.js';

/** The log source that a parsed event names itself. */
export function logsourceOfFields(fields: Readonly<Record<string, unknown>>): Logsource | undefined {
  return Object.hasOwn(fields, 'logsource') ? logsourceOf(fields['logsource']) : undefined;
}

/** The log source that a JSON value is; parts that are no texts are left out. */
export function logsourceOf(value: unknown): Logsource | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const part = (name: keyof Logsource): Logsource => {
    const text: unknown = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
    return typeof text === 'string' ? { [name]: text } : {};
  };
  return { ...part('category'), ...part('product'), ...part('service') };
}

/** Every part that the rule names is the event's; a part that the rule leaves out is any (Sigma spec 2.1). */
export function agrees(rule: Logsource, event: Logsource | undefined): boolean {
  return (
    (rule.category === undefined || rule.category === event?.category?.toLowerCase()) &&
    (rule.product === undefined || rule.product === event?.product?.toLowerCase()) &&
    (rule.service === undefined || rule.service === event?.service?.toLowerCase())
  );
}
