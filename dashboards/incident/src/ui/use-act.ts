import { notifications } from '@mantine/notifications';
import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { asProblem } from '../api/problem';
import { concerns, type Topic } from '../api/topics';

interface Act<V, R> {
  run: (value: V) => Promise<R>;
  /** Said when it succeeded. */
  done?: string | ((result: R, value: V) => string);
  /** What it changes; those queries are asked again at once, whether the live stream is up or not. */
  topics: readonly Topic[];
  /** A form shows its own errors; everything else says them in the corner. */
  showsErrors?: boolean;
  then?: (result: R, value: V) => void;
}

/** A change asked of the service, with its wait, its success and its failure said. */
export function useAct<V = void, R = unknown>(act: Act<V, R>): UseMutationResult<R, unknown, V> {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ predicate: concerns(act.topics) });
  return useMutation<R, unknown, V>({
    mutationFn: act.run,
    onSuccess: async (result, value) => {
      const said = typeof act.done === 'function' ? act.done(result, value) : act.done;
      if (said !== undefined) notifications.show({ message: said, color: 'green', autoClose: 4000 });
      await refresh();
      act.then?.(result, value);
    },
    onError: (error) => {
      const problem = asProblem(error);
      if (problem.status === 409) void refresh();
      if (act.showsErrors === true) return;
      notifications.show({
        title: problem.title,
        message: [problem.detail, ...problem.missing].filter((line) => line !== problem.title).join(' · '),
        color: 'red',
        autoClose: 12_000,
      });
    },
  });
}
