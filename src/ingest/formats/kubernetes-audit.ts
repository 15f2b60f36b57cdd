import { isObject, type JsonObject } from './read-json.js';

/** An event of the API server's audit log (`audit.k8s.io/v1`); within a list it does not say what it is, but by the members that each has. */
export function isKubernetesAudit(record: JsonObject): boolean {
  const { apiVersion } = record;
  if (apiVersion === undefined) return 'auditID' in record && 'stage' in record && 'level' in record;
  return typeof apiVersion === 'string' && apiVersion.startsWith('audit.k8s.io/');
}

/**
 * Its own members, and three that community rules read under names of their own: `apiGroup`, and, of a pod that is made, `hostPath` (paths of the node that it
 * mounts) and `capabilities` (those that its containers add).
 */
export function kubernetesFields(record: JsonObject): JsonObject {
  const fields = { ...record };
  const group = objectAt(record, 'objectRef')?.['apiGroup'];
  if (typeof group === 'string') fields['apiGroup'] = group;
  const pod = podSpecOf(objectAt(record, 'requestObject'));
  if (pod === undefined) return fields;
  const paths = listAt(pod, 'volumes').flatMap((volume) => textsOf([objectAt(volume, 'hostPath')?.['path']]));
  const added = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((kind) =>
    listAt(pod, kind).flatMap((container) => addedTo(container)),
  );
  if (paths.length > 0) fields['hostPath'] = paths;
  if (added.length > 0) fields['capabilities'] = added;
  return fields;
}

function objectAt(holder: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = holder?.[name];
  return isObject(value) ? value : undefined;
}

function listAt(holder: JsonObject, name: string): JsonObject[] {
  const value = holder[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

const textsOf = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === 'string');

/** Of a pod itself, or of the template of what makes pods. */
function podSpecOf(made: JsonObject | undefined): JsonObject | undefined {
  const spec = objectAt(made, 'spec');
  return objectAt(objectAt(spec, 'template'), 'spec') ?? spec;
}

function addedTo(container: JsonObject): string[] {
  const capabilities = objectAt(objectAt(container, 'securityContext'), 'capabilities');
  const added = capabilities?.['add'];
  return Array.isArray(added) ? textsOf(added) : [];
}
