import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type SubmitEvent, useState, useSyncExternalStore } from 'react';
import { api, done } from '../api/client';
import { stepUp } from '../api/step-up';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';

function CodeForm() {
  const [code, setCode] = useState('');
  const confirm = useAct({
    run: () => done(api.POST('/api/session/step-up', { body: { code: code.replaceAll(/\s/g, '') } })),
    topics: [],
    showsErrors: true,
    then: () => stepUp.answer(true),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          What you are about to do has consequences. Give the code your authenticator shows now; it is good for five
          minutes.
        </Text>
        <TextInput
          label="Six-digit code"
          inputMode="numeric"
          autoComplete="one-time-code"
          data-autofocus
          required
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <ProblemNote error={confirm.error} />
        <Button type="submit" loading={confirm.isPending}>
          Confirm and go on
        </Button>
      </Stack>
    </form>
  );
}

/** Opens whenever the service wants the second factor again, and lets the waiting request go on. */
export function StepUpDialog() {
  const isAsked = useSyncExternalStore(stepUp.subscribe, stepUp.isAsked);
  return (
    <Modal opened={isAsked} onClose={() => stepUp.answer(false)} title="Confirm that it is you" size="sm" zIndex={400}>
      {isAsked && <CodeForm />}
    </Modal>
  );
}
