/** What `loa accept` was found to do on a running receiver. */
export async function acceptOnSite(): Promise<{ line: string; holds: boolean | null; note: string }> {
  return { line: 'not built yet', holds: null, note: '' };
}
