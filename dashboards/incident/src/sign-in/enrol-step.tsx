import { Button, Checkbox, CopyButton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api, take } from '../api/client';
import { Loaded, ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [isKept, setKept] = useState(false);
  return (
    <Stack gap="sm">
      <Title order={1}>Keep these codes</Title>
      <Text size="sm" c="dimmed">
        Each signs you in once, should you lose your authenticator. They are shown only now.
      </Text>
      <ul className="sw-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyButton value={codes.join('\n')}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {copied ? 'Copied' : 'Copy all'}
          </Button>
        )}
      </CopyButton>
      <Checkbox
        label="I have put them in a safe place"
        checked={isKept}
        onChange={(event) => setKept(event.currentTarget.checked)}
      />
      <Button size="md" disabled={!isKept} onClick={onDone}>
        Go on
      </Button>
    </Stack>
  );
}

/** Until a second factor is enrolled an account can do nothing else. */
export function EnrolStep({ onDone }: { onDone: () => void }) {
  const [code, setCode] = useState('');
  const started = useQuery({
    queryKey: ['enrol'],
    staleTime: Infinity,
    refetchInterval: false,
    queryFn: () => take(api.POST('/api/session/enrol/start')),
  });
  const finish = useAct({
    run: () => take(api.POST('/api/session/enrol/finish', { body: { code: code.replaceAll(/\s/g, '') } })),
    topics: [],
    showsErrors: true,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    finish.mutate();
  };
  if (finish.data !== undefined) return <RecoveryCodes codes={finish.data.recoveryCodes} onDone={onDone} />;
  return (
    <form onSubmit={submit}>
      <Title order={1}>Add a second factor</Title>
      <Text size="sm" c="dimmed" mb="md">
        Scan this with an authenticator app, then type the six digits it shows.
      </Text>
      <Loaded query={started} lines={6}>
        {({ secret, qrSvg }) => (
          <Stack gap="sm">
            <div className="sw-qr">
              <img
                src={`data:image/svg+xml;utf8,${encodeURIComponent(qrSvg)}`}
                alt="QR code of the secret below"
                width={184}
                height={184}
              />
            </div>
            <Text size="xs" c="dimmed">
              Cannot scan? Type this secret:{' '}
              <span className="sw-mono">{secret.replaceAll(/(.{4})/g, '$1 ').trim()}</span>
            </Text>
            <TextInput
              label="Six-digit code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <ProblemNote error={finish.error} />
            <Button type="submit" size="md" loading={finish.isPending}>
              Confirm
            </Button>
          </Stack>
        )}
      </Loaded>
    </form>
  );
}
