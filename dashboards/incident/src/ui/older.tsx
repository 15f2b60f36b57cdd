import { Button } from '@mantine/core';

interface OlderProps {
  query: { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; fetchNextPage(): Promise<unknown> };
}

/** Goes on with a list that is newest first; nothing when all of it is shown. */
export function Older({ query }: OlderProps) {
  if (!query.hasNextPage) return null;
  return (
    <Button variant="subtle" fullWidth loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      Show older ones
    </Button>
  );
}
