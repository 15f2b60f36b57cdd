import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** Graphite to paper: the neutral scale both schemes share with tokens.css. */
const dark = [
  '#e8ecf1',
  '#c3ccd6',
  '#9fabb9',
  '#8592a2',
  '#36404e',
  '#28313d',
  '#1a212b',
  '#0d1117',
  '#090c11',
  '#05070a',
] as const;
/** The one accent: a watch-light blue that no severity uses. */
const watch = [
  '#eef3ff',
  '#dce6ff',
  '#b9cdff',
  '#a3bdff',
  '#86a8ff',
  '#5b83f2',
  '#3f68dc',
  '#3157c4',
  '#2747a5',
  '#1f3a86',
] as const;

export const theme = createTheme({
  primaryColor: 'watch',
  primaryShade: { light: 7, dark: 6 },
  colors: { dark: [...dark], watch: [...watch] },
  fontFamily: '"IBM Plex Sans Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"IBM Plex Mono", ui-monospace, monospace',
  headings: {
    fontFamily: '"IBM Plex Sans Variable", system-ui, sans-serif',
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm', autosize: true, minRows: 2 } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    Tooltip: {
      defaultProps: {
        openDelay: 250,
        withArrow: true,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Drawer: {
      defaultProps: {
        position: 'right',
        size: 'lg',
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': 'var(--sw-bg)',
    '--mantine-color-text': 'var(--sw-text)',
    '--mantine-color-dimmed': 'var(--sw-dim)',
    '--mantine-color-placeholder': 'var(--sw-faint)',
    '--mantine-color-default-border': 'var(--sw-line-strong)',
    '--mantine-color-error': 'var(--sw-bad)',
    '--mantine-color-anchor': 'var(--sw-accent)',
  },
  dark: {
    '--mantine-color-body': 'var(--sw-bg)',
    '--mantine-color-text': 'var(--sw-text)',
    '--mantine-color-dimmed': 'var(--sw-dim)',
    '--mantine-color-placeholder': 'var(--sw-faint)',
    '--mantine-color-default': 'var(--sw-raised)',
    '--mantine-color-default-border': 'var(--sw-line-strong)',
    '--mantine-color-error': 'var(--sw-bad)',
    '--mantine-color-anchor': 'var(--sw-accent)',
  },
});
