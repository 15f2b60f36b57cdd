import { Menu, Modal, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconKeyboardOff,
  IconLock,
  IconLogout,
  IconMoon,
  IconSun,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, done } from '../api/client';
import { words } from '../ui/badges';
import { useAct } from '../ui/use-act';
import { PasswordForm } from './password-form';
import { useMe } from './session';
import { areKeysOn, setKeysOn } from './shortcuts';

const schemes: { value: MantineColorScheme; label: string; icon: typeof IconSun }[] = [
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
];

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((part) => part.charAt(0))
    .slice(0, 2)
    .join('')
    .toUpperCase();

function PasswordDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Change your password">
      <PasswordForm />
    </Modal>
  );
}

/** Who is signed in, how the page looks, and the way out. */
export function AccountMenu({ isShort = false }: { isShort?: boolean }) {
  const me = useMe();
  const queries = useQueryClient();
  const router = useRouter();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [keysOn, showKeysOn] = useState(areKeysOn);
  const [isPasswordOpen, password] = useDisclosure(false);
  const signOut = useAct({
    run: () => done(api.DELETE('/api/session')),
    topics: [],
    then: () => {
      queries.clear();
      void router.invalidate();
    },
  });
  if (me === null) return null;
  return (
    <>
      <Menu width={230} position="top-start">
        <Menu.Target>
          <UnstyledButton className={isShort ? 'sw-icon-button' : 'sw-account'} aria-label={`Account of ${me.name}`}>
            <span className="sw-face" aria-hidden>
              {initials(me.name)}
            </span>
            {!isShort && (
              <span className="sw-grow">
                <span className="sw-cut">{me.name}</span>
                <small>{me.roles.map(words).join(', ')}</small>
              </span>
            )}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{me.email}</Menu.Label>
          {schemes.map((scheme) => (
            <Menu.Item
              key={scheme.value}
              leftSection={<scheme.icon size={15} />}
              rightSection={colorScheme === scheme.value ? '✓' : undefined}
              onClick={() => setColorScheme(scheme.value)}
            >
              {scheme.label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={keysOn ? <IconKeyboard size={15} /> : <IconKeyboardOff size={15} />}
            onClick={() => {
              setKeysOn(!keysOn);
              showKeysOn(!keysOn);
            }}
          >
            Single-key shortcuts: {keysOn ? 'on' : 'off'}
          </Menu.Item>
          <Menu.Item leftSection={<IconLock size={15} />} onClick={password.open}>
            Change password
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isPasswordOpen && <PasswordDialog onClose={password.close} />}
    </>
  );
}
