import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { api, done } from '../api/client';
import { ProblemNote } from '../ui/loaded';
import { useAct } from '../ui/use-act';
import { sessionQuery } from './session';

/** Changes one's own password; that ends all sessions, this one too. */
export function PasswordForm() {
  const queries = useQueryClient();
  const router = useRouter();
  const form = useForm({ initialValues: { currentPassword: '', newPassword: '' } });
  const change = useAct({
    run: (body: { currentPassword: string; newPassword: string }) =>
      done(api.POST('/api/session/password-change', { body })),
    done: 'Password changed, and signed out everywhere. Sign in with the new one.',
    topics: [],
    showsErrors: true,
    then: () => {
      queries.setQueryData(sessionQuery.queryKey, null);
      void router.invalidate();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack gap="sm">
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          {...form.getInputProps('currentPassword')}
        />
        <PasswordInput
          label="New password"
          description="12 characters or more, at most 72 bytes, not one of the common ones."
          autoComplete="new-password"
          required
          {...form.getInputProps('newPassword')}
        />
        <ProblemNote error={change.error} />
        <Button type="submit" loading={change.isPending}>
          Change password and sign in anew
        </Button>
      </Stack>
    </form>
  );
}
