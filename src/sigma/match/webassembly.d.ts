/** What of the WebAssembly JavaScript interface (W3C, 2.0) is used here; TypeScript has it with the browser's names only. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object;
  const Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
  interface Memory {
    /** Another one after each `grow`. */
    readonly buffer: ArrayBuffer;
    /** In pages of 64 KiB. */
    grow(pages: number): number;
  }
}
