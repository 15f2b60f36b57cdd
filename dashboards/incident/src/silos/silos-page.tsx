export function SilosPage() {
  return null;
}
