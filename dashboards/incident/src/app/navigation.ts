import {
  IconActivityHeartbeat,
  IconAlertTriangle,
  IconBellRinging,
  IconBuilding,
  IconClipboardCheck,
  IconFlame,
  IconHistory,
  IconInbox,
  IconMail,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';

interface Place {
  readonly to:
    | '/'
    | '/incidents'
    | '/alerts'
    | '/silos'
    | '/on-call'
    | '/disclosure'
    | '/notices'
    | '/reviews'
    | '/trail'
    | '/users';
  readonly label: string;
  readonly icon: Icon;
  /** Second key after g. */
  readonly key: string;
  /** Without it the place is left out. */
  readonly permission: string;
  readonly about: string;
}

/** The pages, in the order of the questions they answer. */
export const places: readonly Place[] = [
  {
    to: '/',
    label: 'Now',
    icon: IconActivityHeartbeat,
    key: 'n',
    permission: 'security.see',
    about: 'What is burning, who is on it',
  },
  {
    to: '/incidents',
    label: 'Incidents',
    icon: IconFlame,
    key: 'i',
    permission: 'security.see',
    about: 'All incidents, open and closed',
  },
  {
    to: '/alerts',
    label: 'Alerts',
    icon: IconAlertTriangle,
    key: 'a',
    permission: 'security.see',
    about: 'The triage queue',
  },
  {
    to: '/silos',
    label: 'Silos',
    icon: IconBuilding,
    key: 's',
    permission: 'security.see',
    about: 'Streams, lag and agents per silo',
  },
  {
    to: '/on-call',
    label: 'On call',
    icon: IconBellRinging,
    key: 'o',
    permission: 'security.see',
    about: 'Who is paged, and what happened to each page',
  },
  {
    to: '/notices',
    label: 'Notices',
    icon: IconMail,
    key: 'm',
    permission: 'security.see',
    about: 'What customers are told',
  },
  {
    to: '/disclosure',
    label: 'Disclosure',
    icon: IconInbox,
    key: 'd',
    permission: 'disclosure.work',
    about: 'Reports from researchers',
  },
  {
    to: '/reviews',
    label: 'Reviews',
    icon: IconClipboardCheck,
    key: 'r',
    permission: 'security.see',
    about: 'Corrective actions and lessons',
  },
  { to: '/trail', label: 'Trail', icon: IconHistory, key: 't', permission: 'trail.read', about: 'Who did what' },
  {
    to: '/users',
    label: 'Users',
    icon: IconUsers,
    key: 'u',
    permission: 'settings.change',
    about: 'Accounts and roles',
  },
];
