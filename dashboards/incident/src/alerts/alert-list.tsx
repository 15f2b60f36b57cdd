import type { Alert } from '../api/types';
import { Badge, LevelBadge, VerdictBadge } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Ago } from '../ui/time';
import { useListKeys } from '../ui/use-list-keys';

const keyOf = (alert: Alert, group: string | undefined): string => {
  if (group === 'rule') return alert.ruleTitle;
  if (group === 'silo') return alert.tenant;
  if (group === 'entity') return alert.entities[0]?.value ?? 'Nobody named';
  return '';
};

/** Groups in the order in which their newest alert comes. */
function groupsOf(alerts: readonly Alert[], group: string | undefined): [string, Alert[]][] {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const key = keyOf(alert, group);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [alert]);
    else list.push(alert);
  }
  return [...groups];
}

interface RowProps {
  alert: Alert;
  isOpen: boolean;
  /** The group's heading says the rule already. */
  isRuleKnown: boolean;
  onOpen: (id: string) => void;
}

function AlertRow({ alert, isOpen, isRuleKnown, onOpen }: RowProps) {
  return (
    <li>
      <button
        type="button"
        className="sw-alert"
        data-row
        aria-current={isOpen || undefined}
        onClick={() => onOpen(alert.id)}
      >
        <span>
          <LevelBadge level={alert.level} />
        </span>
        <b>
          <Folded text={isRuleKnown ? (alert.entities[0]?.value ?? alert.ruleTitle) : alert.ruleTitle} />
        </b>
        <span className="sw-alert-end">
          {alert.incidentId !== null && <span className="sw-dim">in incident</span>}
          {alert.resolvedAt !== null && <Badge tone="good">Over</Badge>}
          <VerdictBadge verdict={alert.verdict} />
        </span>
        <span className="sw-alert-sub">
          <span>{alert.tenant}</span>
          <span>
            {alert.count.toLocaleString()} {alert.count === 1 ? 'event' : 'events'}
          </span>
          {alert.entities.slice(isRuleKnown ? 1 : 0, isRuleKnown ? 3 : 2).map((entity) => (
            <span key={`${entity.kind}-${entity.value}`} className="sw-mono">
              <Folded text={entity.value} />
            </span>
          ))}
          {alert.promises.length > 0 && <span>promise {alert.promises.join(', ')}</span>}
          <span>
            <Ago at={alert.lastEventAt} />
          </span>
        </span>
      </button>
    </li>
  );
}

const CUT = 110;
/** A button holds no other button: too long a text is cut here, and whole in the detail. */
const Folded = ({ text }: { text: string }) => <Hostile text={text.length > CUT ? `${text.slice(0, CUT)}…` : text} />;

interface AlertListProps {
  alerts: readonly Alert[];
  group: string | undefined;
  open: string | undefined;
  onOpen: (id: string) => void;
}

export function AlertList({ alerts, group, open, onOpen }: AlertListProps) {
  const list = useListKeys<HTMLDivElement>();
  return (
    <div ref={list}>
      {groupsOf(alerts, group).map(([key, members]) => (
        <section key={key} aria-label={key === '' ? 'Alerts' : key}>
          {key !== '' && (
            <h2 className="sw-group-head">
              <Folded text={key} />
              <span>{members.length}</span>
            </h2>
          )}
          <ul className="sw-rows">
            {members.map((alert) => (
              <AlertRow
                key={alert.id}
                alert={alert}
                isOpen={alert.id === open}
                isRuleKnown={group === 'rule'}
                onOpen={onOpen}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
