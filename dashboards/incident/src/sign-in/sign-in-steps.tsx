import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import { api, setCsrfToken, take } from '../api/client';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';

type Next = 'totp' | 'enrol' | 'done';

export function PasswordStep({ isReturn, onNext }: { isReturn: boolean; onNext: (next: Next) => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const enter = useAct({
    run: () => take(api.POST('/api/session/password', { body: { email: email.trim(), password } })),
    topics: [],
    showsErrors: true,
    then: ({ next }) => onNext(next),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Title order={1}>Sign in</Title>
      <Text size="sm" c="dimmed" mb="md">
        {isReturn
          ? 'Your session has ended, or had not begun. You come back to the page you wanted.'
          : 'With your work account.'}
      </Text>
      <Stack gap="sm">
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ProblemNote error={enter.error} />
        <Button type="submit" size="md" mt={4} loading={enter.isPending}>
          Continue
        </Button>
      </Stack>
    </form>
  );
}

export function CodeStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const [code, setCode] = useState('');
  const confirm = useAct({
    run: () => take(api.POST('/api/session/totp', { body: { code: code.replaceAll(/\s/g, '') } })),
    topics: [],
    showsErrors: true,
    then: (me) => {
      setCsrfToken(me.csrfToken);
      onDone();
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Title order={1}>Second factor</Title>
      <Text size="sm" c="dimmed" mb="md">
        The six digits your authenticator shows, or one of your recovery codes.
      </Text>
      <Stack gap="sm">
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          autoFocus
          required
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <ProblemNote error={confirm.error} />
        <Button type="submit" size="md" mt={4} loading={confirm.isPending}>
          Sign in
        </Button>
        <Button variant="subtle" onClick={onBack}>
          Use another account
        </Button>
      </Stack>
    </form>
  );
}
