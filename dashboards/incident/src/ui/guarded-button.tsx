import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';
import { useMay } from '../app/session';

interface GuardedButtonProps extends ButtonProps, Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> {
  /** What one needs; without it the button stays, disabled, and says why. */
  permission: string;
  /** Another reason why it cannot be pressed now. */
  blocked?: string | undefined;
}

const needs: Record<string, string> = {
  'incidents.work': 'Needs the role responder or commander.',
  'containment.approve': 'Needs the role commander.',
  'notices.write': 'Needs the role comms or commander.',
  'evidence.see': 'Needs the role responder or commander: raw events may hold personal data.',
  'settings.change': 'Needs the role administrator.',
  'disclosure.work': 'Needs the role responder, commander or comms.',
};

/** A button that stays reachable by keyboard when it cannot be pressed, and gives the reason. */
export function GuardedButton({ permission, blocked, onClick, children, ...rest }: GuardedButtonProps) {
  const isAllowed = useMay(permission);
  const reason = isAllowed ? blocked : (needs[permission] ?? 'Your role does not include this.');
  if (reason === undefined) {
    return (
      <Button {...rest} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={reason}>
      <Button
        {...rest}
        data-disabled
        aria-disabled
        type="button"
        aria-description={reason}
        onClick={(event) => event.preventDefault()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
