import { queryOptions, useQuery } from '@tanstack/react-query';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api, take } from '../api/client';
import { about } from '../api/topics';
import type { User } from '../api/types';
import { useMe } from '../app/session';
import { Badge, type Tone, words } from '../ui/badges';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page } from '../ui/panel';
import { Ago } from '../ui/time';
import { useAct } from '../ui/use-act';
import { NewUserForm, UserForm } from './user-forms';

const usersQuery = queryOptions({
  queryKey: ['users'],
  meta: about('user'),
  queryFn: async () => (await take(api.GET('/api/users'))).items,
});

const tones: Record<User['state'], Tone> = { invited: 'warn', active: 'good', disabled: 'plain' };

/** Rights that another administrator must grant. */
function PendingGrant({ user }: { user: User }) {
  const me = useMe();
  const grant = user.pendingGrant;
  const params = { path: { id: user.id, grantId: grant?.id ?? '' } };
  const approve = useAct({
    run: () => take(api.POST('/api/users/{id}/grants/{grantId}/approve', { params })),
    done: 'Granted',
    topics: ['user'],
  });
  const reject = useAct({
    run: () => take(api.POST('/api/users/{id}/grants/{grantId}/reject', { params })),
    done: 'Rejected',
    topics: ['user'],
  });
  if (grant === null) return null;
  return (
    <div className="sw-card-line">
      <Badge tone="warn">Asked for: {grant.roles.map(words).join(', ')}</Badge>
      <GuardedButton
        permission="settings.change"
        blocked={grant.requestedBy === me?.id ? 'Another administrator grants what you asked for.' : undefined}
        size="compact-xs"
        loading={approve.isPending}
        onClick={() => approve.mutate()}
      >
        Grant
      </GuardedButton>
      <GuardedButton
        permission="settings.change"
        variant="default"
        size="compact-xs"
        loading={reject.isPending}
        onClick={() => reject.mutate()}
      >
        Reject
      </GuardedButton>
    </div>
  );
}

function UserTable({ users, onEdit }: { users: readonly User[]; onEdit: (user: User) => void }) {
  return (
    <div className="sw-panel sw-scroll" tabIndex={0} role="region" aria-label="Users">
      <table className="sw-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Roles</th>
            <th>Silos</th>
            <th>State</th>
            <th>Second factor</th>
            <th>Last sign-in</th>
            <th>
              <span className="sw-hidden">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <td>
                <b>
                  <Hostile text={user.name} fold={60} />
                </b>
                <br />
                <span className="sw-dim">
                  <Hostile text={user.email} fold={60} />
                </span>
              </td>
              <td>
                {user.roles.map(words).join(', ')}
                <PendingGrant user={user} />
              </td>
              <td>{user.tenants === 'all' ? 'all' : user.tenants.join(', ')}</td>
              <td>
                <Badge tone={tones[user.state]}>{words(user.state)}</Badge>
              </td>
              <td>{user.hasFactor ? 'Enrolled' : <Badge tone="warn">Not yet</Badge>}</td>
              <td className="sw-dim">{user.lastSignInAt === null ? 'never' : <Ago at={user.lastSignInAt} />}</td>
              <td data-end>
                <GuardedButton
                  permission="settings.change"
                  variant="default"
                  size="compact-sm"
                  onClick={() => onEdit(user)}
                >
                  Edit
                </GuardedButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Accounts, their roles and the silos they see. */
export function UsersPage() {
  const query = useQuery(usersQuery);
  const [open, setOpen] = useState<User | 'new' | null>(null);
  return (
    <Page
      title="Users"
      lead="A role is granted by a second administrator. Everybody needs a second factor, without exception."
      more={
        <GuardedButton
          permission="settings.change"
          leftSection={<IconUserPlus size={16} aria-hidden />}
          onClick={() => setOpen('new')}
        >
          Add a user
        </GuardedButton>
      }
    >
      <Loaded query={query} lines={6}>
        {(users) =>
          users.length === 0 ? (
            <div className="sw-panel">
              <Quiet title="Nobody">Add the first account, or use silowatch user add.</Quiet>
            </div>
          ) : (
            <UserTable users={users} onEdit={setOpen} />
          )
        }
      </Loaded>
      {open === 'new' && <NewUserForm onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && <UserForm user={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}
