import { Alert, Button, CopyButton, Drawer, Group, MultiSelect, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../api/client';
import type { User } from '../api/types';
import { silosQuery } from '../silos/silo-queries';
import { words } from '../ui/badges';
import { FormEnd } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';

type Role = User['roles'][number];
const roles: Role[] = ['viewer', 'responder', 'commander', 'comms', 'admin', 'auditor'];

interface Values {
  name: string;
  email: string;
  roles: Role[];
  seesAll: boolean;
  tenants: string[];
}

const tenantsOf = (values: Values): 'all' | string[] => (values.seesAll ? 'all' : values.tenants);

function Fields({ form, isNew }: { form: UseFormReturnType<Values>; isNew: boolean }) {
  const silos = useQuery(silosQuery);
  return (
    <>
      <TextInput label="Name" required {...form.getInputProps('name')} />
      <TextInput label="Email" type="email" required readOnly={!isNew} {...form.getInputProps('email')} />
      <MultiSelect
        label="Roles"
        data={roles.map((role) => ({ value: role, label: words(role) }))}
        {...form.getInputProps('roles')}
      />
      <Switch label="Sees all silos" {...form.getInputProps('seesAll', { type: 'checkbox' })} />
      {!form.values.seesAll && (
        <MultiSelect
          label="Sees only"
          required
          searchable
          data={(silos.data ?? []).map((silo) => ({ value: silo.tenant, label: silo.name }))}
          {...form.getInputProps('tenants')}
        />
      )}
    </>
  );
}

/** Shown once: the service keeps only its hash. */
function SetupPassword({ password, onClose }: { password: string; onClose: () => void }) {
  return (
    <Stack gap="sm">
      <Alert color="yellow" title="Shown only now">
        Hand this over by a way that you trust. It is good for 72 hours; at the first sign-in they choose their own and
        enrol a second factor.
      </Alert>
      <TextInput label="Set-up password" readOnly value={password} className="sw-mono" />
      <Group justify="flex-end">
        <CopyButton value={password}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

export function NewUserForm({ onClose }: { onClose: () => void }) {
  const form = useForm<Values>({
    initialValues: { name: '', email: '', roles: ['viewer'], seesAll: true, tenants: [] },
  });
  const add = useAct({
    run: (values: Values) =>
      take(
        api.POST('/api/users', {
          body: { name: values.name, email: values.email, roles: values.roles, tenants: tenantsOf(values) },
        }),
      ),
    topics: ['user'],
    showsErrors: true,
  });
  return (
    <Drawer opened onClose={onClose} title="Add a user">
      {add.data !== undefined ? (
        <SetupPassword password={add.data.setupPassword} onClose={onClose} />
      ) : (
        <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
          <Stack gap="sm">
            <Fields form={form} isNew />
            <ProblemNote error={add.error} />
            <FormEnd submit="Add" isPending={add.isPending} onCancel={onClose} />
          </Stack>
        </form>
      )}
    </Drawer>
  );
}

export function UserForm({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState<string | null>(null);
  const form = useForm<Values>({
    initialValues: {
      name: user.name,
      email: user.email,
      roles: user.roles,
      seesAll: user.tenants === 'all',
      tenants: user.tenants === 'all' ? [] : user.tenants,
    },
  });
  const params = { path: { id: user.id } };
  const save = useAct({
    run: (values: Values) =>
      take(
        api.PATCH('/api/users/{id}', {
          params,
          body: { version: user.version, name: values.name, roles: values.roles, tenants: tenantsOf(values) },
        }),
      ),
    done: 'Saved. New rights wait for another administrator.',
    topics: ['user'],
    showsErrors: true,
    then: onClose,
  });
  const state = useAct({
    run: (next: 'active' | 'disabled') =>
      take(api.PATCH('/api/users/{id}', { params, body: { version: user.version, state: next } })),
    done: (_, next) => (next === 'disabled' ? 'Disabled: all sessions have ended' : 'Enabled'),
    topics: ['user'],
    then: onClose,
  });
  const reset = useAct({
    run: (what: 'resetFactors' | 'resetPassword') =>
      take(api.PATCH('/api/users/{id}', { params, body: { version: user.version, [what]: true } })),
    topics: ['user'],
    then: (answer) => (answer.setupPassword === null ? onClose() : setPassword(answer.setupPassword)),
  });
  return (
    <Drawer opened onClose={onClose} title={user.name}>
      {password !== null ? (
        <SetupPassword password={password} onClose={onClose} />
      ) : (
        <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
          <Stack gap="sm">
            <Fields form={form} isNew={false} />
            <ProblemNote error={save.error} />
            <FormEnd submit="Save" isPending={save.isPending} onCancel={onClose} />
            <Text size="sm" fw={600} mt="md">
              Account
            </Text>
            <Group gap="xs">
              <GuardedButton
                permission="settings.change"
                variant="default"
                loading={reset.isPending}
                onClick={() => reset.mutate('resetPassword')}
              >
                New set-up password
              </GuardedButton>
              <GuardedButton
                permission="settings.change"
                variant="default"
                loading={reset.isPending}
                onClick={() => reset.mutate('resetFactors')}
              >
                Reset the second factor
              </GuardedButton>
              <GuardedButton
                permission="settings.change"
                variant="default"
                loading={state.isPending}
                onClick={() => state.mutate(user.state === 'disabled' ? 'active' : 'disabled')}
              >
                {user.state === 'disabled' ? 'Enable' : 'Disable'}
              </GuardedButton>
            </Group>
          </Stack>
        </form>
      )}
    </Drawer>
  );
}
