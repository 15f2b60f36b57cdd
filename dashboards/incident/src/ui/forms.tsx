import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type SubmitEvent, type ReactNode, useState } from 'react';
import { ProblemNote } from './loaded';

interface ReasonDialogProps {
  title: string;
  /** What will follow from it. */
  about?: ReactNode;
  label?: string;
  placeholder?: string;
  submit: string;
  isDangerous?: boolean;
  /** More fields, above the reason. */
  children?: ReactNode;
  isPending: boolean;
  error: unknown;
  onSubmit: (reason: string) => void;
  onClose: () => void;
}

/** A question whose answer goes on record. */
export function ReasonDialog(props: ReasonDialogProps) {
  const [reason, setReason] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    props.onSubmit(reason.trim());
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {props.about !== undefined && (
            <Text size="sm" c="dimmed">
              {props.about}
            </Text>
          )}
          {props.children}
          <Textarea
            label={props.label ?? 'Reason'}
            description="It goes on the timeline under your name."
            placeholder={props.placeholder ?? ''}
            required
            data-autofocus
            minRows={3}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ProblemNote error={props.error} />
          <FormEnd
            submit={props.submit}
            isPending={props.isPending}
            onCancel={props.onClose}
            isDangerous={props.isDangerous ?? false}
          />
        </Stack>
      </form>
    </Modal>
  );
}

interface FormEndProps {
  submit: string;
  isPending: boolean;
  onCancel: () => void;
  isDangerous?: boolean;
}

export function FormEnd({ submit, isPending, onCancel, isDangerous = false }: FormEndProps) {
  return (
    <Group justify="flex-end" gap="xs" mt="xs">
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isPending} {...(isDangerous ? { color: 'red.8' } : {})}>
        {submit}
      </Button>
    </Group>
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as `datetime-local` wants it, in the viewer's zone. */
export function toLocalInput(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What was typed into a `datetime-local`, as RFC 3339 UTC; null when empty. */
export const fromLocalInput = (text: string): string | null => (text === '' ? null : new Date(text).toISOString());

/** Today in the viewer's zone, as a date input wants it. */
export const today = (): string => toLocalInput(new Date().toISOString()).slice(0, 10);

/** Lets Enter send a form that shows no button: browsers do so only where there is one, or one field in all. */
export const EnterSubmits = () => <button type="submit" hidden />;
