export function SiloPage() {
  return null;
}
