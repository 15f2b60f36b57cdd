export function DisclosurePage() {
  return null;
}
